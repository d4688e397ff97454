// PACKETS random and mutated packets (1,000,000) over UDP to the DNS of a real process: what came back, and what is left of it.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { addressOf, ask } from "../tests/dns/ask.ts";
import { type Found, judge, packetOf, show, stageOf } from "../tests/dns/fuzz.ts";
import { startVictim, type Victim } from "../tests/engine/http/fuzz/victim.ts";
import { call, makeService, namespaceOf, register } from "../tests/engine/running.ts";
import { randomOf } from "../tests/engine/trial.ts";
import type { Row } from "./row.ts";

/** Packets between two questions that must be answered. */
const burst = 200;
/** Milliseconds for a reply. */
const patience = 20_000;
const headerSize = 12;

export async function bench(): Promise<Row[]> {
  const packets = Number(process.env.PACKETS ?? 1_000_000);
  const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 1e6));
  await using victim = await startVictim("dns");
  await fill(victim);
  const started = performance.now();
  const found = await throwOver(victim, packets, randomOf(seed));
  const seconds = (performance.now() - started) / 1000;
  console.log(show(found));
  const memory = victim.memory();
  const wrong = [...found.broken, ...victim.errors(), ...(await remains(victim))];
  for (const each of wrong.slice(0, 10)) console.error(each);
  const replied = [...found.stages.values()].reduce((sum, count) => sum + count, 0);
  return [
    {
      name: `${packets} odd packets to DNS over UDP, FUZZ_SEED=${seed}`,
      value: `${wrong.length} went wrong, ${replied} replies, in ${seconds.toFixed(0)} s`,
      goal: "0",
      met: wrong.length === 0,
    },
    {
      name: "memory of the engine after them",
      value: `${memory.toFixed(0)} MB, ${found.half.toFixed(0)} MB after half of them`,
      goal: "<= 1.25 x half-way",
      met: memory <= 1.25 * found.half,
    },
  ];
}

async function fill(victim: Victim): Promise<void> {
  const made = await call(victim, "CreatePrivateDnsNamespace", { Name: "demo.internal", Vpc: "vpc-1" });
  const namespace = await namespaceOf(victim, made);
  for (const [name, Type] of [
    ["web", "A"],
    ["both", "AAAA"],
    ["_http._tcp", "SRV"],
  ] as const) {
    const service = await makeService(victim, namespace, name, { DnsConfig: { DnsRecords: [{ Type, TTL: 60 }] } });
    for (const id of ["one", "two"]) await register(victim, service, id, attributes);
  }
}

const attributes = { AWS_INSTANCE_IPV4: "10.0.0.1", AWS_INSTANCE_IPV6: "fd00::1", AWS_INSTANCE_PORT: "80" };

/** In bursts, with an id of its own for each packet; a burst ends when every query in it is answered (RFC 8906 3.1.5). */
async function throwOver(victim: Victim, packets: number, random: () => number): Promise<Found & { half: number }> {
  const found = { stages: new Map(), broken: new Set<string>(), half: 0 };
  const waiting = new Map<number, Buffer>();
  const { host, port } = addressOf(victim.dns);
  const socket = createSocket({ type: "udp4", recvBufferSize: 4 * 1024 * 1024 }).bind(0, "127.0.0.1");
  await once(socket, "listening");
  socket.on("message", (reply) => {
    const id = reply.length < 2 ? -1 : reply.readUInt16BE(0);
    const asked = waiting.get(id);
    const wrong = asked === undefined ? "a reply that nobody waits for" : judge(asked, reply);
    if (wrong) found.broken.add(`${wrong} to ${asked?.toString("hex")}`);
    waiting.delete(id);
    const stage = stageOf(reply);
    found.stages.set(stage, (found.stages.get(stage) ?? 0) + 1);
  });
  for (let number = 0; number < packets; number += burst) {
    for (let id = 0; id < burst; id += 1) {
      const packet = packetOf(random);
      if (packet.length >= 2) packet.writeUInt16BE(id, 0);
      if (packet.length >= headerSize && (packet[2] ?? 0) < 0x80) waiting.set(id, packet);
      socket.send(packet, port, host);
    }
    await answers(victim, found.broken);
    const deadline = performance.now() + patience;
    while (waiting.size > 0 && performance.now() < deadline) await setImmediate();
    for (const packet of waiting.values()) found.broken.add(`no reply to ${packet.toString("hex")}`);
    waiting.clear();
    if (number <= packets / 2) found.half = victim.memory();
  }
  socket.close();
  return found;
}

/** Over TCP, after what was sent before: it may wait behind that, and is answered. */
async function answers({ dns }: Victim, broken: Set<string>): Promise<void> {
  const question = ask(dns, "web.demo.internal", "A", { transport: "tcp", patience });
  const { answers = [] } = await question.catch((error) => ({ answers: [`${error}`] }));
  if (answers.length !== 1 || typeof answers[0] === "string") broken.add(`a question answered with ${answers}`);
}

/** What is wrong with the engine afterwards. */
async function remains(victim: Victim): Promise<string[]> {
  if (!victim.isAlive()) return ["the engine has ended"];
  const metrics = await (await fetch(`${victim.url}/metrics`)).text();
  const counted = (name: string) => Number(new RegExp(`^${name} (\\d+)`, "m").exec(metrics)?.[1]);
  const found: string[] = [];
  for (const name of ["cloudmap_dns_failed_total", "cloudmap_dns_thread_restarts_total"]) {
    if (counted(name) !== 0) found.push(`${name} ${counted(name)}`);
  }
  const { answers } = await ask(victim.dns, "one._http._tcp.demo.internal", "AAAA");
  if (answers?.length !== 1) found.push("the name of an instance is not answered any more");
  return found;
}
