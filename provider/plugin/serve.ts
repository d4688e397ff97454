// Starts the plugin: Pulumi reads the port from the first line that it prints, and ends it when it is done.
import { readFile } from "node:fs/promises";
import { PluginHost } from "./host.ts";
import { openLog } from "./log.ts";
import { implementation } from "./rpc.ts";
import { listen } from "./server.ts";

export interface Served {
  readonly port: number;
  stop(): void;
}

/** `engine` is the address at which the one who started it listens for lines to show. */
export async function serve(engine: string | undefined): Promise<Served> {
  const { version } = JSON.parse(await readFile(fileOf("package.json"), "utf8"));
  const schema = () => readFile(fileOf("schema.json"), "utf8");
  const { port, server } = await listen(implementation(new PluginHost(openLog(engine)), { version, schema }));
  return { port, stop: () => server.forceShutdown() };
}

/** A file at the top of the package, whether this runs from its source or is built. */
function fileOf(name: string): URL {
  return new URL(import.meta.url.endsWith(".ts") ? `../../${name}` : `../../../${name}`, import.meta.url);
}
