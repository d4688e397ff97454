// Three nodes over three members of etcd, under load and one fault after the other, for hundreds of rounds; and bugs that must be found out.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomOf } from "../tests/engine/trial.ts";
import { bugs, findOut } from "../tests/nodes/bugs.ts";
import { Cluster } from "../tests/nodes/cluster.ts";
import { Disk } from "../tests/nodes/disk.ts";
import { type Fault, faults, fullDisks, local, partitions } from "../tests/nodes/faults.ts";
import { written } from "../tests/nodes/model.ts";
import { openNetwork } from "../tests/nodes/network.ts";
import { type Pace, play, quick, type Round } from "../tests/nodes/round.ts";
import type { Row } from "./row.ts";

const rounds = Number(process.env.NODE_FAULT_ROUNDS ?? 200);
const seed = Number(process.env.NODE_FAULT_SEED ?? Math.floor(Math.random() * 1_000_000));
/** With which of the faults it begins. */
const first = Number(process.env.NODE_FAULT_FIRST ?? 0);
/** Where the histories go, one file a round, for another checker. */
const kept = process.env.NODE_FAULT_HISTORIES;
/** A cluster begins anew after so many rounds, so that young ones are tried too. */
const perCluster = 40;
/** WALs of 64 MB, one of them made in advance, and the data. */
const memberDisk = 192;
/** Of a node with the embedded store, in megabytes too. */
const nodeDisk = 8;

export async function bench(): Promise<Row[]> {
  console.error(`seed ${seed}`);
  return [...(await found()), ...(await endured()), ...(await enduredLocally())];
}

async function found(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-planted-"));
  const planted = join(folder, "planted");
  writeFileSync(planted, "");
  await using cluster = await Cluster.start(2, 1, { planted });
  const rows: Row[] = [];
  for (const bug of process.env.NODE_FAULT_FIRST === undefined ? bugs : []) {
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
  await using network = await openNetwork(3);
  if (network === undefined)
    console.error("no network namespaces can be made here: members are not cut off from each other");
  using disks = openDisks(3, memberDisk);
  if (disks.all.length === 0) console.error("no disks can be mounted here: none is full");
  const all = [...faults, ...(network ? partitions : []), ...(disks.all.length > 0 ? fullDisks : [])];
  const start = () => Cluster.start(3, 3, {}, { hosts: network?.hosts ?? [], disks: disks.all });
  return rowsOf("three nodes over etcd", await playAll(all, rounds, start));
}

/** One node with the embedded store: for a tenth of the rounds, since less can befall it. */
async function enduredLocally(): Promise<Row[]> {
  using disks = openDisks(1, nodeDisk);
  const [disk] = disks.all;
  if (disk === undefined) console.error("no disk can be mounted here: that of a node with SQLite is not full");
  const all = local.filter(({ needsDisk }) => disk !== undefined || needsDisk === undefined);
  const played = await playAll(all, Math.ceil(rounds / 10), () => Cluster.embedded({}, disk));
  return rowsOf("one node with SQLite", played);
}

function openDisks(count: number, megabytes: number): Disposable & { readonly all: readonly Disk[] } {
  const all = Array.from({ length: count }, () => Disk.open(megabytes)).filter((disk) => disk !== undefined);
  return {
    all,
    [Symbol.dispose]: () => {
      for (const disk of all) disk[Symbol.dispose]();
    },
  };
}

/** Each of the faults in its turn, until there are so many rounds. */
async function playAll(all: readonly Fault[], count: number, start: () => Promise<Cluster>): Promise<Round[]> {
  const random = randomOf(seed);
  const played: Round[] = [];
  while (played.length < count) {
    await using cluster = await start();
    for (let left = Math.min(perCluster, count - played.length); left > 0; left -= 1) {
      const fault = all[(first + played.length) % all.length] as Fault; // within, by the remainder
      const round = await play(cluster, fault, random, paceOf(random));
      played.push(round);
      keep(round, played.length);
      console.error(`${played.length} ${told(round)}`);
      if (round.broken.length > 0) break; // what is broken may stay so
    }
  }
  return played;
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

function rowsOf(what: string, played: readonly Round[]): Row[] {
  const sum = (of: (round: Round) => number) => played.reduce((total, round) => total + of(round), 0);
  const hits = played.filter(({ hit }) => hit > 0).length;
  const answers = sum((round) => round.answers);
  const unknown = sum((round) => round.unknown);
  const broken = sum((round) => round.broken.length);
  return [
    {
      name: `${what}: linearizable, monotonic, nothing lost, DNS converges`,
      value: `${played.length} rounds, ${answers} answers, ${unknown} changes of unknown outcome, ${broken} rules broken`,
      goal: "0 rules broken",
      met: broken === 0,
    },
    {
      name: `${what}: faults that struck work in flight`,
      value: `${hits} of ${played.length}`,
      goal: "most",
      met: hits * 2 > played.length,
    },
  ];
}
