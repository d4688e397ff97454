/** Which function answers which operation: an operation without one does not compile. */
import type { Input, OperationsOf, Output } from "../api/operations.ts";
import type { Context } from "./context.ts";
import { discoverInstances, discoverInstancesRevision } from "./discovery.ts";
import type { Draft } from "./draft.ts";
import * as instance from "./instance.ts";
import * as namespace from "./namespace.ts";
import { type Change, getOperation, listOperations } from "./operation.ts";
import type { Reading } from "./reading.ts";
import type { Registry } from "./registry.ts";
import * as service from "./service.ts";
import * as attributes from "./service-attributes.ts";
import { updateService } from "./service-update.ts";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";

type Reads = {
  readonly [N in OperationsOf<"read">]: (registry: Registry, input: Input<N>, context: Context) => Output<N>;
};
type Writes = {
  readonly [N in OperationsOf<"write">]: (draft: Draft, input: Input<N>, context: Context) => Output<N>;
};
type Changes = { readonly [N in OperationsOf<"operation">]: Change<N> };

/** Answered from memory. */
export const reads: Reads = {
  DiscoverInstances: discoverInstances,
  DiscoverInstancesRevision: discoverInstancesRevision,
  GetInstance: instance.getInstance,
  GetInstancesHealthStatus: instance.getInstancesHealthStatus,
  GetNamespace: namespace.getNamespace,
  GetOperation: getOperation,
  GetService: service.getService,
  GetServiceAttributes: attributes.getServiceAttributes,
  ListInstances: instance.listInstances,
  ListNamespaces: namespace.listNamespaces,
  ListOperations: listOperations,
  ListServices: service.listServices,
  ListTagsForResource: listTagsForResource,
};

const list: Reading<unknown> = { isList: true };

/** What kinds of reads there are beside those of one thing, which is there or is not. */
export const readings: { readonly [N in OperationsOf<"read">]?: Reading<Output<N>> } = {
  DiscoverInstances: { isEmpty: ({ Instances }) => Instances === undefined || Instances.length === 0 },
  GetInstancesHealthStatus: list,
  ListInstances: list,
  ListNamespaces: list,
  ListOperations: list,
  ListServices: list,
  ListTagsForResource: list,
};

/** Done when they are answered. */
export const writes: Writes = {
  CreateService: service.createService,
  DeleteService: service.deleteService,
  DeleteServiceAttributes: attributes.deleteServiceAttributes,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateInstanceCustomHealthStatus: instance.updateInstanceCustomHealthStatus,
  UpdateServiceAttributes: attributes.updateServiceAttributes,
};

/** Followed by an operation to their end. */
export const changes: Changes = {
  CreateHttpNamespace: namespace.createHttpNamespace,
  CreatePrivateDnsNamespace: namespace.createPrivateDnsNamespace,
  CreatePublicDnsNamespace: namespace.createPublicDnsNamespace,
  DeleteNamespace: namespace.deleteNamespace,
  DeregisterInstance: instance.deregisterInstance,
  RegisterInstance: instance.registerInstance,
  UpdateHttpNamespace: namespace.updateHttpNamespace,
  UpdatePrivateDnsNamespace: namespace.updatePrivateDnsNamespace,
  UpdatePublicDnsNamespace: namespace.updatePublicDnsNamespace,
  UpdateService: updateService,
};
