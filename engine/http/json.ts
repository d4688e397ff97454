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

function encodeInstance({
  InstanceId,
  NamespaceName,
  ServiceName,
  HealthStatus,
  Attributes,
}: HttpInstanceSummary): string {
  const names = `"InstanceId":${quoted(InstanceId)},"NamespaceName":${quoted(NamespaceName)},"ServiceName":${quoted(ServiceName)}`;
  return `{${names},"HealthStatus":"${HealthStatus}","Attributes":${encodeAttributes(Attributes ?? {})}}`;
}

const texts = new WeakMap<Attributes, string>();

/** A record's attributes never change: another registration is another record. */
function encodeAttributes(attributes: Attributes): string {
  let text = texts.get(attributes);
  if (text === undefined) {
    text = JSON.stringify(attributes);
    texts.set(attributes, text);
  }
  return text;
}

const plain = /^[ !#-[\]-~]*$/;

function quoted(text = ""): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}
