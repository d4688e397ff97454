/** The operation table: every operation of the API that the engine answers, by name. */
import * as discovery from "./discovery.ts";
import type { ErrorCode } from "./errors.ts";
import * as instance from "./instance.ts";
import * as namespace from "./namespace.ts";
import * as operation from "./operation.ts";
import type { Static, StructureSchema } from "./schema.ts";
import * as service from "./service.ts";
import * as tags from "./tags.ts";

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
  CreateHttpNamespace: namespace.CreateHttpNamespace,
  CreatePrivateDnsNamespace: namespace.CreatePrivateDnsNamespace,
  CreatePublicDnsNamespace: namespace.CreatePublicDnsNamespace,
  CreateService: service.CreateService,
  DeleteNamespace: namespace.DeleteNamespace,
  DeleteService: service.DeleteService,
  DeleteServiceAttributes: service.DeleteServiceAttributes,
  DeregisterInstance: instance.DeregisterInstance,
  DiscoverInstances: discovery.DiscoverInstances,
  DiscoverInstancesRevision: discovery.DiscoverInstancesRevision,
  GetInstance: instance.GetInstance,
  GetInstancesHealthStatus: instance.GetInstancesHealthStatus,
  GetNamespace: namespace.GetNamespace,
  GetOperation: operation.GetOperation,
  GetService: service.GetService,
  GetServiceAttributes: service.GetServiceAttributes,
  ListInstances: instance.ListInstances,
  ListNamespaces: namespace.ListNamespaces,
  ListOperations: operation.ListOperations,
  ListServices: service.ListServices,
  ListTagsForResource: tags.ListTagsForResource,
  RegisterInstance: instance.RegisterInstance,
  TagResource: tags.TagResource,
  UntagResource: tags.UntagResource,
  UpdateHttpNamespace: namespace.UpdateHttpNamespace,
  UpdateInstanceCustomHealthStatus: instance.UpdateInstanceCustomHealthStatus,
  UpdatePrivateDnsNamespace: namespace.UpdatePrivateDnsNamespace,
  UpdatePublicDnsNamespace: namespace.UpdatePublicDnsNamespace,
  UpdateService: service.UpdateService,
  UpdateServiceAttributes: service.UpdateServiceAttributes,
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
/** What goes before a shape's name in its absolute id, by which CBOR names errors. */
export const shapeNamespace = "com.amazonaws.servicediscovery";

export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(operations, name);
}
