// Writes what was imported as a TypeScript program, in the CLI's form.

import type { Resource } from "../state/resource.ts";
import { isProviderType, nameOf, packageOf, parseReference, stackType, typeOf } from "../state/urn.ts";
import { isArray, isDictionary, isSecret, type Properties, type Value } from "../value/value.ts";

export interface Code {
  /** In the order in which they are written. */
  readonly resources: readonly Resource[];
  /** Variables' names by URN. */
  readonly names: ReadonlyMap<string, string>;
  /** Schemas by package, as JSON. */
  readonly schemas: ReadonlyMap<string, string>;
}

interface Schema {
  readonly language?: { readonly nodejs?: { readonly packageName?: string } };
  readonly resources?: Readonly<Record<string, { readonly inputProperties?: object }>>;
}

export function writeCode({ resources, names, schemas }: Code): string {
  const variables = variablesOf(resources, names);
  const parsed = new Map([...schemas].map(([name, text]) => [name, JSON.parse(text) as Schema]));
  const packages = [...new Set(resources.map(({ type }) => packageOf(type)))].sort();
  const imports = packages.map((name) => {
    const from = parsed.get(name)?.language?.nodejs?.packageName || `@pulumi/${name}`;
    return `import * as ${identifier(name)} from ${JSON.stringify(from)};`;
  });
  const context = { variables, schemas: parsed, references: referencesOf(resources, variables) };
  const ordered = inOrder(resources, context);
  const isCircle = ordered === undefined; // values that are equal by chance: then none is taken for a reference
  const declared = (ordered ?? resources).map((resource) =>
    declaration(resource, isCircle ? { ...context, references: new Map() } : context),
  );
  return `${['import * as pulumi from "@pulumi/pulumi";', ...imports, "", ...declared.map(({ text }) => text)].join("\n")}\n`;
}

interface Context {
  readonly variables: ReadonlyMap<string, string>;
  readonly references: ReadonlyMap<string, Reference>;
  readonly schemas: ReadonlyMap<string, Schema>;
}

/** What a resource refers to before it; undefined where that goes round in a circle. */
function inOrder(resources: readonly Resource[], context: Context): readonly Resource[] | undefined {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const ordered = new Set<Resource>();
  const visit = (resource: Resource, above: readonly Resource[]): boolean => {
    if (ordered.has(resource)) return true;
    if (above.includes(resource)) return false;
    const needed = declaration(resource, context).needs.flatMap((urn) => byUrn.get(urn) ?? []);
    if (!needed.every((each) => visit(each, [...above, resource]))) return false;
    ordered.add(resource);
    return true;
  };
  return resources.every((resource) => visit(resource, [])) ? [...ordered] : undefined;
}

/** Names that are valid and that no other has. */
function variablesOf(resources: readonly Resource[], names: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const taken = new Set<string>(["pulumi", ...resources.map(({ type }) => identifier(packageOf(type)))]);
  for (const urn of [...names.keys(), ...resources.map((resource) => resource.urn)]) {
    if (found.has(urn)) continue;
    const base = identifier(names.get(urn) ?? nameOf(urn));
    let name = base;
    for (let number = 2; taken.has(name); number++) name = `${base}${number}`;
    taken.add(name);
    found.set(urn, name);
  }
  return found;
}

const reserved = new Set(
  "await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield".split(
    " ",
  ),
);

/** `cart-1` → `cart_1`, as the CLI writes it. */
function identifier(name: string): string {
  const text = name.replaceAll(/[^\p{ID_Continue}$]/gu, "_");
  return text === "" || !/^[\p{ID_Start}$_]/u.test(text) || reserved.has(text) ? `_${text}` : text;
}

/** Values that stand for another resource: its id, or its name or ARN, where only one has it. */
function referencesOf(
  resources: readonly Resource[],
  variables: ReadonlyMap<string, string>,
): ReadonlyMap<string, Reference> {
  const all = resources.flatMap(({ urn, id = "", outputs = {} }) => {
    const variable = variables.get(urn) ?? "";
    const values = [["id", id], ...["name", "arn"].map((name) => [name, outputs[name]])] as const;
    return values.flatMap(([property = "", value]) =>
      typeof value === "string" && value !== "" ? [{ value, urn, expression: `${variable}.${String(property)}` }] : [],
    );
  });
  const counts = Map.groupBy(all, ({ value }) => value);
  const unique = all.filter(({ value }) => counts.get(value)?.length === 1);
  return new Map(unique.map((each) => [each.value, each]));
}

interface Reference {
  readonly urn: string;
  readonly expression: string;
}

interface Declaration {
  readonly text: string;
  /** The URNs of the resources that it names. */
  readonly needs: readonly string[];
}

function declaration(resource: Resource, { variables, references, schemas }: Context): Declaration {
  const { urn, type, inputs = {}, parent = "" } = resource;
  const [pkg = "", module = "", kind = ""] = type.split(":");
  const path = [pkg, ...(module === "index" || module === "" ? [] : module.split("/").slice(0, 1)), kind].map(
    identifier,
  );
  const known = schemas.get(pkg)?.resources?.[type]?.inputProperties;
  const own = Object.keys(inputs).filter((name) => (known === undefined ? !name.startsWith("__") : name in known));
  const needs = [parent];
  const refer = (value: string): string | undefined => {
    const found = references.get(value);
    if (found === undefined || found.urn === urn) return undefined;
    needs.push(found.urn);
    return found.expression;
  };
  const args = onOneLine(literal(picked(inputs, own), "", refer));
  const options = optionsOf(resource, variables);
  const rest = options.length === 0 ? "" : `, {\n${options.map((line) => `    ${line},\n`).join("")}}`;
  const text = `const ${variables.get(urn)} = new ${path.join(".")}(${JSON.stringify(nameOf(urn))}, ${args}${rest});`;
  return { text, needs };
}

/** A single simple argument, as the CLI writes it: `{name: "shop"}`. */
function onOneLine(args: string): string {
  return args.replace(/^\{\n {4}([^\n]*[^\n{[]),\n\}$/, "{$1}");
}

function picked(inputs: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(names.map((name) => [name, inputs[name] ?? null]));
}

function optionsOf(
  { parent = "", provider = "", protect }: Resource,
  variables: ReadonlyMap<string, string>,
): string[] {
  const { urn } = parseReference(provider);
  const isDefault = /^default(_|$)/.test(nameOf(urn)) || !isProviderType(typeOf(urn));
  return [
    ...(parent === "" || typeOf(parent) === stackType
      ? []
      : [`parent: ${variables.get(parent) ?? identifier(nameOf(parent))}`]),
    ...(isDefault ? [] : [`provider: ${variables.get(urn) ?? identifier(nameOf(urn))}`]),
    ...(protect ? ["protect: true"] : []),
  ];
}

/** A value as TypeScript, with each member on a line of its own. */
function literal(value: Value, indent: string, refer: (text: string) => string | undefined): string {
  if (isSecret(value)) return `pulumi.secret(${literal(value.value ?? null, indent, refer)})`;
  if (typeof value === "string") return refer(value) ?? JSON.stringify(value);
  const deeper = `${indent}    `;
  if (isArray(value)) {
    const only = value[0] ?? null;
    if (value.length === 1 && (isDictionary(only) || isArray(only))) return `[${literal(only, indent, refer)}]`;
    const items = value.map((item) => `${deeper}${literal(item, deeper, refer)},\n`);
    return items.length === 0 ? "[]" : `[\n${items.join("")}${indent}]`;
  }
  if (!isDictionary(value)) return String(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const members = entries.map(([key, item]) => `${deeper}${keyOf(key)}: ${literal(item, deeper, refer)},\n`);
  return members.length === 0 ? "{}" : `{\n${members.join("")}${indent}}`;
}

function keyOf(key: string): string {
  if (key === "__proto__") return '["__proto__"]'; // otherwise it would be no member
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : JSON.stringify(key);
}
