/** The operation table: every operation of the API that the engine answers, by name. */
import { DiscoverInstances } from "./discovery.ts";
import type { ErrorCode } from "./errors.ts";
import {
  DeregisterInstance,
  GetInstance,
  ListInstances,
  RegisterInstance,
  UpdateInstanceCustomHealthStatus,
} from "./instance.ts";
import {
  CreateHttpNamespace,
  DeleteNamespace,
  GetNamespace,
  ListNamespaces,
  UpdateHttpNamespace,
} from "./namespace.ts";
import { GetOperation, ListOperations } from "./operation.ts";
import type { Static, StructureSchema } from "./schema.ts";
import { CreateService, DeleteService, GetService, ListServices } from "./service.ts";
import { ListTagsForResource, TagResource, UntagResource } from "./tags.ts";

interface OperationShape {
  /** `read` changes nothing; `write` is done when it is answered; `operation` goes on after its answer. */
  readonly kind: "read" | "write" | "operation";
  readonly description: string;
  readonly input: StructureSchema;
  /** undefined: the API gives it no output shape, and the answer has no body. */
  readonly output: StructureSchema | undefined;
  readonly errors: readonly ErrorCode[];
}

export const operations = {
  CreateHttpNamespace,
  CreateService,
  DeleteNamespace,
  DeleteService,
  DeregisterInstance,
  DiscoverInstances,
  GetInstance,
  GetNamespace,
  GetOperation,
  GetService,
  ListInstances,
  ListNamespaces,
  ListOperations,
  ListServices,
  ListTagsForResource,
  RegisterInstance,
  TagResource,
  UntagResource,
  UpdateHttpNamespace,
  UpdateInstanceCustomHealthStatus,
} as const satisfies Record<string, OperationShape>;

export type OperationName = keyof typeof operations;
export type Input<N extends OperationName> = Static<(typeof operations)[N]["input"]>;
export type Output<N extends OperationName> = (typeof operations)[N]["output"] extends StructureSchema
  ? Static<(typeof operations)[N]["output"]>
  : undefined;

/** The operations of one kind. */
export type OperationsOf<Kind extends OperationShape["kind"]> = {
  [N in OperationName]: (typeof operations)[N]["kind"] extends Kind ? N : never;
}[OperationName];

/** What goes before the operation's name in the X-Amz-Target header. */
export const targetPrefix = "Route53AutoNaming_v20170314";

export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(operations, name);
}
