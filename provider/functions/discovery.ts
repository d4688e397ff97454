// Discovers instances as their clients do: by names, with health and parameters.
import * as api from "../../api/discovery.ts";
import type { Input } from "../../api/operations.ts";
import type { StructureSchema } from "../../api/schema.ts";
import { type Props, toWire } from "../casing.ts";
import { answered, type Lookup } from "./function.ts";

const { Instances, InstancesRevision } = api.DiscoverInstances.output.properties;
const found = {
  type: "object",
  properties: {
    Instances: {
      ...Instances,
      items: {
        ...Instances.items,
        required: ["InstanceId", "NamespaceName", "ServiceName", "HealthStatus", "Attributes"],
      },
    },
    InstancesRevision,
  },
  required: ["Instances", "InstancesRevision"],
} as const satisfies StructureSchema;

const revision = {
  ...api.DiscoverInstancesRevision.output,
  required: ["InstancesRevision"],
} as const satisfies StructureSchema;

export const discoverInstances: Lookup = {
  description: "Discovers the instances of a service by its name and its namespace's, as its clients do.",
  input: api.DiscoverInstances.input,
  output: found,
  async answer(args, client) {
    const input = toWire(api.DiscoverInstances.input, args) as Input<"DiscoverInstances">; // passed by its schema
    return answered({ output: found }, (await client.call("DiscoverInstances", input)) as Props);
  },
};

export const discoverInstancesRevision: Lookup = {
  description: "The revision of a service's instances: it grows with each registration and deregistration.",
  input: api.DiscoverInstancesRevision.input,
  output: revision,
  async answer(args, client) {
    const input = toWire(api.DiscoverInstancesRevision.input, args) as Input<"DiscoverInstancesRevision">; // likewise
    return answered({ output: revision }, (await client.call("DiscoverInstancesRevision", input)) as Props);
  },
};
