/** `cloudmap status` and `cloudmap stop`: the user's engine in the background. */
import { type Finding, findEngine, stopEngine } from "../local/engine.ts";
import { type Home, homeAt, homeFolder } from "../local/home.ts";
import { facts } from "./text.ts";

/** As systemd and the Linux Standard Base have it: "program is not running". */
const notRunning = 3;

const none =
  "The local engine does not run. `cloudmap env` starts it, and so does a Pulumi program with no endpoint configured.";

export async function status({ json }: { readonly json?: boolean }): Promise<void> {
  const home = homeAt(homeFolder());
  const found = await findEngine(home);
  if (found.state === "none") process.exitCode = notRunning;
  if (json) console.log(JSON.stringify({ state: found.state, ...found.record, home: home.folder }));
  else console.log(describe(found, home));
}

function describe(found: Finding, home: Home): string {
  if (found.state === "none") return `${none}\n${facts({ data: home.folder })}`;
  const { pid, url, dns = [], account, region, version, startedAt } = found.record;
  const first = found.state === "running" ? "The local engine runs." : "The local engine runs, but does not answer.";
  const process = `${pid}, version ${version}, since ${startedAt}`;
  return `${first}\n${facts({ endpoint: url, DNS: dns.join(", ") || "none", account, region, process, data: home.folder, log: home.log })}`;
}

export async function stop(): Promise<void> {
  const home = homeAt(homeFolder());
  const { state, record, end } = await stopEngine(home);
  if (state === "none") return console.log("The local engine does not run: there is nothing to stop.");
  if (state === "silent") {
    process.exitCode = 1;
    return console.error(
      `Process ${record.pid} does not answer, so it is not asked to stop; \`kill -9 ${record.pid}\` ends it, and nothing that was acknowledged is lost.`,
    );
  }
  const how =
    end === "killed" ? "It did not stop when asked and was killed; nothing that was acknowledged is lost." : "";
  console.log(`Stopped the local engine (process ${record.pid}). Its data stays in ${home.folder}. ${how}`.trimEnd());
}
