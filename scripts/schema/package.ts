// The package as Pulumi's tools see it: resources from the kinds, functions, configuration, and how each language names it.
import { readFileSync } from "node:fs";
import type { Lookup } from "../../provider/functions/function.ts";
import { functions } from "../../provider/functions.ts";
import type { Kind } from "../../provider/kind.ts";
import { type KindName, kinds } from "../../provider/kinds.ts";
import { listings } from "../../provider/listing.ts";
import { configuration } from "./configuration.ts";
import { documentOf, propertyDocument } from "./documents.ts";
import { members, type PropertySpec, type Types } from "./structure.ts";

const { version, description, keywords, license } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);

export function packageSchema(): object {
  const types: Types = new Map();
  const resources = Object.entries(kinds).map(([name, kind]) => [
    `cloudmap:index:${name}`,
    resource(name as KindName, kind, types), // one of the table's keys
  ]);
  const asked = Object.entries(functions).map(([name, lookup]) => [`cloudmap:index:${name}`, fn(name, lookup, types)]);
  return {
    name: "cloudmap",
    displayName: "Cloud Map",
    version,
    description,
    keywords: [...keywords, "kind/native", "category/cloud"],
    license,
    language,
    config: { variables: configuration, defaults: [] },
    provider: {
      description: "Where the registry is, and who calls it: several of them in one program are several environments.",
      inputProperties: configuration,
      properties: {},
    },
    types: Object.fromEntries([...types].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    resources: Object.fromEntries(resources),
    functions: Object.fromEntries(asked),
  };
}

const language = {
  nodejs: { packageName: "pulumi-cloudmap", respectSchemaVersion: true },
  python: { packageName: "pulumi_cloudmap", respectSchemaVersion: true, pyproject: { enabled: true } },
  // What the CLI tells to import after `pulumi package add`; Go takes a first element without a dot for its own library.
  go: {
    importBasePath: "example.com/pulumi-cloudmap/sdk/go/cloudmap",
    respectSchemaVersion: true,
    generateResourceContainerTypes: true,
  },
  csharp: { rootNamespace: "Pulumi", respectSchemaVersion: true, packageReferences: { Pulumi: "3.*" } },
  java: { basePackage: "com.pulumi", buildFiles: "gradle", dependencies: { "com.pulumi:pulumi": "1.16.1" } },
};

/** What the state alone knows has no schema of the API's. */
const stateOnly: Readonly<Record<string, PropertySpec>> = {
  forceDestroy: { type: "boolean" },
  adopt: { type: "boolean" },
  waitUntilHealthy: { type: "boolean" },
  tagsAll: { type: "object", additionalProperties: { type: "string" } },
};

/** Most outputs are texts. */
const outputTypes: Readonly<Record<string, PropertySpec>> = {
  nameServers: { type: "array", items: { type: "string" } },
};

/** What the API answers is more than it takes: a service is made as `HTTP` or nothing, and is `DNS` or `DNS_HTTP` too. */
const answered: Readonly<Record<string, Readonly<Record<string, PropertySpec>>>> = {
  Service: { type: { type: "string" } },
};

function resource(name: KindName, kind: Kind, types: Types): object {
  const all = members(kind.schema, name, types);
  const inputs = { ...all.properties, ...pick(stateOnly, Object.keys(kind.properties)) };
  const outputs = Object.fromEntries(kind.outputs.map((output) => [output, outputTypes[output] ?? { type: "string" }]));
  const { tagsAll, ...settable } = inputs;
  const of = (properties: Readonly<Record<string, PropertySpec>>) => documented(name, kind, properties);
  const automatic = kind.properties.instanceId === undefined ? "name" : "instanceId";
  const requiredInputs = all.required.filter((property) => property !== automatic);
  return {
    description: documentOf(name),
    properties: of({ ...inputs, ...outputs, ...answered[name] }),
    required: [...new Set([...all.required, ...(outputs.arn === undefined ? [] : ["arn"])])].toSorted(),
    inputProperties: of(settable),
    requiredInputs: requiredInputs.toSorted(),
    listInputs: { type: "object", ...members(listings[name].input, `${name}List`, types) },
    aliases: [{ type: `pulumi-nodejs:dynamic/cloudmap:${name}` }],
  };
}

/** The SDK says more of a property than the API does; what replaces the resource is marked. */
function documented(name: string, kind: Kind, properties: Readonly<Record<string, PropertySpec>>) {
  const entries = Object.entries(properties).map(([property, spec]) => {
    const description = propertyDocument(name, property) ?? spec.description;
    if (description === undefined) throw new Error(`nothing says what ${name}.${property} is`);
    const replaces = kind.properties[property]?.replaces === true && { willReplaceOnChanges: true };
    return [property, { ...spec, description, ...replaces }];
  });
  return Object.fromEntries(entries);
}

function fn(name: string, { description, input, output }: Lookup, types: Types): object {
  const title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  return {
    description,
    inputs: { type: "object", ...members(input, title, types) },
    outputs: { type: "object", ...members(output, `${title}Result`, types) },
  };
}

function pick<T>(from: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));
}
