// Lists the instances of a service with their health, as whoever runs the service sees them.
import { Attributes, HealthStatus as HealthShape, InstanceSummary } from "../../api/instance.ts";
import { described, type StructureSchema } from "../../api/schema.ts";
import type { Client } from "../client.ts";
import { shortId } from "../ids.ts";
import { listHealth } from "../instance-health.ts";
import { all, answered, type Lookup } from "./function.ts";

const output = {
  type: "object",
  properties: {
    Instances: {
      type: "array",
      items: {
        type: "object",
        properties: {
          InstanceId: described(InstanceSummary.properties.Id, "The id of the instance in its service."),
          Attributes,
          HealthStatus: described(HealthShape, "Whether the instance is healthy; UNKNOWN without a health check."),
        },
        required: ["InstanceId", "Attributes", "HealthStatus"],
      },
      description: "The instances, by their ids.",
    },
  },
  required: ["Instances"],
} as const satisfies StructureSchema;

export const getInstances: Lookup = {
  description: "Lists the instances of a service, each with its health.",
  input: {
    type: "object",
    properties: {
      ServiceId: { type: "string", description: "The id or the ARN of the service." },
      HealthStatus: described(HealthShape, "Only instances of this health."),
    },
    required: ["ServiceId"],
  },
  output,
  async answer({ serviceId, healthStatus }, client) {
    const ServiceId = shortId(String(serviceId));
    const [found, health] = await Promise.all([listInstances(ServiceId, client), listHealth(client, ServiceId)]);
    const instances = found.map(({ Id = "", Attributes: attributes }) => ({
      InstanceId: Id,
      Attributes: attributes ?? {},
      HealthStatus: health.get(Id) ?? "UNKNOWN",
    }));
    const wanted = instances.filter((each) => healthStatus === undefined || each.HealthStatus === healthStatus);
    return answered({ output }, { Instances: wanted });
  },
};

function listInstances(ServiceId: string, client: Client) {
  return all(
    (next) => client.call("ListInstances", { ServiceId, ...next }),
    ({ Instances }) => Instances,
  );
}
