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

/** What a policy can name: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudmap.html */
export type ResourceKind = "namespace" | "service";

/** The service's own condition keys; `aws:ResourceTag/…` goes with every operation that has a resource. */
export type ConditionKey =
  | "servicediscovery:NamespaceArn"
  | "servicediscovery:NamespaceName"
  | "servicediscovery:ServiceArn"
  | "servicediscovery:ServiceCreatedByAccount"
  | "servicediscovery:ServiceName"
  | "aws:RequestTag"
  | "aws:TagKeys";

interface Authorization {
  /** All of them must be allowed; with none, a statement applies where its resource is `*`. */
  readonly resources: readonly ResourceKind[];
  readonly keys: readonly ConditionKey[];
}

const tagKeys = ["aws:RequestTag", "aws:TagKeys"] as const;
const discover = {
  resources: ["namespace", "service"],
  keys: ["servicediscovery:NamespaceName", "servicediscovery:ServiceName"],
} as const;
const createNamespace = { resources: [], keys: tagKeys } as const;
const changeNamespace = { resources: ["namespace"], keys: [] } as const;
const changeService = { resources: ["service"], keys: ["servicediscovery:ServiceCreatedByAccount"] } as const;
const changeInstance = {
  resources: ["service"],
  keys: ["servicediscovery:ServiceArn", "servicediscovery:ServiceCreatedByAccount"],
} as const;
const readInstance = { resources: ["service"], keys: ["servicediscovery:ServiceArn"] } as const;
const list = { resources: [], keys: [] } as const;

/** What may be said of each operation in a policy. */
export const authorizations: { readonly [N in OperationName]: Authorization } = {
  CreateHttpNamespace: createNamespace,
  CreatePrivateDnsNamespace: createNamespace,
  CreatePublicDnsNamespace: createNamespace,
  CreateService: { resources: ["namespace", "service"], keys: ["servicediscovery:NamespaceArn", ...tagKeys] },
  DeleteNamespace: changeNamespace,
  DeleteService: changeService,
  DeleteServiceAttributes: changeService,
  DeregisterInstance: changeInstance,
  DiscoverInstances: discover,
  DiscoverInstancesRevision: discover,
  GetInstance: readInstance,
  GetInstancesHealthStatus: readInstance,
  GetNamespace: { resources: ["namespace"], keys: [] },
  GetOperation: { resources: ["namespace"], keys: [] },
  GetService: { resources: ["service"], keys: [] },
  GetServiceAttributes: { resources: ["service"], keys: [] },
  ListInstances: readInstance,
  ListNamespaces: list,
  ListOperations: list,
  ListServices: list,
  ListTagsForResource: list,
  RegisterInstance: changeInstance,
  TagResource: { resources: [], keys: tagKeys },
  UntagResource: { resources: [], keys: ["aws:TagKeys"] },
  UpdateHttpNamespace: changeNamespace,
  UpdateInstanceCustomHealthStatus: changeInstance,
  UpdatePrivateDnsNamespace: changeNamespace,
  UpdatePublicDnsNamespace: changeNamespace,
  UpdateService: changeService,
  UpdateServiceAttributes: changeService,
};
