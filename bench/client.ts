// Measures what a signed request of the provider's client costs of the processor, against fetch and against Node's bare client.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createClient } from "../provider/client.ts";
import { settingsFor } from "../tests/provider/workbench.ts";
import type { Row } from "./row.ts";

const requests = 3000;
const inFlight = 16;
const most = 4;

const input = {
  ServiceId: "srv-abcdefghijklmnop",
  InstanceId: "web-1",
  Attributes: { AWS_INSTANCE_IPV4: "10.0.0.1", AWS_INSTANCE_PORT: "8080" },
  CreatorRequestId: "abcdefghij-abcdefghijkl",
};
const body = JSON.stringify(input);
const headers = { "content-type": "application/x-amz-json-1.1" };

type Ask = () => Promise<unknown>;

function askers(url: string): Readonly<Record<"ours" | "fetch" | "bare", Ask>> {
  const client = createClient(settingsFor(url));
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  return {
    ours: () => client.call("RegisterInstance", input),
    fetch: async () => (await fetch(url, { method: "POST", headers, body })).json(),
    bare: () =>
      new Promise((done, fail) => {
        const sent = request(url, { method: "POST", headers, agent }, (response) => text(response).then(done, fail));
        sent.on("error", fail).end(body);
      }),
  };
}

/** Microseconds of the processor for each request, the second time: the first one warms up. */
async function costOf(ask: Ask): Promise<number> {
  await askAll(ask);
  const before = process.cpuUsage();
  await askAll(ask);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requests;
}

async function askAll(ask: Ask): Promise<void> {
  let asked = 0;
  const one = async () => {
    while (asked++ < requests) await ask();
  };
  await Promise.all(Array.from({ length: inFlight }, one));
}

export async function bench(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-bench-"));
  const answer = join(folder, "answer.json");
  writeFileSync(answer, JSON.stringify({ OperationId: "abcdefghijklmnopqrstuvwxyz012345" }));
  const server = fork(join(import.meta.dirname, "bare.ts"), [answer], { silent: true });
  try {
    const [line] = await once(server.stdout ?? server, "data");
    const { ours, fetch, bare } = askers(String(line).trim());
    const cost = { bare: await costOf(bare), fetch: await costOf(fetch), ours: await costOf(ours) };
    const ratio = cost.ours / cost.bare;
    const absolute = `${Math.round(cost.ours)} us; fetch, not signed, ${(cost.fetch / cost.bare).toFixed(2)} x`;
    const value = `${ratio.toFixed(2)} x Node's bare client (${absolute})`;
    return [{ name: "processor of a signed request", value, goal: `<= ${most} x`, met: ratio <= most }];
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
