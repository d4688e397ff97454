// Writes declarations as a TypeScript program, and as the list of what `pulumi import` has to take in before it is deployed.
import { isRecord, type Props } from "../provider/casing.ts";
import type { Declaration } from "./declaration.ts";

/** On the plugin resources are imported; a dynamic provider cannot import, but takes over what it would make. */
export const hosts = { plugin: "pulumi-cloudmap/plugin", dynamic: "pulumi-cloudmap" } as const;
export type Host = keyof typeof hosts;

/** The program; the same text for the same registry. */
export function writeProgram(declarations: readonly Declaration[], origin: string, host: Host): string {
  const head = [
    `// What ${literal(origin, "").slice(1, -1)} had when \`cloudmap adopt\` wrote this. It is yours to edit.`,
    `import * as cloudmap from "${hosts[host]}";`,
  ];
  return `${[...head, "", ...declarations.map((each) => statement(each, host))].join("\n")}\n`;
}

/** For `pulumi import --file`. */
export function writeImports(declarations: readonly Declaration[]): string {
  const resources = declarations.map(({ kind, name, variable, importId }) => {
    return { type: `cloudmap:index:${kind}`, name: variable, logicalName: name, id: importId };
  });
  return `${JSON.stringify({ resources }, undefined, 2)}\n`;
}

function statement({ kind, name, variable, inputs, parent }: Declaration, host: Host): string {
  const own = Object.entries(inputs).filter(([, value]) => value !== undefined);
  const said = own.map(([key, value]) => [key, memberOf(key, value, parent)] as const);
  const members = host === "dynamic" ? [...said, ["adopt", "true"] as const] : said;
  return `const ${variable} = new cloudmap.${kind}(${text(name)}, ${object(members, "")});`;
}

/** What names the parent is the parent itself; the only member of a custom health check is deprecated. */
function memberOf(key: string, value: unknown, parent: string | undefined): string {
  if (parent !== undefined && (key === "namespaceId" || key === "serviceId")) return parent;
  return key === "healthCheckCustomConfig" ? "{}" : literal(value, "  ");
}

function literal(value: unknown, indent: string): string {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => literal(item, `${indent}  `));
    const line = `[${items.join(", ")}]`;
    if (fits(line)) return line;
    return `[\n${items.map((item) => `${indent}  ${item},\n`).join("")}${indent}]`;
  }
  if (!isRecord(value)) return String(value);
  return object(membersOf(value, indent), indent);
}

function membersOf(value: Props, indent: string): (readonly [string, string])[] {
  return Object.entries(value).map(([key, member]) => [key, literal(member, `${indent}  `)]);
}

function object(members: readonly (readonly [string, string])[], indent: string): string {
  if (members.length === 0) return "{}";
  const pairs = members.map(([key, value]) => (key === value ? key : `${keyOf(key)}: ${value}`));
  const line = `{ ${pairs.join(", ")} }`;
  if (fits(line)) return line;
  return `{\n${pairs.map((pair) => `${indent}  ${pair},\n`).join("")}${indent}}`;
}

function fits(line: string): boolean {
  return line.length <= 80 && !line.includes("\n");
}

/** `__proto__: x` would set what the object inherits from, and be no member. */
function keyOf(key: string): string {
  if (key === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(key) ? key : text(key);
}

/** Characters that an editor does not show, or shows in another order, are escaped: a text must not look like code. */
function text(value: string): string {
  return JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
