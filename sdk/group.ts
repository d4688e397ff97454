// Instances in groups, and what each of them gets of its group: the attributes, and its share of the weight.
import * as pulumi from "@pulumi/pulumi";
import type { InstanceArgs, InstanceAttributes } from "./instance.ts";
import { weightAttribute, weightOf } from "./weight.ts";

/** The instances of a service by their ids, each with its attributes. */
export interface InstancesById {
  readonly [instanceId: string]: InstanceAttributes;
}

type Status = NonNullable<InstanceArgs["customHealthStatus"]>;

/** The status that `healthCheckCustomConfig` is told: one of all instances, or those of some by their ids. */
export type InstanceHealth = Status | { readonly [instanceId: string]: Status };

/** Instances that belong together: a colour, a release, a track. */
export interface InstanceGroup {
  /**
   * How much of the traffic the group is to get, beside the weights of the other groups: 90 and 10 are nine tenths and
   * one. The group's instances share it, as their attribute `CLOUDMAP_WEIGHT`: a whole number, 0 or at least 1 for each
   * instance, at most 255 for each. With 0 its instances stay registered, and DNS answers them only where nothing else
   * is left. Changing it updates this group's instances and no others.
   *
   * @default all instances of all groups alike; either every group has a weight, or none has
   */
  readonly weight?: pulumi.Input<number> | undefined;
  /** Attributes of every instance of the group, such as its version. */
  readonly attributes?: InstanceAttributes | undefined;
  /** The status that the service's `healthCheckCustomConfig` is told of the group's instances; it goes before the service's. */
  readonly customHealthStatus?: InstanceHealth | undefined;
  /** The instances by their ids, which are unique in the service, not only in the group. */
  readonly instances: InstancesById;
}

/** An instance with all that its group and its service say of it. */
export interface Placed {
  readonly instanceId: string;
  readonly attributes: InstanceAttributes;
  readonly customHealthStatus: Status | undefined;
}

interface Grouped {
  readonly attributes?: InstanceAttributes | undefined;
  readonly customHealthStatus?: InstanceHealth | undefined;
  readonly instances?: InstancesById | undefined;
  readonly groups?: { readonly [group: string]: InstanceGroup } | undefined;
}

/** Whether the groups have weights. */
export function isWeighted({ groups = {} }: Grouped): boolean {
  return Object.values(groups).some(({ weight }) => weight !== undefined);
}

/** All instances of a service. An instance that changes its group stays the same resource. */
export function placed(name: string, all: Grouped): readonly Placed[] {
  const { attributes, customHealthStatus, instances = {}, groups = {} } = all;
  refuseHalfWeighted(name, groups);
  const alike = { attributes: {}, customHealthStatus: undefined };
  const own = [
    ...Object.entries(instances).map(([instanceId, each]) => ({ instanceId, ...alike, attributes: each })),
    ...Object.entries(groups).flatMap(([group, each]) => inGroup(name, group, each)),
  ];
  refuseTwice(name, own);
  const ids = own.map(({ instanceId }) => instanceId);
  refuseStrangers(name, customHealthStatus, ids);
  return own.map(({ instanceId, ...each }) => ({
    instanceId,
    attributes: { ...attributes, ...each.attributes },
    customHealthStatus: each.customHealthStatus ?? statusOf(customHealthStatus, instanceId),
  }));
}

function inGroup(name: string, group: string, own: InstanceGroup): readonly Placed[] {
  const { weight, attributes, customHealthStatus, instances } = own;
  const all = Object.entries(instances);
  refuseStrangers(`${name}: the group ${JSON.stringify(group)}`, customHealthStatus, Object.keys(instances));
  return all.map(([instanceId, each], index) => {
    const share = weight === undefined ? {} : { [weightAttribute]: shareOf(group, weight, all.length, index) };
    return {
      instanceId,
      attributes: { group, ...share, ...attributes, ...each },
      customHealthStatus: statusOf(customHealthStatus, instanceId),
    };
  });
}

function isByIds(health: InstanceHealth | undefined): health is { readonly [instanceId: string]: Status } {
  return typeof health === "object" && !pulumi.Output.isInstance(health) && !(health instanceof Promise);
}

function statusOf(health: InstanceHealth | undefined, instanceId: string): Status | undefined {
  if (!isByIds(health)) return health;
  return Object.hasOwn(health, instanceId) ? health[instanceId] : undefined;
}

/** A status of nobody is a slip, which would leave somebody without one. */
function refuseStrangers(whose: string, health: InstanceHealth | undefined, ids: readonly string[]): void {
  const stranger = isByIds(health) ? Object.keys(health).find((id) => !ids.includes(id)) : undefined;
  if (stranger === undefined) return;
  throw new Error(`${whose} has no instance ${JSON.stringify(stranger)}, of which customHealthStatus tells a status.`);
}

/** A number that is known is judged where the program gives it, an output when it is known. */
function shareOf(group: string, weight: pulumi.Input<number>, count: number, index: number): pulumi.Input<string> {
  if (typeof weight === "number") return weightOf(group, weight, count, index);
  return pulumi.output(weight).apply((known) => weightOf(group, known, count, index));
}

function refuseHalfWeighted(name: string, groups: { readonly [group: string]: InstanceGroup }): void {
  const without = Object.entries(groups).filter(([, { weight }]) => weight === undefined);
  if (without.length === 0 || without.length === Object.keys(groups).length) return;
  const names = without.map(([group]) => JSON.stringify(group)).join(", ");
  throw new Error(`${name}: the other groups have a weight, and so must ${names}.`);
}

function refuseTwice(name: string, all: readonly Placed[]): void {
  const ids = all.map(({ instanceId }) => instanceId);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new Error(`${name}: ${JSON.stringify(twice)} is in more than one group.`);
}
