// A stack's configuration: Pulumi.<stack>.yaml, on top of what Pulumi.yaml gives.

import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Document, parseDocument } from "yaml";
import { Failure, messageOf, notSupported } from "../failure.ts";
import { isArray, isDictionary, type Value } from "../value/value.ts";
import { asRecord, type Project, readOptional } from "./project.ts";
import type { Crypter } from "./secrets.ts";

export interface Setting {
  /** The value with `{secure: ciphertext}` where it is secret. */
  readonly stored: Value;
  readonly secret: boolean;
}

export interface StackConfig {
  readonly file: string;
  readonly document: Document;
  readonly salt: string | undefined;
  readonly settings: ReadonlyMap<string, Setting>;
}

export function configFile(project: Project, stack: string): string {
  return join(project.configFolder, `Pulumi.${stack}.yaml`);
}

/** `key` and `ns:config:key` in full, as `ns:key`. */
export function fullKey(project: Project, key: string): string {
  const parts = key.split(":");
  if (parts.length === 1) return `${project.name}:${key}`;
  if (parts.length === 2) return key;
  if (parts.length === 3 && parts[1] === "config") return `${parts[0]}:${parts[2]}`;
  throw new Failure(
    `could not parse ${key} as a configuration key (configuration keys should be of the form "ns:key")`,
  );
}

export function isSecure(value: Value | undefined): value is { readonly secure: string } {
  return isDictionary(value) && Object.keys(value).length === 1 && typeof value.secure === "string";
}

function holdsSecure(value: Value): boolean {
  if (isSecure(value)) return true;
  if (isArray(value)) return value.some(holdsSecure);
  return isDictionary(value) && Object.values(value).some(holdsSecure);
}

export async function readConfig(
  project: Project,
  stack: string,
  file = configFile(project, stack),
): Promise<StackConfig> {
  const document = parseDocument((await readOptional(file)) ?? "");
  if (document.errors[0] !== undefined) throw new Failure(`reading ${file}: ${messageOf(document.errors[0])}`);
  const yaml = asRecord(document.toJS());
  if (yaml.environment !== undefined) throw notSupported(`an \`environment\` (Pulumi ESC) in ${file}`);
  const provider = yaml.secretsprovider;
  if (typeof provider === "string" && !["", "passphrase", "default"].includes(provider)) {
    throw notSupported(`the secrets provider "${provider}" of stack ${stack}`, "it knows passphrases only");
  }
  const settings = new Map<string, Setting>();
  for (const [key, value] of defaultsOf(project)) settings.set(key, value);
  for (const [key, stored] of Object.entries(asRecord(yaml.config))) {
    const value = toValue(stored);
    settings.set(fullKey(project, key), { stored: value, secret: holdsSecure(value) });
  }
  const salt = typeof yaml.encryptionsalt === "string" ? yaml.encryptionsalt : undefined;
  return { file, document, salt, settings };
}

function toValue(stored: unknown): Value {
  return stored === undefined ? null : JSON.parse(JSON.stringify(stored));
}

// Pulumi.yaml gives `key: value`, `key: {value: …}` or, declared with a type, `key: {default: …}`.
function* defaultsOf(project: Project): Generator<[string, Setting]> {
  for (const [key, declared] of Object.entries(project.config)) {
    const record = asRecord(declared);
    const isDeclaration = Object.keys(record).length > 0;
    const value = isDeclaration ? (record.value ?? record.default) : declared;
    if (value !== undefined) yield [fullKey(project, key), { stored: toValue(value), secret: false }];
  }
}

function revealSecure(value: Value, crypter: Crypter): Value {
  if (isSecure(value)) return crypter.decrypt(value.secure);
  if (isArray(value)) return value.map((item) => revealSecure(item, crypter));
  if (!isDictionary(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealSecure(item, crypter)]));
}

/** A setting's value in the open; secrets need the crypter. */
export function openSetting(setting: Setting, crypter: Crypter | undefined): Value {
  if (!setting.secret) return setting.stored;
  if (crypter === undefined)
    throw new Failure("this configuration has secrets, and no passphrase is known to open them");
  return revealSecure(setting.stored, crypter);
}

/** Programs get every value as a string; objects as JSON with sorted keys. */
export function settingText(value: Value): string {
  return typeof value === "string" ? value : JSON.stringify(sorted(value));
}

function sorted(value: Value): Value {
  if (isArray(value)) return value.map(sorted);
  if (!isDictionary(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  );
}

export async function writeConfig(config: StackConfig): Promise<void> {
  const text = config.document.toString({ indent: 2, lineWidth: 0 });
  const temporary = `${config.file}.tmp-${process.pid}`;
  await writeFile(temporary, text === "null\n" ? "" : text);
  await rename(temporary, config.file);
}
