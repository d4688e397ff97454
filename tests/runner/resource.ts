// The resources that scenarios are written with.

import type { SpecResource } from "./scenario.ts";

export const urn = (name: string, parents = ""): string =>
  `urn:pulumi:dev::spec::${parents}pulumi-nodejs:dynamic/spec:Thing::${name}`;

/** A string `=a.computed` in inputs or outputs is that output of the resource a. */
export const thing = (name: string, inputs: object = {}, options: object = {}): SpecResource => ({
  name,
  inputs,
  options,
});

export const component = (name: string, options: object = {}, outputs: object = {}): SpecResource => ({
  name,
  component: true,
  options,
  outputs,
});

export const chain: readonly SpecResource[] = [
  thing("a", { v: "1" }),
  thing("b", { v: "=a.computed" }),
  thing("c", { v: "=b.computed" }),
];

type Json = unknown;
const links: ReadonlySet<string> = new Set(["parent", "deletedWith", "dependsOn", "replaceWith", "name"]);

/** The resource under a longer name, with all that refers to it or to others like it. */
export function prefixed(prefix: string, { name, inputs = {}, options = {}, ...rest }: SpecResource): SpecResource {
  return {
    ...rest,
    name: `${prefix}-${name}`,
    inputs: renamed(prefix, inputs, new Set(["name"])) as object,
    options: renamed(prefix, options, links) as object,
  };
}

export function renamed(prefix: string, value: Json, keys: ReadonlySet<string> = new Set()): Json {
  if (typeof value === "string") return value.startsWith("=") ? `=${prefix}-${value.slice(1)}` : value;
  if (Array.isArray(value)) return value.map((item) => renamed(prefix, item, keys));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      keys.has(key) ? named(prefix, item) : renamed(prefix, item, keys),
    ]),
  );
}

function named(prefix: string, value: Json): Json {
  return Array.isArray(value) ? value.map((item) => `${prefix}-${item}`) : `${prefix}-${value}`;
}
