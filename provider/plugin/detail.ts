// Differences as Pulumi shows them: which path was added, changed or removed, and whether that makes a new resource.
import { isDeepStrictEqual } from "node:util";
import { isRecord, type Props } from "../casing.ts";
import type { DiffResult } from "../kind.ts";
import { provider } from "./stubs.ts";

const { Kind } = provider.PropertyDiff;

export interface Detail {
  readonly path: string;
  readonly kind: number;
}

/** One entry for each place that differs within the properties that changed. */
export function details({ changed, replaces }: DiffResult, olds: Props, news: Props): Detail[] {
  return changed.flatMap((name) => {
    const places = [...differences(name, olds[name], news[name])];
    const found = places.length > 0 ? places : [{ path: name, before: olds[name], after: news[name] }];
    return found.map(({ path, before, after }) => ({ path, kind: kindOf(before, after, replaces.includes(name)) }));
  });
}

function kindOf(before: unknown, after: unknown, replaces: boolean): number {
  if (before === undefined) return replaces ? Kind.ADD_REPLACE : Kind.ADD;
  if (after === undefined) return replaces ? Kind.DELETE_REPLACE : Kind.DELETE;
  return replaces ? Kind.UPDATE_REPLACE : Kind.UPDATE;
}

interface Place {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

function* differences(path: string, before: unknown, after: unknown): Generator<Place> {
  if (isDeepStrictEqual(before, after)) return;
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* differences(`${path}${step(key)}`, before[key], after[key]);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
      yield* differences(`${path}[${index}]`, before[index], after[index]);
    }
  } else yield { path, before, after };
}

/** sdk/go/common/resource/property_path.go */
function step(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `["${key.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"]`;
}
