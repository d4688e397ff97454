/** Packets that no client would send, and what must be true of whatever comes back. */

import packet from "dns-packet";
import { type Pure, pure, zoneWith } from "./pure.ts";

type Random = () => number;

/** How far a packet got, as its reply tells. */
export type Stage =
  | "silence"
  | "FORMERR"
  | "NOTIMP"
  | "BADVERS"
  | "REFUSED"
  | "NXDOMAIN"
  | "no data"
  | "cut"
  | "answer"
  | "other";

const zone = ["demo", "internal"];
const labels = [
  "web",
  "both",
  "_http",
  "_tcp",
  "one",
  "two",
  "none",
  "WEB",
  "",
  "x".repeat(63),
  "\u0000",
  "a.b",
  "localhost",
];
const types = [1, 2, 5, 6, 12, 15, 16, 28, 33, 41, 43, 64, 65, 249, 250, 251, 252, 253, 254, 255, 1000, 65_535];

function below(random: Random, end: number): number {
  return Math.floor(random() * end);
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[below(random, from.length)] as T; // never empty
}

function octets(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => below(random, 256)));
}

function uint16(value: number): Buffer {
  return Buffer.from([(value >>> 8) & 255, value & 255]);
}

/** A name near those that exist, or far from them. */
function nameOf(random: Random): Buffer {
  const own = Array.from({ length: below(random, 4) }, () => pick(random, labels));
  const all = random() < 0.8 ? [...own, ...zone] : own;
  const parts = all.map((label) =>
    Buffer.concat([Buffer.from([random() < 0.02 ? below(random, 256) : label.length]), Buffer.from(label, "latin1")]),
  );
  return Buffer.concat([...parts, Buffer.from(random() < 0.03 ? [0xc0, below(random, 256)] : [0])]);
}

function optOf(random: Random): Buffer {
  const options = Array.from({ length: below(random, 3) }, () => {
    const value = octets(random, pick(random, [0, 1, 7, 8, 16, 24, 40, 41]));
    const length = random() < 0.1 ? below(random, 65_536) : value.length;
    return Buffer.concat([uint16(pick(random, [3, 8, 10, 11, 12, 15, 65_001])), uint16(length), value]);
  });
  const data = Buffer.concat(options);
  const version = random() < 0.1 ? below(random, 256) : 0;
  return Buffer.concat([
    Buffer.from([0, 0, 41]),
    uint16(pick(random, [0, 512, 1232, 4096, 65_535])),
    Buffer.from([below(random, 2), version]),
    uint16(below(random, 65_536)),
    uint16(data.length),
    data,
  ]);
}

/** A query that could be one. */
function queryOf(random: Random): Buffer {
  const questions = random() < 0.95 ? 1 : below(random, 4);
  const records =
    random() < 0.5 ? [] : Array.from({ length: random() < 0.9 ? 1 : below(random, 4) }, () => optOf(random));
  const flags = random() < 0.9 ? 0x0100 : below(random, 65_536);
  const header = [below(random, 65_536), flags, questions, 0, 0, records.length].map(uint16);
  const asked = Array.from({ length: questions }, () =>
    Buffer.concat([nameOf(random), uint16(pick(random, types)), uint16(random() < 0.95 ? 1 : below(random, 65_536))]),
  );
  return Buffer.concat([...header, ...asked, ...records]);
}

/** The packet with octets changed, cut off, put in or doubled. */
function mutated(random: Random, sent: Buffer): Buffer {
  const changed = Buffer.from(sent);
  for (let count = 1 + below(random, 4); count > 0; count -= 1)
    changed[below(random, changed.length)] = below(random, 256);
  const at = below(random, changed.length + 1);
  if (random() < 0.2) return changed.subarray(0, at);
  if (random() < 0.2)
    return Buffer.concat([changed.subarray(0, at), octets(random, below(random, 50)), changed.subarray(at)]);
  return random() < 0.05 ? Buffer.concat([changed, changed]) : changed;
}

export function packetOf(random: Random): Buffer {
  const kind = random();
  if (kind < 0.1) return octets(random, below(random, 600));
  if (kind < 0.55) return queryOf(random);
  return mutated(random, queryOf(random));
}

/** What is wrong with a reply; undefined where nothing is. */
export function judge(sent: Buffer, reply: Buffer): string | undefined {
  if (reply.length > 1232) return `a reply of ${reply.length} octets`;
  if (reply.length < 12 || reply.readUInt16BE(0) !== sent.readUInt16BE(0)) return "a reply to something else";
  if ((sent[2] ?? 0) >= 0x80) return "a reply to a reply";
  if ((reply[2] ?? 0) < 0x80) return "a reply that is a query";
  if (((reply[2] ?? 0) & 0x78) !== ((sent[2] ?? 0) & 0x78)) return "a reply with another opcode";
  try {
    const decoded = packet.decode(reply);
    const length = packet.decode.bytes;
    if (length !== reply.length) return `${reply.length - length} octets after the reply`;
    const count = (decoded.questions?.length ?? 0) > 1 ? "several questions" : undefined;
    return count && `a reply with ${count}`;
  } catch (error) {
    return `a reply that cannot be read: ${error}`;
  }
}

export function stageOf(reply: Buffer | undefined): Stage {
  if (reply === undefined) return "silence";
  const code = (reply[3] ?? 0) & 15;
  if (code === 0 && reply.readUInt16BE(6) > 0) return "answer";
  if (((reply[2] ?? 0) & 2) !== 0) return "cut";
  if (code === 0) return isBadVersion(reply) ? "BADVERS" : "no data";
  return ({ 1: "FORMERR", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED" } as const)[code] ?? "other";
}

/** The code's upper part is in the OPT record: 1 in the octet before its version. */
function isBadVersion(reply: Buffer): boolean {
  try {
    const opt = packet.decode(reply).additionals?.find(({ type }) => type === "OPT");
    return opt?.type === "OPT" && opt.extendedRcode === 1;
  } catch {
    return false; // `judge` tells
  }
}

export interface Found {
  readonly stages: Map<Stage, number>;
  readonly broken: Set<string>;
}

/** How many packets got how far. */
export function show({ stages }: Found): string {
  return [...stages]
    .sort((a, b) => b[1] - a[1])
    .map(([stage, number]) => `${stage} ${number}`)
    .join(", ");
}

/** Answers packets without sockets. */
export function throwAt({ respond, failures }: Pure, number: number, random: () => number): Found {
  const found: Found = { stages: new Map(), broken: new Set() };
  for (let index = 0; index < number; index += 1) {
    const sent = packetOf(random);
    const reply = respond(sent, "127.0.0.1");
    const stage = stageOf(reply);
    found.stages.set(stage, (found.stages.get(stage) ?? 0) + 1);
    const wrong = reply && judge(sent, reply);
    if (wrong) found.broken.add(`${wrong} to ${sent.toString("hex")}`);
  }
  for (const failure of failures) found.broken.add(String(failure));
  return found;
}

/** Two zones with something of each kind in them. */
export function registry(): Pure {
  const all = pure();
  all.apply(
    ...zoneWith("ns-a", "demo.internal", "192.0.2.1"),
    ...zoneWith("ns-b", "both.demo.internal", "192.0.2.1", { web: "_http._tcp" }),
  );
  return all;
}
