// The health of instances: the status that a program declares, waiting until one is healthy, and what a preview refuses of both.
import type { CustomHealthStatus, HealthStatus } from "../api/instance.ts";
import { type Backoff, delay, pause } from "./backoff.ts";
import type { Props } from "./casing.ts";
import type { Client } from "./client.ts";
import type { Deadline } from "./deadline.ts";
import { CallError, hasCode } from "./failure.ts";
import { instanceIdOf } from "./ids.ts";
import type { CheckFailure, ParentShape } from "./kind.ts";
import { hasUnknown } from "./unknown.ts";

export interface Address {
  readonly serviceId: string;
  readonly instanceId: string;
}

const between: Backoff = { first: 250, cap: 5000 };

/** All instances of a service that have a status. AWS answers InstanceNotFound for a service without instances. */
export async function listHealth({ call }: Client, serviceId: string): Promise<ReadonlyMap<string, HealthStatus>> {
  const found = new Map<string, HealthStatus>();
  let token: string | undefined;
  try {
    do {
      const next = token === undefined ? {} : { NextToken: token };
      const page = await call("GetInstancesHealthStatus", { ServiceId: serviceId, MaxResults: 100, ...next });
      for (const [id, status] of Object.entries(page.Status ?? {})) found.set(id, status);
      token = page.NextToken;
    } while (token);
  } catch (error) {
    if (!hasCode(error, "InstanceNotFound")) throw error;
  }
  return found;
}

export async function healthOf(
  { call }: Client,
  { serviceId, instanceId }: Address,
  signal?: AbortSignal,
): Promise<HealthStatus | undefined> {
  try {
    const asked = { ServiceId: serviceId, Instances: [instanceId] };
    const { Status = {} } = await call("GetInstancesHealthStatus", asked, { ...(signal && { signal }) });
    return new Map(Object.entries(Status)).get(instanceId);
  } catch (error) {
    if (hasCode(error, "InstanceNotFound")) return undefined;
    throw error;
  }
}

/**
 * Reports a status, and waits until it is the instance's: "AWS Cloud Map … waits for 30 seconds" before it believes that
 * one is unhealthy, and until then a refresh would take the old status for somebody's change.
 */
export async function declareHealth(
  client: Client,
  address: Address,
  status: CustomHealthStatus,
  deadline: Deadline,
): Promise<void> {
  const { serviceId: ServiceId, instanceId: InstanceId } = address;
  const report = { ServiceId, InstanceId, Status: status };
  await client.call("UpdateInstanceCustomHealthStatus", report, { signal: deadline.signal });
  await waitForHealth(client, address, status, deadline);
}

export async function waitForHealth(
  client: Client,
  address: Address,
  wanted: HealthStatus,
  deadline: Deadline,
): Promise<void> {
  let last = "not known yet";
  for (let looks = 0; ; looks++) {
    try {
      last = (await healthOf(client, address, deadline.signal)) ?? "not known yet";
      if (last === wanted) return;
      deadline.tell(`waiting until it is ${wanted}: it is ${last}, ${deadline.waited()}`);
      await pause(delay(looks, between), deadline.signal);
    } catch (error) {
      if (!deadline.over() || error instanceof CallError) throw error;
      throw tooLate(address, wanted, last, deadline);
    }
  }
}

function tooLate({ serviceId, instanceId }: Address, wanted: string, last: string, deadline: Deadline): CallError {
  return new CallError(
    "NotHealthy",
    `the instance ${instanceIdOf(serviceId, instanceId)} is registered, but was not ${wanted} after ${deadline.waited()}: its last status was ${last}; ${deadline.end()}; the next \`pulumi up\` goes on waiting.`,
  );
}

/** What can be said without a call, as far as the program tells what the service checks. */
export function healthFailures(
  { customHealthStatus, waitUntilHealthy }: Props,
  parent: ParentShape | undefined,
): CheckFailure[] {
  const { healthCheckConfig, healthCheckCustomConfig } = parent ?? {};
  const isKnown = parent !== undefined && !hasUnknown(parent);
  const found: CheckFailure[] = [];
  if (isKnown && customHealthStatus !== undefined && healthCheckCustomConfig === undefined) {
    const reason =
      "customHealthStatus needs a service with a healthCheckCustomConfig. Give the service `{}`, or leave the status out.";
    found.push({ property: "customHealthStatus", reason });
  }
  const isChecked = healthCheckConfig !== undefined || healthCheckCustomConfig !== undefined;
  if (isKnown && waitUntilHealthy === true && !isChecked) {
    const reason = "waitUntilHealthy needs a service with a health check: without one, no instance ever is HEALTHY.";
    found.push({ property: "waitUntilHealthy", reason });
  }
  if (waitUntilHealthy === true && customHealthStatus === "UNHEALTHY") {
    const reason = "waitUntilHealthy would wait for ever where customHealthStatus is UNHEALTHY. Leave one of them out.";
    found.push({ property: "waitUntilHealthy", reason });
  }
  return found;
}
