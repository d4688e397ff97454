// Measures whole deployments of a thousand instances: ours on both hosts, against an ordinary dynamic provider and a plugin that do nothing.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Call, Front } from "../tests/engine/front.ts";
import { start } from "../tests/engine/running.ts";
import { type Deployer, deployers } from "../tests/up/deployer.ts";
import { Stack } from "../tests/up/stack.ts";
import { type Row, table } from "./row.ts";

const count = Number(process.env.BENCH_COUNT ?? 1000);
const counted = Math.min(count, 300);
const services = 20;
const program = join(import.meta.dirname, "programs", "thousand");
/** Ours, on the dynamic host and on the plugin; and the two that do nothing. */
const providers = ["ours", "hosted", "inlined", "plugin"] as const;
type Provider = (typeof providers)[number];
const commands = ["up", "preview", "refresh", "destroy"] as const;
type Command = (typeof commands)[number];

/** By the clock, and what the deployer and all that it started had of the processors, where the system tells that. */
interface Took {
  readonly seconds: number;
  readonly work: number | undefined;
}

interface Measured {
  readonly took: Readonly<Record<Command, Took>>;
  /** Of one instance in the state file. */
  readonly bytes: number;
}

async function openStack(deployer: Deployer, url: string, environment: Record<string, string>): Promise<Stack> {
  const stack = await Stack.open(deployer, { "cloudmap:endpoint": url }, program);
  return Object.assign(stack, { env: environment });
}

async function timed(stack: Stack, command: Command): Promise<Took> {
  const [started, worked] = [performance.now(), workOfChildren()];
  const { exitCode, output } = await stack.shown(command);
  if (exitCode !== 0) throw new Error(`${command}: exit code ${exitCode}\n${output.slice(-2000)}`);
  const work = worked === undefined ? undefined : (workOfChildren() ?? 0) - worked;
  return { seconds: (performance.now() - started) / 1000, work };
}

/** proc(5): fields 16 and 17 of /proc/self/stat, in hundredths of a second. */
function workOfChildren(): number | undefined {
  if (process.platform !== "linux") return undefined;
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

async function measure(deployer: Deployer, provider: Provider): Promise<Measured> {
  await using running = await start({ now: Date.now });
  const environment = { BENCH_PROVIDER: provider, BENCH_COUNT: String(count) };
  await using stack = await openStack(deployer, running.url, environment);
  const up = await timed(stack, "up");
  const resources = (await stack.resources()).filter(({ type }) => type.endsWith(":Instance"));
  if (resources.length !== count) throw new Error(`${resources.length} instances are in the state, and not ${count}`);
  const bytes = Buffer.byteLength(JSON.stringify(resources)) / count;
  const preview = await timed(stack, "preview");
  const refresh = await timed(stack, "refresh");
  const destroy = await timed(stack, "destroy");
  return { took: { up, preview, refresh, destroy }, bytes };
}

/** What else a machine does only adds to what a command takes: the lesser of two is nearer to the command's own. */
function better(one: Measured, other: Measured): Measured {
  const lesser = (command: Command) => {
    const [first, second] = [one.took[command], other.took[command]];
    return [command, first.seconds <= second.seconds ? first : second] as const;
  };
  // Each command has its entry.
  return { ...one, took: Object.fromEntries(commands.map(lesser)) as Record<Command, Took> };
}

interface Requests {
  readonly preview: number;
  /** For each instance that is made. */
  readonly up: number;
  readonly refresh: readonly Call[];
}

/** What is asked for by a preview, by an up, and by a refresh of instances in twenty services. */
async function countRequests(deployer: Deployer, provider: Provider, asAws = false): Promise<Requests> {
  await using running = await start({ now: Date.now });
  await using front = new Front(running);
  await front.open();
  front.asAws = asAws;
  const environment = { BENCH_PROVIDER: provider, BENCH_COUNT: String(counted) };
  await using one = await openStack(deployer, front.url, environment);
  await timed(one, "preview");
  const preview = front.take().length;
  await timed(one, "up");
  const up = front.take().length / counted;
  await timed(one, "destroy");
  const many = { ...environment, BENCH_COUNT: String(count), BENCH_SERVICES: String(services) };
  await using stack = await openStack(deployer, front.url, many);
  await timed(stack, "up");
  front.take();
  await timed(stack, "refresh");
  return { preview, up, refresh: front.take() };
}

export async function bench(deployer: Deployer | undefined = deployers[0]): Promise<Row[]> {
  if (deployer === undefined) throw new Error("there is nothing to deploy with");
  const under = `under ${deployer.name}`;
  const measured = new Map<Provider, Measured>();
  for (const provider of [...providers, ...providers.toReversed()]) {
    const once = await measure(deployer, provider);
    console.error(
      `${provider}, ${under}: ${commands.map((it) => `${it} ${once.took[it].seconds.toFixed(1)} s`).join(", ")}`,
    );
    measured.set(provider, better(measured.get(provider) ?? once, once));
  }
  const [ours, hosted, inlined, plugin] = providers.map((provider) => measured.get(provider));
  if (ours === undefined || hosted === undefined || inlined === undefined || plugin === undefined) return [];
  const rows = commands.flatMap((command) => [
    timeRow(command, `on the dynamic host, ${under}`, ours, inlined, plugin),
    timeRow(command, `on the plugin, ${under}`, hosted, inlined, plugin),
  ]);
  const requests = [
    ...requestRows(`on the dynamic host, ${under}`, await countRequests(deployer, "ours")),
    ...requestRows(`on the plugin, ${under}`, await countRequests(deployer, "hosted")),
    ...requestRows(`of AWS, ${under}`, await countRequests(deployer, "ours", true)),
  ];
  return [...rows, ...requests, bytesRow(under, ours, hosted, inlined, plugin)];
}

const most = 1.15;

/** A plugin that does nothing, started as the CLI starts every one, is what Pulumi itself costs. */
function timeRow(command: Command, on: string, ours: Measured, inlined: Measured, plugin: Measured): Row {
  const ratio = (of: Measured, to: Measured, what: "seconds" | "work") =>
    (of.took[command][what] ?? 0) / (to.took[command][what] || 1);
  const clock = ratio(ours, plugin, "seconds");
  const others = `${ours.took[command].seconds.toFixed(1)} s; inlined ${ratio(inlined, plugin, "seconds").toFixed(2)} x`;
  const work = ours.took[command].work === undefined ? "" : `; ${ratio(ours, plugin, "work").toFixed(2)} x its work`;
  return {
    name: `${command} of ${count} instances, ${on}`,
    value: `${clock.toFixed(2)} x a plugin that does nothing (${others}${work})`,
    goal: `<= ${most} x`,
    met: clock <= most,
  };
}

function requestRows(on: string, { preview, up, refresh }: Requests): Row[] {
  const counts = new Map<string, number>();
  for (const { operation } of refresh) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  const ofInstances = refresh.filter(({ operation }) => /Instance|CallerIdentity/.test(operation)).length;
  const each = [...counts].map(([operation, count]) => `${operation} ${count}`).join(", ");
  const of = `of a refresh for ${count} instances in ${services} services, ${on}`;
  return [
    { name: `requests per created instance, ${on}`, value: up.toFixed(2), goal: "<= 2.1", met: up <= 2.1 },
    { name: `requests of a preview, ${on}`, value: String(preview), goal: "0", met: preview === 0 },
    { name: `requests for instances ${of}`, value: String(ofInstances), goal: "<= 40", met: ofInstances <= 40 },
    {
      name: `requests ${of}`,
      value: `${refresh.length} (${each})`,
      goal: "<= 40",
      met: refresh.length <= 40,
    },
  ];
}

/** With the type on the other host, by which a stack moves there. */
function bytesRow(under: string, ours: Measured, hosted: Measured, inlined: Measured, plugin: Measured): Row {
  const others = [hosted, inlined, plugin].map(({ bytes }) => Math.round(bytes));
  return {
    name: `state bytes per instance, ${under}`,
    value: `${Math.round(ours.bytes)} (on the plugin ${others[0]}, inlined ${others[1]}, a plugin that does nothing ${others[2]})`,
    goal: "<= 1050",
    met: ours.bytes <= 1050,
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const wanted = process.argv[2] ?? "runner";
  console.log(table(await bench(deployers.find(({ name }) => name.includes(wanted)))));
}
