// A stack with everything that operations need of it.

import { readFile } from "node:fs/promises";
import { exitCodes, Failure, isMissing } from "../failure.ts";
import { dynamicPackage } from "../provider/plugin.ts";
import { type Properties, secret, type Value } from "../value/value.ts";
import { type Backend, openBackend, organization, type StackName, stackExists, stackFile } from "./backend.ts";
import { openSetting, readConfig, type StackConfig, settingText } from "./config.ts";
import { findProject, type Project } from "./project.ts";
import { type Crypter, openCrypter, readPassphrase } from "./secrets.ts";
import { readSelection } from "./selection.ts";

export interface Place {
  readonly project: Project;
  readonly backend: Backend;
  readonly env: NodeJS.ProcessEnv;
}

export interface Stack extends Place {
  readonly name: StackName;
  readonly config: StackConfig;
}

export async function openPlace(cwd: string, env: NodeJS.ProcessEnv): Promise<Place> {
  const project = await findProject(cwd);
  return { project, backend: await openBackend(env.PULUMI_BACKEND_URL || project.backend, cwd), env };
}

/** `dev`, `organization/dev` and `organization/project/dev`. */
export function parseStackName(place: Place, text: string): StackName {
  const parts = text.split("/");
  const stack = parts.at(-1) ?? "";
  const project = parts.length === 3 ? (parts[1] ?? "") : place.project.name;
  if (parts.length > 1 && parts[0] !== organization)
    throw new Failure(`the organization of a stack in a local folder is "${organization}", not "${parts[0]}"`);
  if (!/^[A-Za-z0-9_.-]{1,100}$/.test(stack)) {
    throw new Failure(`a stack's name has letters, digits, hyphens, underscores and periods only, not "${stack}"`);
  }
  if (project !== place.project.name)
    throw new Failure(`provided project name "${project}" doesn't match Pulumi.yaml "${place.project.name}"`);
  return { project, stack };
}

export async function chosenStack(place: Place, given: string | undefined): Promise<StackName> {
  const text = given || place.env.PULUMI_STACK || (await readSelection(place.project, place.backend, place.env));
  if (text === undefined || text === "") {
    throw new Failure("no stack selected; please use `pulumi stack select` or `pulumi stack init` to choose one");
  }
  const name = parseStackName(place, text);
  if (!(await stackExists(place.backend, name)))
    throw new Failure(`no stack named '${text}' found`, exitCodes.stackNotFound);
  return name;
}

export async function openStack(place: Place, given: string | undefined, configPath?: string): Promise<Stack> {
  const name = await chosenStack(place, given);
  return { ...place, name, config: await readConfig(place.project, name.stack, configPath) };
}

/** The salt is in the stack's configuration and in its state; the same passphrase opens both. */
export async function crypterOf(stack: Stack): Promise<Crypter | undefined> {
  const salt = stack.config.salt ?? (await saltOfState(stack));
  return salt === undefined ? undefined : openCrypter(await readPassphrase(stack.env), salt);
}

async function saltOfState({ backend, name }: Stack): Promise<string | undefined> {
  try {
    const state = JSON.parse(await readFile(stackFile(backend, name), "utf8"));
    const salt = state.checkpoint?.latest?.secrets_providers?.state?.salt;
    return typeof salt === "string" ? salt : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export interface ProgramConfig {
  /** `ns:key` to text. */
  readonly values: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

export function programConfig(stack: Stack, crypter: Crypter | undefined): ProgramConfig {
  const settings = [...stack.config.settings];
  return {
    values: Object.fromEntries(settings.map(([key, setting]) => [key, settingText(openSetting(setting, crypter))])),
    secretKeys: settings.filter(([, setting]) => setting.secret).map(([key]) => key),
  };
}

/** What a package's default provider is configured with; that of dynamic providers gets everything, by full key. */
export function packageConfig({ values, secretKeys }: ProgramConfig, pkg: string): Properties {
  const result: Record<string, Value> = {};
  for (const [key, text] of Object.entries(values)) {
    const [namespace, ...name] = key.split(":");
    if (pkg !== dynamicPackage && namespace !== pkg) continue;
    result[pkg === dynamicPackage ? key : name.join(":")] = secretKeys.includes(key) ? secret(text) : text;
  }
  return result;
}
