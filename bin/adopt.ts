/** `cloudmap adopt`: writes the Pulumi program, and the imports, for what a registry has. */
import { declare } from "../adopt/declaration.ts";
import type { Host } from "../adopt/program.ts";
import { type Project, refuseToOverwrite, writeProject } from "../adopt/project.ts";
import { type Found, readRegistry } from "../adopt/registry.ts";
import { visible } from "../api/text.ts";
import { packageVersions } from "../local/version.ts";
import { openSession } from "../provider/session.ts";
import { connect } from "./connect.ts";
import { count } from "./text.ts";

interface AdoptOptions {
  readonly namespace?: readonly string[];
  readonly instances?: boolean;
  readonly vpc?: readonly string[];
  readonly name?: string;
  readonly host: Host;
  readonly force?: boolean;
}

export async function adopt(folder: string, options: AdoptOptions): Promise<void> {
  const { namespace: namespaces = [], instances = false, name, host, force = false } = options;
  const vpcs = vpcsOf(options.vpc ?? []);
  const project = { folder, name, host, force };
  refuseToOverwrite(project);
  const tell = (line: string) => console.error(visible(`cloudmap: ${line}`));
  const { settings } = await connect();
  const session = await openSession({ ...settings, maxRetries: 8, requestTimeout: 30_000 }, { say: tell });
  const found = await readRegistry(session, { namespaces, instances, vpcs, progress: seldom(tell) });
  const declarations = declare(found);
  const registry = session.account === undefined ? "the registry" : `the registry of account ${session.account}`;
  writeProject(project, declarations, `${registry} at ${settings.endpoint}`, packageVersions);
  console.log(summary(project, found, settings.endpointFrom));
}

function vpcsOf(given: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((text) => {
      const parts = /^(.+)=(vpc-[^=]+)$/.exec(text);
      if (parts === null) throw new Error(`--vpc ${text}: it is NAMESPACE=vpc-…`);
      return [parts[1] ?? "", parts[2] ?? ""];
    }),
  );
}

/** Nobody reads a line a millisecond, and nobody waits a minute without one. */
function seldom(tell: (line: string) => void): (line: string) => void {
  let last = performance.now();
  return (line) => {
    if (performance.now() - last < 2000) return;
    last = performance.now();
    tell(line);
  };
}

const takingOver: Readonly<Record<Host, string>> = {
  plugin: "pulumi import --file import.json --generate-code=false --protect=false --yes",
  dynamic: "pulumi up",
};

function summary({ folder, host }: Project, namespaces: readonly Found[], endpointFrom: string): string {
  const services = namespaces.flatMap(({ children }) => children);
  const instances = services.flatMap(({ children }) => children);
  const parts = [
    count(namespaces.length, "namespace"),
    count(services.length, "service"),
    count(instances.length, "instance"),
  ];
  return `Wrote a program for ${parts.slice(0, 2).join(", ")} and ${parts[2]} to ${visible(folder)}. Next, there:

  npm install
  pulumi stack init dev
  ${takingOver[host]}
  pulumi preview --expect-no-changes

Pulumi finds the registry as this command did (${endpointFrom}), or by pulumi config set cloudmap:endpoint …`;
}
