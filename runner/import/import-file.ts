// What `pulumi import` is asked for: a file of resources, or one by arguments, as the CLI takes them.

import { readFile } from "node:fs/promises";
import type { Import } from "../deploy/importing.ts";
import { Failure, messageOf, notSupported } from "../failure.ts";
import { isProviderType, makeUrn, parseReference, qualifiedType, typeOf } from "../state/urn.ts";
import { isDictionary, type Properties } from "../value/value.ts";

/** A resource of the file; `name` is the variable's, `logicalName` the resource's, and each stands in for the other. */
interface Spec {
  readonly type?: string;
  readonly name?: string;
  readonly logicalName?: string;
  readonly id?: string;
  readonly parent?: string;
  readonly provider?: string;
  readonly version?: string;
  readonly properties?: readonly string[];
  readonly inputs?: Properties;
}

export interface ImportFile {
  /** Variables' names of resources that are in the state already. */
  readonly nameTable?: Readonly<Record<string, string>>;
  readonly resources?: readonly Spec[];
}

/** What is to be imported, and the variables' names by URN. */
export interface Wanted {
  readonly imports: readonly Import[];
  readonly names: ReadonlyMap<string, string>;
}

const refused = ["component", "remote", "parameterization", "extension", "outputs", "pluginDownloadUrl"];

export async function readImportFile(path: string): Promise<ImportFile> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new Failure(`could not read import file: ${messageOf(error)}`);
  }
}

export interface Inline {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly parent: string | undefined;
  readonly provider: string | undefined;
  readonly properties: readonly string[];
}

export function inlineFile({ type, name, id, parent, provider, properties }: Inline): ImportFile {
  const above = parent === undefined ? undefined : named(parent, "parent");
  const by = provider === undefined ? undefined : named(provider, "provider");
  if (above !== undefined && above[0] === by?.[0]) {
    throw new Failure(`provider and parent must have distinct names, both were '${above[0]}'`);
  }
  const spec = { type, name, id, properties, ...(above && { parent: above[0] }), ...(by && { provider: by[0] }) };
  return { nameTable: Object.fromEntries([above, by].filter((each) => each !== undefined)), resources: [spec] };
}

/** `name=URN`, or a URN alone. */
function named(text: string, otherwise: string): readonly [string, string] {
  const cut = text.indexOf("=");
  const [name, urn] = cut < 0 ? [otherwise, text] : [text.slice(0, cut), text.slice(cut + 1)];
  if (name === "" || !isUrn(urn))
    throw new Failure(`invalid ${otherwise}: '${text}' is of the form name=URN, or a URN`);
  if (urn.split("::").length > 4)
    throw new Failure(`expected a URN but got a Provider Reference, use '${parseReference(urn).urn}' instead`);
  return [name, urn];
}

function isUrn(text: string): boolean {
  return text.startsWith("urn:pulumi:") && text.split("::").length >= 4;
}

/** Checks a file as a whole, and finds the URN of each resource in it. */
export function wantedOf(file: ImportFile, project: string, stack: string, protect: boolean): Wanted {
  const specs = (file.resources ?? []).map(completed);
  refuseFaults(file, specs);
  const names = new Map(Object.entries(file.nameTable ?? {}).map(([name, urn]) => [urn, name]));
  const urns = new Map(Object.entries(file.nameTable ?? {}));
  const imports = new Map<Complete, Import>();
  const find = (spec: Complete, above: readonly Complete[] = []): Import => {
    const known = imports.get(spec);
    if (known !== undefined) return known;
    if (above.includes(spec)) throw new Failure(`${describe(spec)} is its own parent, by way of others`);
    const owner = specs.find(({ name }) => name === spec.parent);
    const parent =
      spec.parent === undefined ? undefined : (urns.get(spec.parent) ?? (owner && find(owner, [...above, spec]).urn));
    const urn = makeUrn(stack, project, parent === undefined ? "" : qualifiedType(parent), spec.type, spec.logicalName);
    if (names.has(urn))
      throw new Failure(`${describe(spec)} has an ambiguous URN, set name (or logical name) to be unique`);
    const provider = spec.provider === undefined ? undefined : urns.get(spec.provider);
    const { type, logicalName: name, id, version = "", properties = [], inputs = {} } = spec;
    names.set(urn, uniqueName(spec, new Set(names.values())));
    const made = { urn, type, name, id, parent, provider, version, properties, inputs, protect };
    imports.set(spec, made);
    return made;
  };
  return { imports: specs.map((spec) => find(spec)), names };
}

type Complete = Spec & Required<Pick<Spec, "type" | "name" | "logicalName" | "id">>;

function completed(spec: Spec): Complete {
  const { type = "", id = "" } = spec;
  return {
    ...spec,
    type,
    id,
    name: spec.name || spec.logicalName || "",
    logicalName: spec.logicalName || spec.name || "",
  };
}

/** All that is wrong, at once. */
function refuseFaults(file: ImportFile, specs: readonly Complete[]): void {
  const unknown = Object.keys(file).find((key) => key === "providerInputs");
  if (unknown !== undefined) throw notSupported(`${unknown} in an import file`);
  if (specs.length === 0) throw new Failure("the import file has no resources");
  const table = file.nameTable ?? {};
  const faults = specs.flatMap((spec, index) => faultsOf(spec, index, specs, table));
  if (faults.length > 0) throw new Failure(faults.join("\n"));
}

function faultsOf(
  spec: Complete,
  index: number,
  specs: readonly Complete[],
  table: Readonly<Record<string, string>>,
): string[] {
  const what = describe(spec, index);
  const fields = refused.filter((name) => name in spec);
  if (fields.length > 0) throw notSupported(`${what}: ${fields.join(", ")} in an import file`);
  if (isProviderType(spec.type)) throw notSupported(`${what}: a provider in an import file`);
  if (spec.inputs !== undefined && !isDictionary(spec.inputs)) return [`${what} has inputs that are no object`];
  const { parent, provider } = spec;
  const namesakes = specs.filter(({ name }) => name === parent).length;
  return [
    ...(spec.type === "" ? [`${what} has no type`] : []),
    ...(spec.name === "" ? [`${what} has no name`] : []),
    ...(spec.id === "" ? [`${what} has no ID`] : []),
    ...(parent !== undefined && table[parent] === undefined && namesakes === 0
      ? [`the parent '${parent}' for ${what} has no entry in 'nameTable'`]
      : []),
    ...(parent !== undefined && namesakes > 1 ? [`${what} has an ambiguous parent`] : []),
    ...(provider === undefined ? [] : providerFaults(provider, what, table)),
  ];
}

function providerFaults(provider: string, what: string, table: Readonly<Record<string, string>>): string[] {
  const urn = table[provider];
  if (urn === undefined) return [`the provider '${provider}' for ${what} has no entry in 'nameTable' or 'resources'`];
  return isUrn(urn) && isProviderType(typeOf(urn)) ? [] : [`the provider '${provider}' for ${what} is not a provider`];
}

function describe({ name, id, type }: Complete, index = 0): string {
  return `resource ${name || id ? `'${name || id}'` : index}${type === "" ? "" : ` of type '${type}'`}`;
}

/** Two resources of one name get variables with their types' names behind. */
function uniqueName({ name, type }: Complete, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const last = type.split(":").at(-1) ?? "";
  const base = `${name}${last.slice(0, 1).toUpperCase()}${last.slice(1)}`;
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? base : `${base}${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}
