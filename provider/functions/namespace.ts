// Finds namespaces: by id or ARN, by name, or all of them.
import {
  Namespace,
  type NamespaceSummary,
  NamespaceType,
  NamespaceSummary as SummaryShape,
} from "../../api/namespace.ts";
import { described, type Schema, type StructureSchema } from "../../api/schema.ts";
import type { Props } from "../casing.ts";
import type { Client } from "../client.ts";
import { shortId } from "../ids.ts";
import { readTags } from "../tags.ts";
import { all, answered, type Lookup, only } from "./function.ts";

const text = (description: string) => ({ type: "string", description }) as const;
const { Id, Arn, Name, Type, Description } = Namespace.properties;

const summary = {
  Id: described(Id, "The id of the namespace: `ns-…`."),
  Arn: described(Arn, "The ARN of the namespace."),
  Name: described(Name, "The name of the namespace."),
  Type: described(Type, "The type of the namespace."),
  Description,
  HttpName: text("The name by which DiscoverInstances finds the namespace."),
  HostedZone: text("The id of the hosted zone of a DNS namespace."),
} as const satisfies Record<string, Schema>;

const tagMap = {
  type: "object",
  propertyNames: text("The key of a tag."),
  additionalProperties: text("The value of a tag."),
  description: "The tags of the namespace.",
} as const satisfies Schema;

/** What each answer of the registry has. */
const always = ["Id", "Arn", "Name", "Type", "HttpName"] as const;

/** What a namespace's properties are to a program: `httpName` and `hostedZone`, not nested. */
function flat(namespace: NamespaceSummary): Props {
  const { HttpProperties, DnsProperties } = namespace.Properties ?? {};
  return { ...namespace, HttpName: HttpProperties?.HttpName, HostedZone: DnsProperties?.HostedZoneId };
}

const one = {
  type: "object",
  properties: { ...summary, Tags: tagMap },
  required: [...always, "Tags"],
} as const satisfies StructureSchema;

function lookup(description: string, type: NamespaceType | undefined, typed: boolean): Lookup {
  const byName = { Name: described(Name, "The name of the namespace; of several, give the type too, or the id.") };
  const input = {
    type: "object",
    properties: {
      ...byName,
      ...(type === undefined && { Type: described(NamespaceType, "The type of the namespace, where names repeat.") }),
      ...(!typed && { Id: text("The id or the ARN of the namespace."), Arn: text("The ARN of the namespace.") }),
    },
    ...(typed && { required: ["Name"] }),
  } as StructureSchema;
  const self: Lookup = {
    description,
    input,
    output: one,
    ...(!typed && { oneOf: [["id"], ["arn"], ["name"]] }),
    async answer(args, client) {
      const found = await find({ ...args, ...(type !== undefined && { type }) }, client);
      return { ...answered(self, flat(found)), tags: await readTags(client, found) };
    },
  };
  return self;
}

/** By id or ARN, else by name, of the type if it is given. */
async function find({ id, arn, name, type }: Props, client: Client): Promise<NamespaceSummary> {
  const given = id ?? arn;
  if (typeof given === "string") {
    const { Namespace: found = {} } = await client.call("GetNamespace", { Id: shortId(given) });
    return found;
  }
  return findNamespace(String(name), client, type as NamespaceType | undefined); // passed by the input's schema
}

export async function findNamespace(name: string, client: Client, type?: NamespaceType): Promise<NamespaceSummary> {
  const found = (await listNamespaces(client, { name, type })).filter((each) => each.Name === name);
  return only(
    found,
    `${type ?? ""} namespace ${JSON.stringify(name)}`.trim(),
    ({ Type: kind, Arn: of }) => `${kind}, ${of}`,
  );
}

interface Wanted {
  readonly name?: string | undefined;
  readonly type?: NamespaceType | undefined;
}

function listNamespaces(client: Client, { name, type }: Wanted): Promise<NamespaceSummary[]> {
  const Filters = [
    ...(name === undefined ? [] : [{ Name: "NAME", Values: [name] } as const]),
    ...(type === undefined ? [] : [{ Name: "TYPE", Values: [type] } as const]),
  ];
  const filtered = Filters.length === 0 ? {} : { Filters };
  return all(
    (next) => client.call("ListNamespaces", { ...filtered, ...next }),
    ({ Namespaces }) => Namespaces,
  );
}

export const getNamespace = lookup("Finds a namespace by its id, its ARN or its name.", undefined, false);
export const getHttpNamespace = lookup("Finds an HTTP namespace by its name.", "HTTP", true);
/** pulumi-aws's `getDnsNamespace` asks for the type as well. */
export const getDnsNamespace: Lookup = {
  ...lookup("Finds a DNS namespace by its name and type.", undefined, true),
  input: {
    type: "object",
    properties: {
      Name: described(Name, "The name of the namespace."),
      Type: { type: "string", enum: ["DNS_PUBLIC", "DNS_PRIVATE"], description: "The type of the namespace." },
    },
    required: ["Name", "Type"],
  },
};

const many = {
  type: "object",
  properties: {
    Namespaces: {
      type: "array",
      items: {
        type: "object",
        properties: { ...summary, ServiceCount: SummaryShape.properties.ServiceCount },
        required: [...always, "ServiceCount"],
      },
      description: "The namespaces that were found.",
    },
  },
  required: ["Namespaces"],
} as const satisfies StructureSchema;

export const getNamespaces: Lookup = {
  description: "Lists the namespaces, all or those of a name or a type.",
  input: {
    type: "object",
    properties: {
      Name: described(Name, "Only namespaces of this name."),
      Type: described(NamespaceType, "Only namespaces of this type."),
    },
  },
  output: many,
  async answer({ name, type }, client) {
    const wanted = { name: name as string | undefined, type: type as NamespaceType | undefined }; // passed by the schema
    const found = await listNamespaces(client, wanted);
    const exact = found.filter((each) => name === undefined || each.Name === name);
    return answered({ output: many }, { Namespaces: exact.map(flat) });
  },
};
