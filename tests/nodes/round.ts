/** One round: clients at work, a fault that comes and goes, and then what must be true. */

import { ask as askDns } from "../dns/ask.ts";
import { brokenRules } from "../engine/rules.ts";
import { call } from "../engine/running.ts";
import { until } from "../local/until.ts";
import type { Cluster } from "./cluster.ts";
import type { Fault } from "./faults.ts";
import type { Node } from "./node.ts";
import { Workload } from "./workload.ts";

export interface Round {
  readonly fault: string;
  /** Requests that were under way where the fault struck. */
  readonly hit: number;
  readonly answers: number;
  /** Changes of which nobody knows what came of them. */
  readonly unknown: number;
  /** What was not as it must be. */
  readonly broken: readonly string[];
  readonly workload: Workload;
}

export interface Pace {
  /** Milliseconds before the fault, of it, and after it. */
  readonly before: number;
  readonly during: number;
  readonly after: number;
  /** At most so long does a client wait before it asks again. */
  readonly rest: number;
}

export const quick: Pace = { before: 300, during: 1_200, after: 500, rest: 8 };

let rounds = 0;

export async function play(cluster: Cluster, fault: Fault, random: () => number, pace = quick): Promise<Round> {
  rounds += 1;
  const before = await rulesOf(cluster);
  const workload = new Workload(cluster.nodes, `r${rounds}.test`, random, pace.rest);
  await workload.prepare();
  workload.start();
  const rest = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
  await rest(pace.before);
  let hit = 0;
  const strike = (node?: Node) => {
    hit += workload.inFlight(node);
  };
  const end = await fault.begin({ cluster, random, strike });
  await rest(pace.during);
  await end();
  await rest(pace.after);
  await workload.stop();
  const sick = await cluster.ready().catch((error: Error) => error.message);
  const late = sick === undefined ? await settle(cluster, workload) : [sick];
  const after = sick === undefined ? await rulesOf(cluster) : []; // what is not well cannot be asked
  const rules = after.filter((rule) => !before.includes(rule));
  const broken = [...late, ...workload.history.verdict(), ...rules];
  const all = [...workload.history.instances.values(), workload.history.namespace].flat();
  const unknown = all.filter(({ returned }) => returned === undefined).length;
  return { fault: fault.name, hit, answers: workload.history.answers, unknown, broken, workload };
}

async function rulesOf(cluster: Cluster): Promise<string[]> {
  const stored = await cluster.stored();
  return stored === undefined ? [] : brokenRules(stored);
}

/** Reads everything on every node, and waits until DNS says the same; answers what does not come. */
async function settle(cluster: Cluster, workload: Workload): Promise<string[]> {
  for (const node of cluster.nodes) await workload.readAll(node);
  const [first] = cluster.nodes;
  if (first === undefined) return [];
  const broken: string[] = [];
  for (const { id: ServiceId, name } of workload.services) {
    const addresses = await addressesOf(first, ServiceId);
    for (const node of cluster.nodes) {
      const asked = `${name}.${workload.namespace}`;
      const agrees = async () => (await resolved(node, asked)) === addresses;
      await until(`${asked} is ${addresses || "nothing"} on ${node.name}`, agrees).catch((error: Error) =>
        broken.push(`DNS: ${error.message}`),
      );
    }
  }
  for (const OperationId of workload.operations.slice(-50)) {
    const node = cluster.nodes[broken.length % cluster.nodes.length] ?? first;
    const done = await call(node, "GetOperation", { OperationId }).catch((error: Error) => error);
    if (done instanceof Error) broken.push(`an acknowledged operation is lost: ${done.message}`);
    else if (done.Operation?.Status !== "SUCCESS")
      broken.push(`an acknowledged operation is ${done.Operation?.Status}`);
  }
  return broken;
}

async function addressesOf(node: Node, ServiceId: string): Promise<string> {
  try {
    const { Instances = [] } = await call(node, "ListInstances", { ServiceId });
    return sorted(Instances.map(({ Attributes = {} }) => Attributes.AWS_INSTANCE_IPV4 ?? ""));
  } catch (error) {
    if (String(error).includes("ServiceNotFound")) return "";
    throw error;
  }
}

/** What DNS answers; a server that does not is not one that answers with nothing. */
async function resolved(node: Node, name: string): Promise<string> {
  const answered = await askDns(node.dns, name, "A", { patience: 1_000 }).catch((error: Error) => error);
  if (answered instanceof Error) return String(answered);
  return sorted((answered.answers ?? []).map((answer) => (answer.type === "A" ? answer.data : answer.type)));
}

function sorted(addresses: readonly string[]): string {
  return addresses.toSorted().join(" ");
}
