// Three nodes over three members of etcd, under load and one fault after the other, for hundreds of rounds; and bugs that must be found out.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomOf } from "../tests/engine/trial.ts";
import { bugs, findOut } from "../tests/nodes/bugs.ts";
import { Cluster } from "../tests/nodes/cluster.ts";
import { type Fault, faults, partitions } from "../tests/nodes/faults.ts";
import { written } from "../tests/nodes/model.ts";
import { openNetwork } from "../tests/nodes/network.ts";
import { type Pace, play, quick, type Round } from "../tests/nodes/round.ts";
import type { Row } from "./row.ts";

const rounds = Number(process.env.NODE_FAULT_ROUNDS ?? 200);
const seed = Number(process.env.NODE_FAULT_SEED ?? Math.floor(Math.random() * 1_000_000));
/** Where the histories go, one file a round, for another checker. */
const kept = process.env.NODE_FAULT_HISTORIES;
/** A cluster begins anew after so many rounds, so that young ones are tried too. */
const perCluster = 40;

export async function bench(): Promise<Row[]> {
  return [...(await found()), ...(await endured())];
}

async function found(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-planted-"));
  const planted = join(folder, "planted");
  writeFileSync(planted, "");
  await using cluster = await Cluster.start(2, 1, { planted });
  const rows: Row[] = [];
  for (const bug of bugs) {
    const seen = await findOut(cluster, planted, bug, 100);
    console.error(`${bug}: ${seen?.broken[0] ?? "not seen"}`);
    rows.push({
      name: `planted: ${bug}`,
      value: seen === undefined ? "not seen in 100 rounds" : `seen in round ${seen.round}`,
      goal: "seen",
      met: seen !== undefined,
    });
  }
  rmSync(folder, { recursive: true, force: true });
  return rows;
}

async function endured(): Promise<Row[]> {
  console.error(`seed ${seed}`);
  const random = randomOf(seed);
  const played: Round[] = [];
  await using network = await openNetwork(3);
  if (network === undefined)
    console.error("no network namespaces can be made here: members are not cut off from each other");
  const all = network === undefined ? faults : [...faults, ...partitions];
  while (played.length < rounds) {
    await using cluster = await Cluster.start(3, 3, {}, network?.hosts);
    for (let left = Math.min(perCluster, rounds - played.length); left > 0; left -= 1) {
      const fault = all[played.length % all.length] as Fault; // within, by the remainder
      const round = await play(cluster, fault, random, paceOf(random));
      played.push(round);
      keep(round, played.length);
      console.error(`${played.length} ${told(round)}`);
      if (round.broken.length > 0) break; // what is broken may stay so
    }
  }
  return rowsOf(played);
}

/** Some faults are over at once, others outlast every patience. */
function paceOf(random: () => number): Pace {
  return { ...quick, during: 200 + random() ** 2 * 4_000 };
}

function told({ fault, hit, answers, unknown, broken }: Round): string {
  const counts = `${answers} answers, ${hit} in flight where it struck, ${unknown} of unknown outcome`;
  return `${fault}: ${counts}${broken.map((rule) => `\n  BROKEN ${rule}`).join("")}`;
}

function keep({ workload }: Round, number: number): void {
  if (kept === undefined) return;
  mkdirSync(kept, { recursive: true });
  for (const [key, history] of workload.history.instances) {
    writeFileSync(join(kept, `${number}-${key.replace("/", "-")}.jsonl`), written(history));
  }
}

function rowsOf(played: readonly Round[]): Row[] {
  const sum = (of: (round: Round) => number) => played.reduce((total, round) => total + of(round), 0);
  const hits = played.filter(({ hit }) => hit > 0).length;
  const answers = sum((round) => round.answers);
  const unknown = sum((round) => round.unknown);
  const broken = sum((round) => round.broken.length);
  return [
    {
      name: "faults: linearizable, monotonic, nothing lost, DNS converges",
      value: `${played.length} rounds, ${answers} answers, ${unknown} changes of unknown outcome, ${broken} rules broken`,
      goal: "0 rules broken",
      met: broken === 0,
    },
    {
      name: "faults that struck work in flight",
      value: `${hits} of ${played.length}`,
      goal: "most",
      met: hits * 2 > played.length,
    },
  ];
}
