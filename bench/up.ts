// Measures whole deployments of a thousand instances: ours against an ordinary dynamic provider and a plugin that do nothing.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { start } from "../tests/engine/running.ts";
import { type Deployer, deployers } from "../tests/up/deployer.ts";
import { type Call, Front } from "../tests/up/front.ts";
import { Stack } from "../tests/up/stack.ts";
import { type Row, table } from "./row.ts";

const count = Number(process.env.BENCH_COUNT ?? 1000);
const counted = Math.min(count, 300);
const services = 20;
const program = join(import.meta.dirname, "programs", "thousand");
const providers = ["ours", "inlined", "plugin"] as const;
type Provider = (typeof providers)[number];
const commands = ["up", "preview", "refresh", "destroy"] as const;
type Command = (typeof commands)[number];

interface Measured {
  readonly seconds: Readonly<Record<Command, number>>;
  /** Of one instance in the state file. */
  readonly bytes: number;
}

async function openStack(
  deployer: Deployer,
  url: string,
  provider: Provider,
  instances: number,
  services = 1,
): Promise<Stack> {
  const stack = await Stack.open(deployer, { "cloudmap:endpoint": url }, program);
  const env = { BENCH_PROVIDER: provider, BENCH_COUNT: String(instances), BENCH_SERVICES: String(services) };
  return Object.assign(stack, { env });
}

async function timed(stack: Stack, command: Command): Promise<number> {
  const started = performance.now();
  const { exitCode, output } = await stack.shown(command);
  if (exitCode !== 0) throw new Error(`${command}: exit code ${exitCode}\n${output.slice(-2000)}`);
  return (performance.now() - started) / 1000;
}

async function measure(deployer: Deployer, provider: Provider): Promise<Measured> {
  await using running = await start({ now: Date.now });
  await using stack = await openStack(deployer, running.url, provider, count);
  const up = await timed(stack, "up");
  const resources = (await stack.resources()).filter(({ type }) => type.endsWith(":Instance"));
  if (resources.length !== count) throw new Error(`${resources.length} instances are in the state, and not ${count}`);
  const bytes = Buffer.byteLength(JSON.stringify(resources)) / count;
  const preview = await timed(stack, "preview");
  const refresh = await timed(stack, "refresh");
  const destroy = await timed(stack, "destroy");
  return { seconds: { up, preview, refresh, destroy }, bytes };
}

interface Requests {
  readonly preview: number;
  /** For each instance that it makes. */
  readonly up: number;
  readonly refresh: readonly Call[];
}

/** Of instances in twenty services. */
async function countRequests(deployer: Deployer): Promise<Requests> {
  await using running = await start({ now: Date.now });
  await using front = new Front(running);
  await front.open();
  await using stack = await openStack(deployer, front.url, "ours", counted, services);
  await timed(stack, "preview");
  const preview = front.take().length;
  await timed(stack, "up");
  const up = front.take().length / counted;
  await timed(stack, "refresh");
  return { preview, up, refresh: front.take() };
}

/** Lists of instances have a hundred on a page: a thousand in twenty services are as many requests as three hundred. */
function refreshRow(refresh: readonly Call[], under: string): Row {
  const ofInstances = refresh.filter(({ operation }) => /Instance|CallerIdentity/.test(operation)).length;
  const tags = refresh.filter(({ operation }) => operation === "ListTagsForResource").length;
  return {
    name: `requests of a refresh for the instances of ${services} services, ${under}`,
    value: `${ofInstances} (${refresh.length} with the services, of which ${tags} for tags)`,
    goal: "<= 40",
    met: ofInstances <= 40,
  };
}

export async function bench(deployer: Deployer | undefined = deployers[0]): Promise<Row[]> {
  if (deployer === undefined) throw new Error("there is nothing to deploy with");
  const requests = await countRequests(deployer);
  const measured = new Map<Provider, Measured>();
  for (const provider of providers) measured.set(provider, await measure(deployer, provider));
  const [ours, inlined, plugin] = providers.map((provider) => measured.get(provider));
  if (ours === undefined || inlined === undefined || plugin === undefined) return [];
  const under = `under ${deployer.name}`;
  return [
    ...commands.map((command) => timeRow(command, under, ours, inlined, plugin)),
    {
      name: `state bytes per instance, ${under}`,
      value: `${Math.round(ours.bytes)} (inlined ${Math.round(inlined.bytes)}, plugin ${Math.round(plugin.bytes)})`,
      goal: "<= 1050",
      met: ours.bytes <= 1050,
    },
    {
      name: `requests per created instance, ${under}`,
      value: requests.up.toFixed(2),
      goal: "<= 2.1",
      met: requests.up <= 2.1,
    },
    {
      name: `requests of a preview, ${under}`,
      value: String(requests.preview),
      goal: "0",
      met: requests.preview === 0,
    },
    refreshRow(requests.refresh, under),
  ];
}

/** The runner keeps its own goal; under the CLI the weight of the state decides, and a plugin is the measure. */
function timeRow(command: Command, under: string, ours: Measured, inlined: Measured, plugin: Measured): Row {
  const seconds = ours.seconds[command];
  const [toInlined, toPlugin] = [inlined, plugin].map((other) => seconds / other.seconds[command]);
  const others = `inlined ${inlined.seconds[command].toFixed(1)} s, plugin ${plugin.seconds[command].toFixed(1)} s`;
  const ratios = `${toInlined?.toFixed(2)} x inlined, ${toPlugin?.toFixed(2)} x plugin`;
  const row = {
    name: `${command} of ${count} instances, ${under}`,
    value: `${seconds.toFixed(1)} s (${others}): ${ratios}`,
  };
  if (command !== "up") return row;
  if (under.includes("runner")) return { ...row, goal: "<= 15 s", met: seconds <= 15 };
  return { ...row, goal: "<= 1.15 x plugin", met: (toPlugin ?? 0) <= 1.15 };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const wanted = process.argv[2] ?? "runner";
  console.log(table(await bench(deployers.find(({ name }) => name.includes(wanted)))));
}
