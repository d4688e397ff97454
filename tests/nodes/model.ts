/** What the checker holds histories against: an instance with the service that it is in, and a namespace with one of its services. */
import type { Done, Model } from "./linearizable.ts";

/** An operation as it bears on one instance of one service, with what it came to. */
export type InstanceOperation =
  | { readonly kind: "create service"; readonly outcome: "done" | "exists" }
  | { readonly kind: "delete service"; readonly outcome: "done" | "in use" | "no service" }
  | { readonly kind: "register"; readonly value: string; readonly outcome: "done" | "no service" }
  | { readonly kind: "deregister"; readonly outcome: "done" | "no instance" | "no service" }
  /** The attributes that were read; "": there is no such instance, or no such service. */
  | { readonly kind: "read"; readonly value: string };

/** What the instance has; undefined: it is not there. No state at all: nor is its service. */
type InstanceState = { readonly value: string | undefined } | "no service";

const none: InstanceState = { value: undefined };

/** What an operation of unknown outcome did, if it did anything, is what it does when it is done. */
export const instanceModel: Model<InstanceState, InstanceOperation> = {
  initial: "no service",
  nameOf: (state) => (state === "no service" ? state : `has ${state.value ?? "nothing"}`),
  isLook: (operation) => operation.kind === "read" || operation.outcome !== "done",
  about: (operation) => ("value" in operation && operation.value !== "" ? `has ${operation.value}` : undefined),
  step: (state, operation, isKnown) => {
    if (operation.kind === "read") {
      const value = state === "no service" ? "" : (state.value ?? "");
      return value === operation.value ? state : undefined;
    }
    return changed(state, isKnown ? operation : { ...operation, outcome: "done" });
  },
};

type Change = Exclude<InstanceOperation, { readonly kind: "read" }>;

function changed(state: InstanceState, operation: Change): InstanceState | undefined {
  const { kind, outcome } = operation;
  if (outcome === "no service") return state === "no service" ? state : undefined;
  if (kind === "create service") {
    if (outcome === "exists") return state === "no service" ? undefined : state;
    return state === "no service" ? none : undefined;
  }
  if (state === "no service") return undefined;
  if (outcome === "in use") return state; // by this instance, or by another
  if (kind === "register") return { value: operation.value };
  if (outcome === "no instance") return state.value === undefined ? state : undefined;
  if (kind === "deregister") return state.value === undefined ? undefined : none;
  return state.value === undefined ? "no service" : undefined;
}

/** An operation as it bears on one name of a namespace and the one service in it; a namespace is known by the token that made it. */
export type NamespaceOperation =
  | { readonly kind: "create"; readonly token: string; readonly outcome: "done" }
  /** Refused, because the one of that token has the name. */
  | { readonly kind: "create"; readonly token: string; readonly outcome: "exists" }
  | { readonly kind: "delete"; readonly token: string; readonly outcome: "done" | "in use" | "no namespace" }
  | { readonly kind: "create service"; readonly token: string; readonly outcome: "done" | "exists" | "no namespace" }
  | { readonly kind: "delete service"; readonly token: string; readonly outcome: "done" | "no service" };

/** "": there is no namespace of that name. */
interface NamespaceState {
  readonly token: string;
  readonly hasService: boolean;
}

const noNamespace: NamespaceState = { token: "", hasService: false };

export const namespaceModel: Model<NamespaceState, NamespaceOperation> = {
  initial: noNamespace,
  nameOf: ({ token, hasService }) => `${token}${hasService ? " with a service" : ""}`,
  isLook: ({ outcome }) => outcome !== "done",
  about: () => undefined,
  step: (state, operation, isKnown) => {
    const { kind, token, outcome } = isKnown ? operation : { ...operation, outcome: "done" };
    const isThis = state.token === token;
    if (kind === "create") {
      if (outcome === "exists") return isThis ? state : undefined;
      return state.token === "" ? { token, hasService: false } : undefined;
    }
    if (outcome === "no namespace") return isThis ? undefined : state;
    if (outcome === "no service") return isThis && state.hasService ? undefined : state;
    if (!isThis) return undefined;
    if (outcome === "in use" || outcome === "exists") return state.hasService ? state : undefined;
    if (kind === "create service") return state.hasService ? undefined : { token, hasService: true };
    if (kind === "delete service") return state.hasService ? { token, hasService: false } : undefined;
    return state.hasService ? undefined : noNamespace;
  },
};

/** A history in a form that can be kept, and judged elsewhere. */
export function written(history: readonly Done<unknown>[]): string {
  return history.map((done) => JSON.stringify(done)).join("\n");
}
