// What providers answer, read from their messages, and what their errors say beyond the text.

import type pb from "@pulumi/pulumi/proto/provider_pb.js";
import { provider as messages, status } from "../rpc/stubs.ts";
import { withSecretsOf } from "../value/difference.ts";
import { type Properties, withoutSecrets } from "../value/value.ts";
import { decodeProperties } from "../value/wire.ts";
import type { Checked, Diff, DiffKind, Made, PropertyDifference, ReadResult } from "./provider.ts";

export function plain(properties: Properties): Properties {
  return withoutSecrets(properties) as Properties; // A map stays a map.
}

export function checkedOf(response: pb.CheckResponse, news: Properties, markSecrets: boolean): Checked {
  const inputs = decodeProperties(response.getInputs());
  const failures = response
    .getFailuresList()
    .map((item) => ({ property: item.getProperty(), reason: item.getReason() }));
  return { inputs: markSecrets ? withSecretsOf(inputs, news) : inputs, failures };
}

export function readOf(response: pb.ReadResponse): ReadResult {
  const properties = response.getProperties();
  const inputs = response.getInputs();
  return {
    id: response.getId(),
    outputs: properties && decodeProperties(properties),
    inputs: inputs && decodeProperties(inputs),
  };
}

const { PropertyDiff, DiffResponse } = messages;
const kinds: ReadonlyMap<number, DiffKind> = new Map<number, DiffKind>([
  [PropertyDiff.Kind.ADD, "add"],
  [PropertyDiff.Kind.ADD_REPLACE, "add-replace"],
  [PropertyDiff.Kind.DELETE, "delete"],
  [PropertyDiff.Kind.DELETE_REPLACE, "delete-replace"],
  [PropertyDiff.Kind.UPDATE, "update"],
  [PropertyDiff.Kind.UPDATE_REPLACE, "update-replace"],
]);

export function diffOf(response: pb.DiffResponse): Diff {
  const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
  const changes = response.getChanges();
  return {
    changes: changes === DIFF_NONE ? "none" : changes === DIFF_SOME ? "some" : "unknown",
    replaceKeys: response.getReplacesList(),
    stableKeys: response.getStablesList(),
    changedKeys: response.getDiffsList(),
    detailed: response.getHasdetaileddiff() ? detailedOf(response) : undefined,
    deleteBeforeReplace: response.getDeletebeforereplace(),
  };
}

function detailedOf(response: pb.DiffResponse): ReadonlyMap<string, PropertyDifference> {
  const detailed = new Map<string, PropertyDifference>();
  response.getDetaileddiffMap().forEach((item, key) => {
    detailed.set(key, { kind: kinds.get(item.getKind()) ?? "update", inputDiff: item.getInputdiff() });
  });
  return detailed;
}

const trailer = "grpc-status-details-bin";

interface WithMetadata {
  readonly metadata: { get(key: string): readonly (string | Buffer)[] };
}

function hasMetadata(error: unknown): error is WithMetadata {
  return error instanceof Error && "metadata" in error && error.metadata !== undefined;
}

/** Reads the detail ErrorResourceInitFailed of a google.rpc.Status in the trailer, where there is one. */
export function initFailureOf(error: unknown): (Made & ReadResult) | undefined {
  if (!hasMetadata(error)) return undefined;
  const [bytes] = error.metadata.get(trailer);
  if (bytes === undefined || typeof bytes === "string") return undefined;
  for (const detail of status.Status.deserializeBinary(bytes).getDetailsList()) {
    if (!detail.getTypeUrl().endsWith("/pulumirpc.ErrorResourceInitFailed")) continue;
    const failed = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
    const inputs = failed.getInputs();
    return {
      id: failed.getId(),
      outputs: decodeProperties(failed.getProperties()),
      inputs: inputs && decodeProperties(inputs),
      failed: { reasons: failed.getReasonsList() },
    };
  }
  return undefined;
}
