/** Service attributes: what is known of a service as a whole. */
import { CloudMapError } from "../api/errors.ts";
import type { Input, Output } from "../api/operations.ts";
import { maxServiceAttributes } from "../api/service.ts";
import { arnOfOwned, ownerOf } from "./account.ts";
import type { Context } from "./context.ts";
import type { Draft } from "./draft.ts";
import { serviceKey } from "./records.ts";
import type { Registry } from "./registry.ts";
import { findService, guardService } from "./service.ts";

export function getServiceAttributes(
  registry: Registry,
  { ServiceId }: Input<"GetServiceAttributes">,
  context: Context,
): Output<"GetServiceAttributes"> {
  const { record } = findService(registry, ServiceId, context);
  const { Attributes = {} } = record;
  const ServiceArn = arnOfOwned(context, "service", record);
  return { ServiceAttributes: { ServiceArn, ResourceOwner: ownerOf(record, context), Attributes } };
}

export function updateServiceAttributes(
  draft: Draft,
  { ServiceId, Attributes }: Input<"UpdateServiceAttributes">,
  context: Context,
): Output<"UpdateServiceAttributes"> {
  const record = guardService(draft, ServiceId, context);
  const merged = new Map([...Object.entries(record.Attributes ?? {}), ...Object.entries(Attributes)]);
  if (merged.size > maxServiceAttributes) {
    throw new CloudMapError(
      "ServiceAttributesLimitExceededException",
      `The service ${record.Id} would have ${merged.size} attributes; at most ${maxServiceAttributes} are allowed.`,
    );
  }
  draft.put(serviceKey(record.Id), { ...record, Attributes: Object.fromEntries(merged) });
  return {};
}

export function deleteServiceAttributes(
  draft: Draft,
  { ServiceId, Attributes }: Input<"DeleteServiceAttributes">,
  context: Context,
): Output<"DeleteServiceAttributes"> {
  const record = guardService(draft, ServiceId, context);
  const left = Object.entries(record.Attributes ?? {}).filter(([key]) => !Attributes.includes(key));
  draft.put(serviceKey(record.Id), { ...record, Attributes: Object.fromEntries(left) });
  return {};
}
