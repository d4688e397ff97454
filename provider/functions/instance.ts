// Lists the instances of a service with their health, as whoever runs the service sees them.
import { Attributes, HealthStatus as HealthShape, type HealthStatus, InstanceSummary } from "../../api/instance.ts";
import { described, type StructureSchema } from "../../api/schema.ts";
import type { Client } from "../client.ts";
import { hasCode } from "../failure.ts";
import { shortId } from "../ids.ts";
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
      },
      description: "The instances, by their ids.",
    },
  },
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
    const [found, health] = await Promise.all([listInstances(ServiceId, client), healthOf(ServiceId, client)]);
    const instances = found.map(({ Id = "", Attributes: attributes }) => ({
      InstanceId: Id,
      Attributes: attributes,
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

/** AWS answers InstanceNotFound for a service without instances. */
async function healthOf(ServiceId: string, client: Client): Promise<Map<string, HealthStatus>> {
  try {
    const ask = (next: object) => client.call("GetInstancesHealthStatus", { ServiceId, ...next });
    return new Map(await all(ask, ({ Status }) => Object.entries(Status ?? {})));
  } catch (error) {
    if (hasCode(error, "InstanceNotFound")) return new Map();
    throw error;
  }
}
