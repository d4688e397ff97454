/** Which function answers which operation: an operation without one does not compile. */
import type { Input, OperationsOf, Output } from "../api/operations.ts";
import type { Context } from "./context.ts";
import { discoverInstances } from "./discovery.ts";
import type { Draft } from "./draft.ts";
import {
  deregisterInstance,
  getInstance,
  listInstances,
  registerInstance,
  updateInstanceCustomHealthStatus,
} from "./instance.ts";
import {
  createHttpNamespace,
  deleteNamespace,
  getNamespace,
  listNamespaces,
  updateHttpNamespace,
} from "./namespace.ts";
import { type Change, getOperation, listOperations } from "./operation.ts";
import type { Registry } from "./registry.ts";
import { createService, deleteService, getService, listServices } from "./service.ts";
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
  GetInstance: getInstance,
  GetNamespace: getNamespace,
  GetOperation: getOperation,
  GetService: getService,
  ListInstances: listInstances,
  ListNamespaces: listNamespaces,
  ListOperations: listOperations,
  ListServices: listServices,
  ListTagsForResource: listTagsForResource,
};

/** Done when they are answered. */
export const writes: Writes = {
  CreateService: createService,
  DeleteService: deleteService,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateInstanceCustomHealthStatus: updateInstanceCustomHealthStatus,
};

/** Followed by an operation to their end. */
export const changes: Changes = {
  CreateHttpNamespace: createHttpNamespace,
  DeleteNamespace: deleteNamespace,
  DeregisterInstance: deregisterInstance,
  RegisterInstance: registerInstance,
  UpdateHttpNamespace: updateHttpNamespace,
};
