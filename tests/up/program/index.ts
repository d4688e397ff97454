// A program that declares what spec.json beside it says: resources of all kinds, their options, and the stack's outputs.
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as dynamic from "pulumi-cloudmap";
import * as plugin from "pulumi-cloudmap/plugin";
import type { Spec } from "../spec.ts";

class Group extends pulumi.ComponentResource {
  constructor(name: string, _args: object, options: pulumi.ComponentResourceOptions) {
    super("up:index:Group", name, {}, options);
    this.registerOutputs({});
  }
}

const spec: Spec = JSON.parse(readFileSync(new URL("spec.json", import.meta.url), "utf8"));
const { HttpNamespace, PrivateDnsNamespace, PublicDnsNamespace, Service, Instance, DiscoverableService } =
  spec.host === "plugin" ? plugin : dynamic;
const { Provider } = plugin;
const kinds = {
  ...{ HttpNamespace, PrivateDnsNamespace, PublicDnsNamespace, Service, Instance, DiscoverableService },
  ...{ Group, Provider },
} as const;
const made = new Map<string, pulumi.Resource>();

/** `=web` is the resource web, `=web.id` an output of it, `{ "$secret": x }` a secret, `{ "$ask": [function, …] }` its answer. */
function resolve(value: unknown): unknown {
  if (typeof value === "string" && value.startsWith("=")) return referred(value.slice(1));
  if (Array.isArray(value)) return value.map(resolve);
  if (typeof value !== "object" || value === null) return value;
  if ("$secret" in value) return pulumi.secret(resolve(value.$secret));
  if ("$ask" in value) return asked(value.$ask as readonly unknown[]);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolve(each)]));
}

function asked([name, args, options]: readonly unknown[]): unknown {
  const functions = dynamic as unknown as Record<string, (args: unknown, options: unknown) => unknown>;
  return functions[`${name}Output`]?.(resolve(args), resolve(options));
}

function referred(text: string): unknown {
  const [name = "", property] = text.split(".");
  const resource = made.get(name);
  if (resource === undefined) throw new Error(`spec.json refers to ${name}, which it has not declared yet`);
  return property === undefined ? resource : (resource as unknown as Record<string, unknown>)[property];
}

for (const { kind, name, args = {}, options = {}, id } of spec.resources) {
  // What a spec says is of any shape, wrong ones too: that they are refused is what tests want to see.
  const make = kinds[kind] as unknown as new (name: string, args: unknown, options: unknown) => pulumi.Resource;
  const given = resolve(id === undefined ? options : { ...options, id });
  made.set(name, new make(name, resolve(args), given));
}

/** Every output of the stack, by name. */
export const outputs = resolve(spec.outputs ?? {});
