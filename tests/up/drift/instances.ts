// What others can do to instances.
import type { KindDrifts, Target } from "./table.ts";
import { adopt } from "./tags.ts";

const attributes = { zone: "a", version: "1" };
const declares = { attributes };

const partsOf = ({ id }: Target): { ServiceId: string; InstanceId: string } => {
  const [ServiceId = "", InstanceId = ""] = id.split("/");
  return { ServiceId, InstanceId };
};

const register = (Attributes: Readonly<Record<string, string>>) => (target: Target) =>
  target.call("RegisterInstance", { ...partsOf(target), Attributes });

const report = (Status: "HEALTHY" | "UNHEALTHY") => (target: Target) =>
  target.call("UpdateInstanceCustomHealthStatus", { ...partsOf(target), Status });

const deregister = (target: Target) => target.call("DeregisterInstance", partsOf(target));

export const instances: KindDrifts = {
  "": [
    { others: "deregister it", declares, meddle: deregister, refresh: "delete" },
    {
      others: "delete it with its service",
      within: "own",
      declares,
      meddle: async (target) => {
        await deregister(target);
        return target.call("DeleteService", { Id: partsOf(target).ServiceId });
      },
      refresh: "delete",
    },
    { others: "register it again as it is", declares, meddle: register(attributes), refresh: "nothing" },
    {
      others: "deregister it, and register it as it was",
      declares,
      meddle: async (target) => {
        await deregister(target);
        return register(attributes)(target);
      },
      refresh: "nothing",
    },
    {
      others: "register another one beside it",
      declares,
      meddle: (target) =>
        target.call("RegisterInstance", {
          ServiceId: partsOf(target).ServiceId,
          InstanceId: "foreign",
          Attributes: { zone: "theirs" },
        }),
      refresh: "nothing",
    },
    {
      others: "report that it is unhealthy, where the program declares no health",
      within: "custom",
      declares,
      meddle: report("UNHEALTHY"),
      refresh: "nothing",
    },
  ],
  serviceId: { never: "it says which instance is meant" },
  instanceId: { never: "it says which instance is meant" },
  attributes: [
    {
      others: "change one",
      declares,
      meddle: register({ ...attributes, zone: "theirs" }),
      refresh: "update attributes.zone",
    },
    { others: "remove one", declares, meddle: register({ zone: "a" }), refresh: "update attributes.version" },
    { others: "add one", declares, meddle: register({ ...attributes, new: "1" }), refresh: "update attributes.new" },
    {
      others: "set all others",
      declares,
      meddle: register({ theirs: "1" }),
      refresh: "update attributes.theirs attributes.version attributes.zone",
    },
  ],
  customHealthStatus: [
    {
      others: "report another",
      within: "custom",
      declares: { attributes, customHealthStatus: "HEALTHY" },
      meddle: report("UNHEALTHY"),
      refresh: "update customHealthStatus",
    },
    {
      others: "report that it is well",
      within: "custom",
      declares: { attributes, customHealthStatus: "UNHEALTHY" },
      meddle: report("HEALTHY"),
      refresh: "update customHealthStatus",
    },
  ],
  waitUntilHealthy: { never: "only the state knows it" },
  adopt,
};
