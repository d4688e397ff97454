/** Instances: what their operations do. */
import { CloudMapError } from "../api/errors.ts";
import type { Attributes, HealthStatus, ServiceShape } from "../api/instance.ts";
import type { Input, Output } from "../api/operations.ts";
import { attributeProblems } from "../api/rules.ts";
import { createdBy, creatorOf, ownerOf } from "./account.ts";
import { type Context, digestOf } from "./context.ts";
import type { Draft } from "./draft.ts";
import { invalidInput } from "./invalid.ts";
import { answered, type Change } from "./operation.ts";
import { page } from "./page.ts";
import { addInstance, removeInstance } from "./quotas.ts";
import {
  busyInstancePrefix,
  type HealthRecord,
  healthKey,
  instanceKey,
  namespaceKey,
  revisionKey,
  type ServiceRecord,
  watchKey,
} from "./records.ts";
import type { InstanceState, Registry } from "./registry.ts";
import { findService, guardService, peekService, seenService } from "./service.ts";

const busy = (serviceId = "", instanceId = "") => `${busyInstancePrefix(serviceId).slice(5)}${instanceId}`;

export const registerInstance: Change<"RegisterInstance"> = {
  type: "REGISTER_INSTANCE",
  targets: (draft, { ServiceId, InstanceId }, context) => ({
    INSTANCE: InstanceId,
    SERVICE: guardService(draft, ServiceId, context).Id,
  }),
  target: ({ InstanceId }, { SERVICE }) => busy(SERVICE, InstanceId),
  token: ({ CreatorRequestId }) => CreatorRequestId,
  before: (draft, input, { SERVICE = "" }) => {
    const record = draft.guard(instanceKey(SERVICE, input.InstanceId));
    if (record?.CreatorRequestId === undefined || record.CreatorRequestId !== input.CreatorRequestId) return undefined;
    const { Attributes, OperationId } = record;
    return answered({ Digest: digestOf(asGiven(Attributes)), OperationId }, input.Attributes);
  },
  effect: (draft, { ServiceId, InstanceId, CreatorRequestId, Attributes }, { operationId }, context) => {
    const service = guardService(draft, ServiceId, context);
    const problems = attributeProblems(Attributes, shapeOf(draft, service));
    if (problems.length > 0)
      throw invalidInput(problems.map((problem) => ({ ...problem, path: ["Attributes", ...problem.path] })));
    if (draft.peek(instanceKey(service.Id, InstanceId)) === undefined) addInstance(draft, service, context);
    draft.put(instanceKey(service.Id, InstanceId), {
      Attributes: withEc2Address(Attributes, context),
      ...(CreatorRequestId && { CreatorRequestId }),
      OperationId: operationId,
      ...createdBy(service, context),
    });
    const health = healthKey(service.Id, InstanceId);
    const initial = initialHealth(service, Attributes.AWS_INIT_HEALTH_STATUS, context.now());
    if (initial !== undefined) draft.put(health, initial);
    // "If there's also an existing health check, Cloud Map deletes the old health check and creates a new one."
    else if (service.HealthCheckConfig !== undefined && draft.guard(health) !== undefined) draft.delete(health);
  },
};

function shapeOf(draft: Draft, service: ServiceRecord): ServiceShape {
  const { RoutingPolicy, DnsRecords = [] } = service.DnsConfig ?? {};
  return {
    namespaceType: draft.peek(namespaceKey(service.NamespaceId))?.Type ?? "HTTP",
    records: DnsRecords.map(({ Type }) => Type),
    probed: service.HealthCheckConfig !== undefined,
    ...(RoutingPolicy && { routingPolicy: RoutingPolicy }),
  };
}

/** "When the AWS_EC2_INSTANCE_ID attribute is specified, then the AWS_INSTANCE_IPV4 attribute will be filled out." */
function withEc2Address(attributes: Attributes, { ec2 }: Context): Attributes {
  const id = attributes.AWS_EC2_INSTANCE_ID;
  if (id === undefined) return attributes;
  const address = ec2?.(id);
  if (address !== undefined) return { ...attributes, AWS_INSTANCE_IPV4: address };
  const where = ec2 === undefined ? "none is, for there is no table of them" : "the table of them does not have it";
  throw new CloudMapError(
    "InvalidInput",
    `The EC2 instance ${id} is not known here: ${where} (--ec2). Give AWS_INSTANCE_IPV4 instead, or have it added.`,
  );
}

/** The attributes of a registration without the address that was filled in. */
function asGiven(attributes: Attributes): Attributes {
  if (attributes.AWS_EC2_INSTANCE_ID === undefined) return attributes;
  const { AWS_INSTANCE_IPV4: _, ...given } = attributes;
  return given;
}

/** "If the service configuration includes HealthCheckCustomConfig, you can optionally use AWS_INIT_HEALTH_STATUS." */
function initialHealth(service: ServiceRecord, status: string | undefined, now: number): HealthRecord | undefined {
  if (service.HealthCheckCustomConfig === undefined) return undefined;
  return status === "HEALTHY" || status === "UNHEALTHY" ? { Status: status, Since: now, Told: true } : undefined;
}

export const deregisterInstance: Change<"DeregisterInstance"> = {
  type: "DEREGISTER_INSTANCE",
  targets: (draft, { ServiceId, InstanceId }, context) => ({
    INSTANCE: InstanceId,
    SERVICE: guardService(draft, ServiceId, context).Id,
  }),
  target: ({ InstanceId }, { SERVICE }) => busy(SERVICE, InstanceId),
  token: () => undefined,
  effect: (draft, { ServiceId, InstanceId }, { targets }, context) => {
    const { SERVICE = "" } = targets;
    if (draft.guard(instanceKey(SERVICE, InstanceId)) === undefined) throw instanceNotFound(SERVICE, InstanceId);
    removeInstance(draft, guardService(draft, ServiceId, context));
    draft.delete(instanceKey(SERVICE, InstanceId));
    if (draft.guard(healthKey(SERVICE, InstanceId)) !== undefined) draft.delete(healthKey(SERVICE, InstanceId));
    draft.put(revisionKey(SERVICE), true);
  },
};

function instanceNotFound(serviceId: string, id: string): CloudMapError {
  return new CloudMapError("InstanceNotFound", `No instance ${id} is registered in the service ${serviceId}.`);
}

export function getInstance(
  registry: Registry,
  { ServiceId, InstanceId }: Input<"GetInstance">,
  context: Context,
): Output<"GetInstance"> {
  // Not ServiceNotFound: Terraform's provider, whose tests run on AWS, looks for an instance after its service has gone,
  // and takes InstanceNotFound only for gone.
  const service = seenService(registry, ServiceId, context);
  const instance = service?.instances.get(InstanceId);
  if (service === undefined || instance === undefined) throw instanceNotFound(ServiceId, InstanceId);
  const { record } = service;
  const { CreatorRequestId } = instance.record;
  return {
    ResourceOwner: ownerOf(record, context),
    Instance: { ...summary(instance, record, context), ...(CreatorRequestId && { CreatorRequestId }) },
  };
}

export function listInstances(
  registry: Registry,
  input: Input<"ListInstances">,
  context: Context,
): Output<"ListInstances"> {
  const { record, instances } = findService(registry, input.ServiceId, context);
  const { entries, next } = page(`ListInstances ${record.Id}`, input, (after, most) => instances.page(after, most));
  const Instances = entries.map((instance) => summary(instance, record, context));
  return { ResourceOwner: ownerOf(record, context), Instances, ...next };
}

function summary({ id, record }: InstanceState, service: ServiceRecord, context: Context) {
  return { Id: id, Attributes: record.Attributes, CreatedByAccount: creatorOf(record, service, context) };
}

/**
 * A status reported for a custom health check. "HEALTHY takes effect at once, UNHEALTHY after the window"; the same
 * status again neither hastens nor extends it, HEALTHY in the window takes it back.
 */
export function updateInstanceCustomHealthStatus(
  draft: Draft,
  { ServiceId, InstanceId, Status }: Input<"UpdateInstanceCustomHealthStatus">,
  context: Context,
): undefined {
  const service = peekService(draft, ServiceId, context) ?? guardService(draft, ServiceId, context);
  if (draft.guard(instanceKey(service.Id, InstanceId)) === undefined) throw instanceNotFound(service.Id, InstanceId);
  if (service.HealthCheckCustomConfig === undefined) {
    throw new CloudMapError("CustomHealthNotFound", `The service ${service.Id} has no custom health check.`);
  }
  const key = healthKey(service.Id, InstanceId);
  const current = draft.guard(key) ?? { Status: "HEALTHY", Since: 0 };
  if (current.Status === Status) return undefined;
  const now = context.now();
  const pending = Status === "UNHEALTHY" && context.healthWindow > 0;
  draft.put(key, pending ? { Status, Since: now + context.healthWindow } : { Status, Since: now, Told: true });
  const isSeen = Status === "UNHEALTHY" || isInEffect(current, now); // or else it takes back what nobody has seen
  if (isSeen && !pending) draft.put(watchKey(service.Id), true);
  return undefined;
}

/** The status of an instance at a moment: whoever tells of it, in whichever protocol, asks here. HEALTHY until found otherwise. */
export function healthOf(
  service: Pick<ServiceRecord, "HealthCheckConfig" | "HealthCheckCustomConfig">,
  { health }: Pick<InstanceState, "health">,
  now: number,
): HealthStatus {
  if (service.HealthCheckConfig !== undefined) return health?.Status ?? "HEALTHY"; // a probe's result, at once
  if (service.HealthCheckCustomConfig === undefined) return "UNKNOWN";
  return health?.Status === "UNHEALTHY" && isInEffect(health, now) ? "UNHEALTHY" : "HEALTHY";
}

/** By this node's clock; or by that of the node which has told of it, so that all agree from then on. */
function isInEffect({ Since, Told }: HealthRecord, now: number): boolean {
  return Told === true || Since <= now;
}

/** All of the service's instances a page at a time; or those that are named, each of which must be there. */
export function getInstancesHealthStatus(
  registry: Registry,
  input: Input<"GetInstancesHealthStatus">,
  context: Context,
): Output<"GetInstancesHealthStatus"> {
  const { record, instances } = findService(registry, input.ServiceId, context);
  const named = input.Instances && new Set(input.Instances);
  for (const id of named ?? []) if (instances.get(id) === undefined) throw instanceNotFound(record.Id, id);
  const { entries, next } = page(`GetInstancesHealthStatus ${record.Id}`, input, (after, most) =>
    named === undefined ? instances.page(after, most) : instances.pageOf(named, after, most),
  );
  const now = context.now();
  return { Status: Object.fromEntries(entries.map((found) => [found.id, healthOf(record, found, now)])), ...next };
}
