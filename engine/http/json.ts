/** Writes outputs as JSON; what discovery answers again and again is kept as text. */
import type { HttpInstanceSummary } from "../../api/discovery.ts";
import type { Attributes } from "../../api/instance.ts";
import type { Output } from "../../api/operations.ts";

/** The body for an output; an operation without one has an empty body. */
export function encodeOutput(operation: string, output: unknown): string {
  if (output === undefined) return "";
  if (operation === "DiscoverInstances") return encodeDiscovered(output as Output<"DiscoverInstances">); // by its name
  return JSON.stringify(output);
}

function encodeDiscovered({ Instances = [], InstancesRevision }: Output<"DiscoverInstances">): string {
  return `{"Instances":[${Instances.map(encodeInstance).join()}],"InstancesRevision":${InstancesRevision}}`;
}

interface Encoded {
  readonly status: HttpInstanceSummary["HealthStatus"];
  readonly text: string;
}

/** By attributes: names never change, and another registration has attributes of its own; only health comes and goes. */
const encoded = new WeakMap<Attributes, Encoded>();

function encodeInstance(instance: HttpInstanceSummary): string {
  const { Attributes = {}, HealthStatus } = instance;
  const known = encoded.get(Attributes);
  if (known !== undefined && known.status === HealthStatus) return known.text;
  const text = JSON.stringify(instance);
  encoded.set(Attributes, { status: HealthStatus, text });
  return text;
}
