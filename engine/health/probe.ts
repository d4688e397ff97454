/** One probe of one target, as a Route 53 health checker makes it. */
import { type ClientRequest, request } from "node:http";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, createSecureContext } from "node:tls";
import type { Clock } from "../clock.ts";
import type { Target } from "./target.ts";

/** What a probe found; `passed` is undefined where it says nothing of the target, because this machine could not probe. */
export interface Outcome {
  readonly passed: boolean | undefined;
  /** Why it did not pass. */
  readonly reason: string;
}

/** Probes once, and tells what it found; the returned function gives up instead. */
export type Probe = (target: Target, clock: Clock, done: (outcome: Outcome) => void) => () => void;

/** "A TCP connection with the endpoint within four seconds", "within ten seconds" where that is all, in milliseconds. */
const connectPatience = { HTTP: 4_000, HTTPS: 4_000, TCP: 10_000 } as const;
/** "The endpoint must respond with an HTTP status code of 2xx or 3xx within two seconds after connecting", in milliseconds. */
const answerPatience = 2_000;

/** "HTTPS health checks don't validate SSL/TLS certificates"; TLS 1.0 has only ciphers that OpenSSL takes at level 0. */
const secureContext = createSecureContext({ minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" });

const passed: Outcome = { passed: true, reason: "" };
const failed = (reason: string): Outcome => ({ passed: false, reason });

export const probe: Probe = (target, clock, done) => {
  const socket = connect(target);
  let asked: ClientRequest | undefined;
  const patience = connectPatience[target.type];
  let stopWaiting = clock.after(patience, () => end(failed(`no connection within ${patience / 1000} seconds`)));
  let over = false;
  const leave = () => {
    over = true;
    stopWaiting();
    asked?.destroy();
    socket.destroy();
  };
  const end = (outcome: Outcome) => {
    if (over) return;
    leave();
    done(outcome);
  };
  socket.on("error", (error) => end(outcomeOf(error, target)));
  socket.on("connect", () => {
    if (over) return;
    if (target.type === "TCP") return end(passed);
    stopWaiting();
    const reason = `no answer within ${answerPatience / 1000} seconds after connecting`;
    stopWaiting = clock.after(answerPatience, () => end(failed(reason)));
  });
  if (target.type !== "TCP") asked = ask(target, socket, end);
  return leave;
};

function connect({ type, address, port, host }: Target): Socket {
  if (type !== "HTTPS") return connectTcp({ host: address, port });
  const named = /[a-z]/i.test(host) && !host.startsWith("["); // "the value of FullyQualifiedDomainName in client_hello"
  return connectTls({ host: address, port, secureContext, rejectUnauthorized: false, servername: named ? host : "" });
}

/** Sends the request once the socket is connected. A redirect is an answer, and is not followed; no body is read. */
function ask(target: Target, socket: Socket, end: (outcome: Outcome) => void): ClientRequest {
  const asked = request({
    createConnection: () => socket,
    path: target.path,
    headers: { host: hostHeader(target), "user-agent": "cloudmap-health-check", accept: "*/*" },
    setHost: false,
    insecureHTTPParser: true, // nothing of the answer but its status is used
  });
  asked.on("response", ({ statusCode = 0 }) => end(judgeStatus(statusCode)));
  asked.on("upgrade", ({ statusCode = 0 }) => end(judgeStatus(statusCode)));
  asked.on("error", (error) => end(outcomeOf(error, target)));
  asked.on("close", () => end(failed("the connection was closed without an answer")));
  asked.end();
  return asked;
}

function judgeStatus(status: number): Outcome {
  return status >= 200 && status < 400 ? passed : failed(`the status code is ${status}`);
}

/** "A value of 80 for Port and HTTP …, 443 and HTTPS: passes the name; another value for Port: passes name:port." */
function hostHeader({ type, host, port }: Target): string {
  return port === (type === "HTTP" ? 80 : 443) ? host : `${host}:${port}`;
}

/** What this machine lacks is no finding about the target: files, buffers, free ports to connect from. */
const ours: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EAGAIN", "EADDRNOTAVAIL"]);

function outcomeOf(error: Error, { port }: Target): Outcome {
  const code = "code" in error ? String(error.code) : "";
  const reason = code.startsWith("HPE_") ? "the answer is not HTTP" : error.message;
  return { passed: ours.has(code) && port !== 0 ? undefined : false, reason };
}
