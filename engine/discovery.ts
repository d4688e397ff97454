/** Discovery: which instances of a service are answered, and in which order. */
import type { HttpInstanceSummary } from "../api/discovery.ts";
import type { Attributes } from "../api/instance.ts";
import type { Input, Output } from "../api/operations.ts";
import { isChecked } from "../api/service.ts";
import { names, scopeOf } from "./account.ts";
import type { Context } from "./context.ts";
import { healthOf } from "./instance.ts";
import { namespaceNotFound } from "./namespace.ts";
import { comparable, type ServiceRecord, scoped } from "./records.ts";
import type { InstanceState, NamespaceState, Registry, ServiceState } from "./registry.ts";
import { serviceNotFound } from "./service.ts";

const defaultMaxResults = 100;

/** Health and parameters first, then the shuffle, then MaxResults. */
export function discoverInstances(
  registry: Registry,
  input: Input<"DiscoverInstances">,
  context: Context,
): Output<"DiscoverInstances"> {
  const { namespace, service, record } = findByNames(registry, input, context);
  const asked = (instances: Iterable<InstanceState>) =>
    withHealth(record, instances, input.HealthStatus, context.now());
  const chosen = preferred(asked(withAll(service.instances.values(), input.QueryParameters)), input.OptionalParameters);
  const answered = shuffled(chosen).slice(0, input.MaxResults ?? defaultMaxResults);
  const names = { NamespaceName: namespace.record?.HttpName ?? "", ServiceName: record.Name };
  return {
    Instances: answered.map(({ instance, status }) => summary(instance, status, names)),
    InstancesRevision: service.revision,
  };
}

export function discoverInstancesRevision(
  registry: Registry,
  input: Input<"DiscoverInstancesRevision">,
  context: Context,
): Output<"DiscoverInstancesRevision"> {
  return { InstancesRevision: findByNames(registry, input, context).service.revision };
}

/** "NamespaceName: the HttpName name of the namespace. OwnerAccount: for namespaces that are shared with your account." */
export function findByNames(registry: Registry, input: Input<"DiscoverInstancesRevision">, context: Context) {
  const { NamespaceName, ServiceName, OwnerAccount: account = context.account } = input;
  const httpName = scoped(NamespaceName, scopeOf({ account, home: context.home }));
  const id = registry.httpNames.get(httpName) ?? "";
  const namespace = registry.namespaces.get(id);
  const isSeen = namespace?.record !== undefined && names(context, { id, account }, id, namespace.record);
  if (namespace === undefined || !isSeen) throw namespaceNotFound(`named ${NamespaceName}`);
  const name = comparable(namespace.record?.Type ?? "HTTP", ServiceName);
  const service = registry.services.get(namespace.services.get(name) ?? "");
  if (service?.record === undefined) throw serviceNotFound(`named ${ServiceName} in the namespace ${NamespaceName}`);
  return { namespace, service, record: service.record } satisfies {
    namespace: NamespaceState;
    service: ServiceState;
    record: ServiceRecord;
  };
}

interface Judged {
  readonly instance: InstanceState;
  readonly status: NonNullable<HttpInstanceSummary["HealthStatus"]>;
}

/** "If no health check is configured, all the instances are returned." HEALTHY_OR_ELSE_ALL fails open, HEALTHY does not. */
function withHealth(
  service: ServiceRecord,
  instances: Iterable<InstanceState>,
  wanted: Input<"DiscoverInstances">["HealthStatus"] = "HEALTHY",
  now: number,
): Judged[] {
  const judged: Judged[] = [];
  for (const instance of instances) judged.push({ instance, status: healthOf(service, instance, now) });
  if (!isChecked(service) || wanted === "ALL") return judged;
  if (wanted !== "HEALTHY_OR_ELSE_ALL") return judged.filter(({ status }) => status === wanted);
  const healthy = judged.filter(({ status }) => status === "HEALTHY");
  return healthy.length > 0 ? healthy : judged;
}

function withAll(instances: Iterable<InstanceState>, parameters: Attributes | undefined): Iterable<InstanceState> {
  if (parameters === undefined) return instances;
  return Array.from(instances).filter(({ record }) => hasAll(record.Attributes, parameters));
}

/** "If there are instances that match both, only those are returned; otherwise the optional parameters are ignored." */
function preferred(judged: Judged[], parameters: Attributes | undefined): Judged[] {
  if (parameters === undefined) return judged;
  const better = judged.filter(({ instance }) => hasAll(instance.record.Attributes, parameters));
  return better.length > 0 ? better : judged;
}

function hasAll(attributes: Attributes, parameters: Attributes): boolean {
  return Object.entries(parameters).every(
    ([key, value]) => Object.hasOwn(attributes, key) && attributes[key] === value,
  );
}

function shuffled<T>(values: T[]): T[] {
  for (let last = values.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    const moved = values[last] as T; // both are within the array
    values[last] = values[other] as T;
    values[other] = moved;
  }
  return values;
}

function summary(
  { id, record }: InstanceState,
  status: Judged["status"],
  names: { NamespaceName: string; ServiceName: string },
) {
  const { NamespaceName, ServiceName } = names;
  return { InstanceId: id, NamespaceName, ServiceName, HealthStatus: status, Attributes: record.Attributes };
}
