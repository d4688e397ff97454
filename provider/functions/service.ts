// Finds services: by id or ARN, by name in their namespace, or all of them.
import { described, type Schema, type StructureSchema } from "../../api/schema.ts";
import { type Service, Service as ServiceShape, ServiceSummary } from "../../api/service.ts";
import type { Props } from "../casing.ts";
import type { Client } from "../client.ts";
import { shortId } from "../ids.ts";
import { readTags } from "../tags.ts";
import { all, answered, type Lookup, only } from "./function.ts";

const { Id, Arn, Name, NamespaceId, Type, Description, DnsConfig, HealthCheckConfig, HealthCheckCustomConfig } =
  ServiceShape.properties;
const summary = {
  Id: described(Id, "The id of the service: `srv-…`."),
  Arn: described(Arn, "The ARN of the service."),
  Name: described(Name, "The name of the service."),
  Type: described(Type, "How the service is discovered."),
  Description,
  DnsConfig,
  HealthCheckConfig,
  HealthCheckCustomConfig,
} as const satisfies Record<string, Schema>;

/** What each answer of the registry has. */
const always = ["Id", "Arn", "Name", "Type"] as const;

const tagMap = {
  type: "object",
  propertyNames: { type: "string" },
  additionalProperties: { type: "string" },
  description: "The tags of the service.",
} as const satisfies Schema;

const one = {
  type: "object",
  properties: { ...summary, NamespaceId: described(NamespaceId, "The id of the service's namespace."), Tags: tagMap },
  required: [...always, "NamespaceId", "Tags"],
} as const satisfies StructureSchema;

export const getService: Lookup = {
  description: "Finds a service by its id, its ARN, or its name and namespace.",
  input: {
    type: "object",
    properties: {
      Id: { type: "string", description: "The id or the ARN of the service." },
      Arn: { type: "string", description: "The ARN of the service." },
      Name: described(Name, "The name of the service; the namespace goes with it."),
      NamespaceId: { type: "string", description: "The id or the ARN of the service's namespace." },
    },
  },
  output: one,
  oneOf: [["id"], ["arn"], ["name", "namespaceId"]],
  async answer(args, client) {
    const found = await find(args, client);
    return { ...answered({ output: one }, found), tags: await readTags(client, found) };
  },
};

async function find({ id, arn, name, namespaceId }: Props, client: Client): Promise<Service> {
  const given = id ?? arn ?? (await findService(String(name), shortId(String(namespaceId)), client));
  const { Service: found = {} } = await client.call("GetService", { Id: shortId(String(given)) });
  return found;
}

/** The id of a service of this name. */
export async function findService(name: string, namespaceId: string, client: Client): Promise<string> {
  const found = (await listServices(client, namespaceId)).filter((each) => each.Name === name);
  return only(found, `service ${JSON.stringify(name)} in ${namespaceId}`, ({ Arn: of }) => of ?? "").Id ?? "";
}

function listServices(client: Client, namespaceId: string | undefined) {
  const filtered =
    namespaceId === undefined ? {} : { Filters: [{ Name: "NAMESPACE_ID", Values: [namespaceId] } as const] };
  return all(
    (next) => client.call("ListServices", { ...filtered, ...next }),
    ({ Services }) => Services,
  );
}

const many = {
  type: "object",
  properties: {
    Services: {
      type: "array",
      items: {
        type: "object",
        properties: { ...summary, InstanceCount: ServiceSummary.properties.InstanceCount },
        required: [...always, "InstanceCount"],
      },
      description: "The services that were found.",
    },
  },
  required: ["Services"],
} as const satisfies StructureSchema;

export const getServices: Lookup = {
  description: "Lists the services, all or those of a namespace.",
  input: {
    type: "object",
    properties: { NamespaceId: { type: "string", description: "Only services of the namespace with this id or ARN." } },
  },
  output: many,
  async answer({ namespaceId }, client) {
    const id = typeof namespaceId === "string" ? shortId(namespaceId) : undefined;
    return answered({ output: many }, { Services: await listServices(client, id) });
  },
};
