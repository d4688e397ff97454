// What others can do to each property of each kind, what a refresh reports of it, and what the next `up` does.
import type { Input, OperationName, Output } from "../../../api/operations.ts";
import type { KindName } from "../../../provider/kinds.ts";
import { instances } from "./instances.ts";
import { httpNamespaces, privateDnsNamespaces, publicDnsNamespaces } from "./namespaces.ts";
import { services } from "./services.ts";

/** The resource that others meddle with, and how they ask the registry. */
export interface Target {
  readonly id: string;
  readonly arn: string;
  call<N extends OperationName>(operation: N, input: Input<N>): Promise<Output<N>>;
}

/** One thing that others do. */
export interface Drift {
  /** What they do, as a sentence's end: "set another". */
  readonly others: string;
  /** The program's arguments, but for its parent. */
  readonly declares?: object;
  /** The kind of namespace that the service is in, or a custom health check of the instance's service. */
  readonly within?: "http" | "private" | "public" | "custom" | "own";
  readonly meddle: (target: Target) => Promise<unknown>;
  /** `update description` with the paths that a refresh reports; `delete`: it is gone. */
  readonly refresh: `update ${string}` | "delete" | "nothing";
  /** An output that the refresh renews all the same. */
  readonly tells?: string;
  /** Where it is not what was reported. */
  readonly up?: `replace ${string}` | "nothing";
}

/** Why nobody can change it behind a program's back. */
export interface Never {
  readonly never: string;
}

export type Drifts = readonly Drift[] | Never;

/** By property; the resource itself is `""`. */
export type KindDrifts = Readonly<Record<string, Drifts>>;

export const table: Readonly<Record<KindName, KindDrifts>> = {
  HttpNamespace: httpNamespaces,
  PrivateDnsNamespace: privateDnsNamespaces,
  PublicDnsNamespace: publicDnsNamespaces,
  Service: services,
  Instance: instances,
};

export interface Row extends Drift {
  readonly kind: KindName;
  readonly property: string;
  /** Of the resource that it happens to: a DNS name too. */
  readonly name: string;
}

/** Every row of a kind under a name of its own. */
export function rowsOf(kind: KindName): readonly Row[] {
  return Object.entries(table[kind]).flatMap(([property, drifts]) =>
    "never" in drifts
      ? []
      : drifts.map((drift, index) => ({ ...drift, kind, property, name: named(kind, property || "gone", index) })),
  );
}

function named(...parts: readonly (string | number)[]): string {
  return parts.join("-").toLowerCase();
}

/** What the `up` after the refresh does. */
export function repairOf({ refresh, up }: Drift): string {
  return up ?? (refresh === "delete" ? "create" : refresh);
}
