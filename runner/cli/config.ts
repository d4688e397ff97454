// The command config: get, set, rm, set-all, and the list.

import type { Command } from "commander";
import { Failure } from "../failure.ts";
import { fullKey, openSetting, type Setting, type StackConfig, settingText, writeConfig } from "../stack/config.ts";
import { crypterOf, openPlace, openStack, type Stack } from "../stack/open.ts";
import { type Crypter, createCrypter, readPassphrase } from "../stack/secrets.ts";
import { type Path, parsePath } from "../value/path.ts";
import { isArray, isDictionary, type Value } from "../value/value.ts";
import { type CommonOptions, collect, optionsOf, print, withCommon } from "./options.ts";
import { printTable } from "./stack.ts";

interface Flags extends CommonOptions {
  readonly json?: boolean;
  readonly path?: boolean;
  readonly secret?: boolean | readonly string[];
  readonly plaintext?: boolean | readonly string[];
  readonly showSecrets?: boolean;
}

export function addConfig(program: Command, env: NodeJS.ProcessEnv): void {
  const config = withCommon(program.command("config")).description("a stack's configuration");
  const open = async (command: Command): Promise<{ readonly stack: Stack; readonly flags: Flags }> => {
    const flags = optionsOf<Flags>(command);
    const place = await openPlace(flags.cwd ?? process.cwd(), env);
    return { stack: await openStack(place, flags.stack, flags.configFile), flags };
  };
  config
    .option("-j, --json", "as JSON")
    .option("--show-secrets", "in plain text")
    .action(async (_options, command: Command) => {
      const { stack, flags } = await open(command);
      await listConfig(stack, flags);
    });
  withCommon(config.command("get <key>"))
    .option("-j, --json", "as JSON")
    .option("--path", "the key is a path into a value")
    .option("--open", "ignored")
    .action(async (key: string, _options, command: Command) => {
      const { stack, flags } = await open(command);
      await getConfig(stack, key, flags);
    });
  withCommon(config.command("set <key> [value]"))
    .option("--path", "the key is a path into a value")
    .option("--secret", "encrypt the value")
    .option("--plaintext", "do not encrypt the value")
    .option("--type <type>", "the type of the value: string, bool, int or float")
    .action(async (key: string, value: string | undefined, _options, command: Command) => {
      const { stack, flags } = await open(command);
      const text = value ?? (await readInput());
      await change(stack, [{ key, text, secret: flags.secret === true, path: flags.path === true }], []);
    });
  withCommon(config.command("set-all"))
    .option("--path", "keys are paths into values")
    .option("--secret <key=value>", "encrypt this value", collect)
    .option("--plaintext <key=value>", "do not encrypt this value", collect)
    .action(async (_options, command: Command) => {
      const { stack, flags } = await open(command);
      const assignments = (texts: Flags["secret"], secret: boolean) =>
        Array.isArray(texts) ? texts.map((text: string) => assignment(text, secret, flags.path === true)) : [];
      await change(stack, [...assignments(flags.plaintext, false), ...assignments(flags.secret, true)], []);
    });
  withCommon(config.command("rm <key>"))
    .option("--path", "the key is a path into a value")
    .action(async (key: string, _options, command: Command) => {
      const { stack, flags } = await open(command);
      await change(stack, [], [{ key, path: flags.path === true }]);
    });
  withCommon(config.command("rm-all <keys...>"))
    .option("--path", "keys are paths into values")
    .action(async (keys: string[], _options, command: Command) => {
      const { stack, flags } = await open(command);
      await change(
        stack,
        [],
        keys.map((key) => ({ key, path: flags.path === true })),
      );
    });
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}

interface Assignment {
  readonly key: string;
  readonly text: string;
  readonly secret: boolean;
  readonly path: boolean;
}

function assignment(text: string, secret: boolean, path: boolean): Assignment {
  const cut = text.indexOf("=");
  if (cut < 1) throw new Failure(`"${text}" is not of the form key=value`);
  return { key: text.slice(0, cut), text: text.slice(cut + 1), secret, path };
}

interface Described {
  readonly value?: string;
  readonly objectValue?: Value;
  readonly secret: boolean;
}

function describe(setting: Setting, crypter: Crypter | undefined, reveal: boolean): Described {
  if (setting.secret && !reveal) return { secret: true };
  const value = openSetting(setting, crypter);
  const isObject = typeof value === "object" && value !== null;
  return { value: settingText(value), ...(isObject ? { objectValue: value } : {}), secret: setting.secret };
}

async function listConfig(stack: Stack, flags: Flags): Promise<void> {
  const reveal = flags.showSecrets === true;
  const crypter = reveal ? await crypterOf(stack) : undefined;
  const entries = [...stack.config.settings].sort(([a], [b]) => (a < b ? -1 : 1));
  const described = entries.map(([key, setting]) => [key, describe(setting, crypter, reveal)] as const);
  if (flags.json) return print(JSON.stringify(Object.fromEntries(described), undefined, 2));
  const prefix = `${stack.project.name}:`;
  const rows = described.map(([key, { value }]) => [
    key.startsWith(prefix) ? key.slice(prefix.length) : key,
    value ?? "[secret]",
  ]);
  printTable([["KEY", "VALUE"], ...rows]);
}

async function getConfig(stack: Stack, key: string, flags: Flags): Promise<void> {
  const [name, path] = split(stack, key, flags.path === true);
  const setting = stack.config.settings.get(name);
  const crypter = setting?.secret ? await crypterOf(stack) : undefined;
  const value = setting && path.reduce<Value | undefined>(step, openSetting(setting, crypter));
  if (setting === undefined || value === undefined) {
    throw new Failure(`configuration key '${key}' not found for stack '${stack.name.stack}'`);
  }
  const isObject = typeof value === "object" && value !== null;
  const described = { value: settingText(value), ...(isObject ? { objectValue: value } : {}), secret: setting.secret };
  print(flags.json ? JSON.stringify(described, undefined, 2) : described.value);
}

function step(value: Value | undefined, key: string | number): Value | undefined {
  if (typeof key === "number") return isArray(value) ? value[key] : undefined;
  return isDictionary(value) ? value[key] : undefined;
}

/** A path's first step may carry the namespace: `ns:key.a[0]`. */
function split(stack: Stack, key: string, isPath: boolean): readonly [string, Path] {
  if (!isPath) return [fullKey(stack.project, key), []];
  const cut = key.indexOf(":");
  const path = parsePath(key.slice(cut + 1));
  const [first, ...rest] = path ?? [];
  if (first === undefined) throw new Failure(`"${key}" is no path into the configuration`);
  return [fullKey(stack.project, `${cut < 0 ? "" : key.slice(0, cut + 1)}${first}`), rest];
}

interface Removal {
  readonly key: string;
  readonly path: boolean;
}

async function change(stack: Stack, assignments: readonly Assignment[], removals: readonly Removal[]): Promise<void> {
  const { config } = stack;
  const crypter = assignments.some(({ secret }) => secret) ? await secretCrypter(stack, config) : undefined;
  for (const { key, text, secret, path: isPath } of assignments) {
    const [name, path] = split(stack, key, isPath);
    const value = secret
      ? { secure: crypter?.encrypt(text) ?? "" }
      : isPath && path.length > 0
        ? parseScalar(text)
        : text;
    setIn(config, name, path, value);
  }
  for (const { key, path: isPath } of removals) {
    const [name, path] = split(stack, key, isPath);
    config.document.deleteIn(["config", rawKey(stack, name), ...path]);
  }
  await writeConfig(config);
}

// With --path the CLI reads numbers and booleans as such.
function parseScalar(text: string): Value {
  if (text === "true" || text === "false") return text === "true";
  return /^-?(0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

function setIn(config: StackConfig, name: string, path: Path, value: Value): void {
  const { document } = config;
  const keys = ["config", name, ...path];
  if (document.contents === null) document.contents = document.createNode({});
  for (let depth = 1; depth < keys.length; depth++) {
    const parent = keys.slice(0, depth);
    const existing: unknown = document.getIn(parent);
    if (existing === undefined || existing === null || typeof existing !== "object") {
      document.setIn(parent, document.createNode(typeof keys[depth] === "number" ? [] : {}));
    }
  }
  document.setIn(keys, document.createNode(value));
}

function rawKey(stack: Stack, name: string): string {
  const short = name.startsWith(`${stack.project.name}:`) ? name.slice(stack.project.name.length + 1) : name;
  return stack.config.document.hasIn(["config", short]) ? short : name;
}

async function secretCrypter(stack: Stack, config: StackConfig): Promise<Crypter> {
  const existing = await crypterOf(stack);
  const crypter = existing ?? createCrypter(await readPassphrase(stack.env));
  if (config.salt === undefined) config.document.set("encryptionsalt", crypter.salt);
  return crypter;
}
