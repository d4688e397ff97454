// `npm run bench`: runs every measurement, or those that are named, and prints one table.
import { parseArgs } from "node:util";
import type { Row } from "./row.ts";
import { table } from "./row.ts";

const measurements: { readonly [name: string]: () => Promise<Row[]> } = {
  auth: async () => (await import("./auth.ts")).bench(),
  client: async () => (await import("./client.ts")).bench(),
  engine: async () => (await import("./engine.ts")).bench(),
  faults: async () => (await import("./faults.ts")).bench(),
  fire: async () => (await import("./fire.ts")).bench(),
  fuzz: async () => (await import("./fuzz.ts")).bench(),
  health: async () => (await import("./health.ts")).bench(),
  kill: async () => (await import("./kill.ts")).bench(),
  "node-faults": async () => (await import("./node-faults.ts")).bench(),
  packets: async () => (await import("./packets.ts")).bench(),
  scale: async () => (await import("./scale.ts")).bench(),
  dns: async () => (await import("./dns.ts")).bench(),
  etcd: async () => (await import("./etcd.ts")).bench(),
  suites: async () => (await import("./suites.ts")).bench(),
  "up-nodes": async () => (await import("./up-nodes.ts")).bench(),
  up: async () => (await import("./up.ts")).bench(),
  watch: async () => (await import("./watch.ts")).bench(),
};

const { values, positionals: wanted } = parseArgs({ allowPositionals: true, options: { rounds: { type: "string" } } });
if (values.rounds !== undefined) process.env.BENCH_ROUNDS = values.rounds; // of kills
const unknown = wanted.filter((name) => !Object.hasOwn(measurements, name));
if (unknown.length > 0) {
  console.error(`There is no measurement ${unknown.join(", ")}; there are ${Object.keys(measurements).join(", ")}.`);
  process.exit(2);
}
const rows: Row[] = [];
for (const [name, bench] of Object.entries(measurements)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`measuring ${name} …`);
  rows.push(...(await bench()));
}
console.log(table(rows));
process.exit(rows.some(({ met }) => met === false) ? 1 : 0);
