// `npm run quickstart`: starts the engine, deploys examples/quickstart, shows what is discovered and what to try next.
import { instanceTable } from "../bin/discover.ts";
import { clientSettings } from "../local/clients.ts";
import { findOrStartEngine, type LocalEngine } from "../local/engine.ts";
import { askHealth } from "../local/health.ts";
import { type Home, openHome } from "../local/home.ts";
import { createClient } from "../provider/client.ts";
import { readSettings } from "../provider/config.ts";
import { dig, type Question, resolved } from "./quickstart-dns.ts";
import { openStack, type Stack } from "./quickstart-stack.ts";

const usage = `npm run quickstart                  deploy examples/quickstart and show what is discovered
npm run quickstart -- --destroy     take it down again
npm run quickstart -- COMMAND …     run a pulumi command on its stack: preview, refresh, stack output …`;

function heading(text: string): void {
  const bold = process.stdout.isTTY ? ["\u001b[1m", "\u001b[0m"] : ["", ""];
  console.log(`\n${bold[0]}${text}${bold[1]}`);
}

async function revisionOf(engine: LocalEngine): Promise<number | undefined> {
  const health = await askHealth(engine.endpoint);
  return typeof health === "object" ? health.revision : undefined;
}

async function up(stack: Stack, engine: LocalEngine, home: Home): Promise<void> {
  heading(`2 of 3  pulumi up, with ${stack.tool}`);
  const before = await revisionOf(engine);
  await stack.run(["up", "--yes", "--skip-preview"]);
  if ((await revisionOf(engine)) === before) console.log("\nNothing was changed: all of it was there already.");
  const { namespace = "", service = "" } = await stack.outputs();
  heading(`3 of 3  What is discovered as ${service} in ${namespace}`);
  console.log(await discovered(engine, namespace, service));
  const question = questionOf(engine, namespace, service);
  if (question !== undefined) console.log(`\n$ ${dig(question)} +short\n${await resolved(question)}`);
  heading("Next");
  console.log(nextSteps(namespace, service, stack, engine, home));
}

/** What to ask DNS; undefined where the engine was told to answer none. */
function questionOf({ dns = [] }: LocalEngine, namespace: string, service: string): Question | undefined {
  const [server] = dns;
  return server === undefined ? undefined : { server, name: `${service}.${namespace}` };
}

/** The instances as a table, with the canary pointed out. */
async function discovered(engine: LocalEngine, namespace: string, service: string): Promise<string> {
  const { call } = createClient(
    await readSettings(
      () => undefined,
      {},
      async () => engine,
    ),
  );
  const asked = { NamespaceName: namespace, ServiceName: service, HealthStatus: "ALL" } as const;
  const { Instances = [] } = await call("DiscoverInstances", asked);
  const canaries = Instances.filter(({ Attributes }) => Attributes?.track === "canary").map(
    ({ InstanceId }) => InstanceId,
  );
  const lines = instanceTable(Instances).split("\n");
  return lines.map((line) => (canaries.includes(line.split(" ")[0]) ? `${line}  <- the canary` : line)).join("\n");
}

function nextSteps(namespace: string, service: string, stack: Stack, engine: LocalEngine, home: Home): string {
  const discover = `aws servicediscovery discover-instances --namespace-name ${namespace} --service-name ${service}`;
  const question = questionOf(engine, namespace, service);
  const byDns = question === undefined ? "" : `Ask by DNS:\n  ${dig(question)}\n`;
  return `${byDns}Ask with the AWS CLI, as any Cloud Map client can:
  eval "$(npm run -s cloudmap -- env)"
  ${discover} --query-parameters track=canary
or with an SDK, which is told where the engine is, and not to put data- before its host:
  ${clientSettings(engine.endpoint).join("\n  ")}

Change examples/quickstart/index.ts, then:
  npm run quickstart -- preview       shows what would change
  npm run quickstart                  changes it; run it again, and nothing changes
  npm run quickstart -- --destroy     takes everything down

Look at the registry:
  npm run -s cloudmap -- ls
  npm run -s cloudmap -- discover ${namespace} ${service}
  npm run -s cloudmap -- console      prints the address of a page that shows it

The engine listens at ${engine.endpoint}${question === undefined ? "" : `, its DNS at ${question.server}`} (account ${engine.account}); its data and its log are in
${home.folder}, the stack's state is in ${stack.folder}.
  npm run -s cloudmap -- status       says how it is
  npm run -s cloudmap -- stop         stops it; its data stays${stack.shellLines}`;
}

async function down(stack: Stack): Promise<void> {
  heading(`2 of 2  pulumi destroy, with ${stack.tool}`);
  await stack.run(["destroy", "--yes", "--skip-preview"]);
  console.log(
    "\nEverything that the quickstart made is gone. The engine still runs: `npm run -s cloudmap -- stop` stops it.",
  );
}

/** A pulumi command for the stack, or what the flags ask for. */
function readArguments(args: readonly string[]): { command?: readonly string[]; destroy?: boolean } {
  if (args.length === 0) return {};
  if (args.length === 1 && args[0] === "--destroy") return { destroy: true };
  if (args[0]?.startsWith("-")) throw new Error(`there is no ${args.join(" ")} here\n${usage}`);
  return { command: args };
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) return console.log(usage);
  const { command, destroy = false } = readArguments(args);
  const home = openHome();
  if (command === undefined) heading(destroy ? "1 of 2  The engine" : "1 of 3  The engine");
  const engine = await findOrStartEngine({ log: (line) => console.log(line) });
  if (!engine.started && command === undefined) console.log(`The local engine runs at ${engine.endpoint}.`);
  const stack = await openStack(home, engine);
  if (command !== undefined) return stack.run(command);
  return destroy ? down(stack) : up(stack, engine, home);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`\nquickstart: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
