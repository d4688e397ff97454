// A client that asks as fast as it can, or at a rate, over many connections, one request at a time on each: a process of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { fileURLToPath, pathToFileURL } from "node:url";

export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly operation: string;
  /** The bodies, in turn; `%c` is the connection's number, `%n` that of the request on it. */
  readonly bodies: readonly string[];
  /** Headers in place of the usual ones, such as those of a signed request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The rate, where it is not as fast as it goes. */
  readonly perSecond?: number;
}

export interface Measured {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
}

/** Puts a server under load from another process, by a command before it where one is given. */
export async function measure(load: Load, prefix: readonly string[] = []): Promise<Measured> {
  const [command = "", ...args] = [...prefix, process.execPath, fileURLToPath(import.meta.url)];
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(load)); // a thousand bodies are too long for an argument
  const output = (await child.stdout.toArray()).join("");
  if (child.exitCode === null) await once(child, "exit");
  if (child.exitCode !== 0) throw new Error(`the load on ${load.url} ended with ${child.exitCode}`);
  return JSON.parse(output);
}

function requestOf(load: Load, host: string, connection: number, number: number): string {
  const template = load.bodies[(connection + number) % load.bodies.length] ?? "";
  const body = template.replaceAll("%c", String(connection)).replaceAll("%n", String(number));
  const headers = load.headers ?? {
    Host: host,
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": `Route53AutoNaming_v20170314.${load.operation}`,
  };
  let head = "POST / HTTP/1.1\r\n";
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  return `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

async function run(load: Load): Promise<Measured> {
  const { hostname, port, host } = new URL(load.url);
  const times: number[] = [];
  const until = performance.now() + load.seconds * 1000;
  let due = performance.now();
  /** Milliseconds until the next request may be sent. */
  const turn = () => {
    due += 1000 / (load.perSecond ?? Number.POSITIVE_INFINITY);
    return due - performance.now();
  };
  const ask = (socket: Socket, connection: number): Promise<void> =>
    new Promise((resolve, reject) => {
      let [number, sent, missing, head] = [0, 0, 0, ""];
      const next = () => {
        const pause = turn();
        if (pause < 1) send();
        else setTimeout(send, pause);
      };
      const send = () => {
        sent = performance.now();
        if (sent >= until) return resolve();
        socket.write(requestOf(load, host, connection, number++), "latin1");
      };
      socket.on("error", reject);
      socket.on("data", (chunk) => {
        if (missing === 0) {
          head += chunk.toString("latin1");
          const end = head.indexOf("\r\n\r\n");
          if (end < 0) return;
          if (!head.startsWith("HTTP/1.1 200")) return reject(new Error(head));
          missing = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]) - (head.length - end - 4);
          head = "";
        } else missing -= chunk.length;
        if (missing > 0) return;
        times.push(performance.now() - sent);
        next();
      });
      next();
    });
  const sockets = await Promise.all(
    Array.from({ length: load.connections }, async () => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      await once(socket, "connect");
      return socket;
    }),
  );
  const started = performance.now();
  await Promise.all(sockets.map(ask));
  const seconds = (performance.now() - started) / 1000;
  for (const socket of sockets) socket.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  return { perSecond: times.length / seconds, median: at(0.5), p99: at(0.99), longest: times.at(-1) ?? 0 };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(JSON.stringify(await run(JSON.parse(readFileSync(0, "utf8")))));
}
