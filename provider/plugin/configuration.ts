// The plugin's configuration: what an explicit `Provider` resource, or the stack for the default one, gives; and its session.
import { isRecord, type Props } from "../casing.ts";
import { configKeys, type ReadConfig, readAdopt, readDefaultTags, readSettings } from "../config.ts";
import { messageOf } from "../failure.ts";
import type { CheckFailure } from "../kind.ts";
import type { Session } from "../session.ts";
import type { Settings } from "../settings.ts";
import { hasUnknown } from "../unknown.ts";
import type { Log } from "./log.ts";

/** What Pulumi itself puts among a provider's inputs. */
const reserved = new Set(["version", "pluginDownloadURL", "__internal"]);
const names = [...configKeys, "cloudmap:owner"].map((key) => key.slice("cloudmap:".length));

/** What is wrong with the inputs of a provider, without a call. */
export async function checkConfiguration(inputs: Props): Promise<CheckFailure[]> {
  const strangers = Object.keys(inputs).filter((name) => !names.includes(name) && !reserved.has(name));
  const failures = strangers.map((property) => ({
    property,
    reason: `${property} is nothing that this provider is configured by; it takes ${names.join(", ")}.`,
  }));
  const config = readerOf(inputs);
  const judge = async (property: string, read: () => unknown) => {
    if (hasUnknown(inputs)) return;
    try {
      await read();
    } catch (error) {
      const reason = messageOf(error); // which begins with the key that it is about, where it is about one
      failures.push({ property: names.find((name) => reason.startsWith(`cloudmap:${name} `)) ?? property, reason });
    }
  };
  await judge("defaultTags", () => readDefaultTags(config));
  if (inputs.endpoint !== undefined) await judge("endpoint", () => readSettings(config, process.env, neverLocal));
  return failures;
}

function neverLocal(): never {
  throw new Error("an endpoint is configured"); // and so no local one is looked for
}

/** Values that are no texts are read as their JSON, as they are in a stack's configuration. */
export function readerOf(inputs: Props): ReadConfig {
  return (key) => {
    const value = inputs[key.slice("cloudmap:".length)];
    if (value === undefined || typeof value === "string") return value;
    return isRecord(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
  };
}

export async function open(config: ReadConfig, { info, warning }: Log, name = "default"): Promise<Session> {
  const { openSession } = await import("../session.ts"); // the HTTP client is slow to load, and a preview needs none
  const settings = await readSettings(config, process.env, async () => {
    const { findOrStartEngine } = await import("../../local/engine.ts");
    return findOrStartEngine({ log: info });
  });
  return openSession(namedAfter(settings, name), { adopt: readAdopt(config), say: info, warn: warning });
}

/** What an explicit provider is given is its own, and no configuration of the stack's: messages say so. */
function namedAfter(settings: Settings, name: string): Settings {
  if (name === "" || /^default(_|$)/.test(name)) return settings;
  const own = (from: string) => from.replaceAll(/cloudmap:(\w+)/g, `$1 of the provider ${name}`);
  const { endpointFrom, regionFrom, credentialsFrom } = settings;
  return {
    ...settings,
    endpointFrom: own(endpointFrom),
    regionFrom: own(regionFrom),
    credentialsFrom: own(credentialsFrom),
  };
}
