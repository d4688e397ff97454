/** A DNS client for tests, over real sockets: dns-packet reads and writes what it sends, so that no code is the engine's. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import packet, { type DecodedPacket, type Packet, type RecordType } from "dns-packet";

export interface Asked {
  readonly transport?: "udp" | "tcp";
  /** The size that EDNS says; without it there is no EDNS. */
  readonly size?: number;
  readonly packet?: Packet;
  /** How long the answer may take, in milliseconds. */
  readonly patience?: number;
}

export type Decoded = DecodedPacket & { readonly rcode: string; readonly bytes: number };

const defaultPatience = 5_000;
let lastId = 0;

/** Sends a question to `host:port` and reads the answer. */
export async function ask(server: string, name: string, type: string, asked: Asked = {}): Promise<Decoded> {
  const { transport = "udp", size, packet: more, patience = defaultPatience } = asked;
  lastId = (lastId + 1) % 65_536;
  const id = lastId;
  const opt = {
    type: "OPT",
    name: ".",
    udpPayloadSize: size ?? 0,
    flags: 0,
    options: [],
    extendedRcode: 0,
    ednsVersion: 0,
  };
  const sent = packet.encode({
    type: "query",
    id,
    questions: [{ name, type: type as RecordType }], // dns-packet takes any type as TYPEn
    ...(size !== undefined && { additionals: [opt as never] }), // its types want fields that it fills in itself
    ...more,
  });
  const answer = decode(await send(server, sent, transport, patience));
  if (answer.id !== id) throw new Error(`an answer to another question: ${answer.id}, not ${id}`);
  return answer;
}

export function decode(answer: Buffer): Decoded {
  const decoded = packet.decode(answer) as DecodedPacket & { rcode: string }; // the types leave out the code
  return { ...decoded, bytes: answer.length };
}

/** Sends octets as they are; the octets that come back. */
export async function send(
  server: string,
  sent: Buffer,
  transport: "udp" | "tcp" = "udp",
  patience = defaultPatience,
): Promise<Buffer> {
  return transport === "udp"
    ? sendUdp(server, sent, patience)
    : ((await sendTcp(server, [sent], 1))[0] ?? Buffer.alloc(0));
}

export function addressOf(server: string): { host: string; port: number } {
  const at = server.lastIndexOf(":");
  return { host: server.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(server.slice(at + 1)) };
}

async function sendUdp(server: string, sent: Buffer, patience: number): Promise<Buffer> {
  const { host, port } = addressOf(server);
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  try {
    socket.send(sent, port, host);
    const [answer] = await once(socket, "message", { signal: AbortSignal.timeout(patience) });
    return answer;
  } finally {
    socket.close();
  }
}

/** Sends all of them on one connection at once, and reads so many answers, in the order in which they come. */
export async function sendTcp(server: string, all: readonly Buffer[], answers: number): Promise<Buffer[]> {
  const socket = connect({ ...addressOf(server), noDelay: true });
  try {
    for (const each of all) socket.write(framed(each));
    const found: Buffer[] = [];
    let rest = Buffer.alloc(0);
    socket.setTimeout(defaultPatience, () => socket.destroy(new Error("no answer over TCP")));
    for await (const chunk of socket) {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const end = 2 + rest.readUInt16BE(0);
        found.push(rest.subarray(2, end));
        rest = rest.subarray(end);
      }
      if (found.length >= answers) break;
    }
    return found;
  } finally {
    socket.destroy();
  }
}

export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
