// The attributes of a service as a whole: where a program declares them, all that are there are its own; else none is.

import type { Schema } from "../api/schema.ts";
import { ServiceAttributesMap } from "../api/service.ts";
import { isRecord, type Props } from "./casing.ts";
import type { Client } from "./client.ts";
import { CallError } from "./failure.ts";

const { minProperties: _, ...declarable } = ServiceAttributesMap;

/** In a program there may be none, too. */
export const declaredAttributes = {
  ...declarable,
  description: "What is known of the service as a whole: up to 30 attributes.",
} as const satisfies Schema;

export async function readServiceAttributes({ call }: Client, serviceId: string): Promise<Props> {
  const { ServiceAttributes = {} } = await call("GetServiceAttributes", { ServiceId: serviceId });
  return ServiceAttributes.Attributes ?? {};
}

/** For an import: an endpoint that does not know them, or a caller that may not ask, is no reason to fail. */
export async function findServiceAttributes(client: Client, serviceId: string): Promise<Props | undefined> {
  try {
    const found = await readServiceAttributes(client, serviceId);
    return Object.keys(found).length === 0 ? undefined : found;
  } catch (error) {
    if (error instanceof CallError && error.retry === undefined) return undefined;
    throw error;
  }
}

/** Removes and sets what differs; removes first, for the service has room for 30. */
export async function updateServiceAttributes(
  { call }: Client,
  serviceId: string,
  olds: unknown,
  news: unknown,
  signal: AbortSignal,
): Promise<void> {
  const [before, after] = [isRecord(olds) ? olds : {}, isRecord(news) ? news : {}];
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
  if (gone.length > 0) await call("DeleteServiceAttributes", { ServiceId: serviceId, Attributes: gone }, { signal });
  if (set.length === 0) return;
  const Attributes = Object.fromEntries(set) as Record<string, string>; // passed by the check
  await call("UpdateServiceAttributes", { ServiceId: serviceId, Attributes }, { signal });
}
