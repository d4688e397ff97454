/** Operations: how an asynchronous change begins and ends, and what is told of it. */
import { CloudMapError } from "../api/errors.ts";
import type { OperationType } from "../api/operation.ts";
import type { Input, OperationsOf, Output } from "../api/operations.ts";
import { ownedBy, ownerOf, referenceOf, sees } from "./account.ts";
import { type Context, digestOf, operationId, timestamp } from "./context.ts";
import { Draft } from "./draft.ts";
import { type Filters, matcher } from "./filter.ts";
import { page } from "./page.ts";
import {
  type BusyRecord,
  busyKey,
  namespaceKey,
  type OperationRecord,
  operationKey,
  serviceKey,
  type Targets,
} from "./records.ts";
import type { Registry } from "./registry.ts";

/** How many ended operations are remembered; the oldest are forgotten first. */
export const keptOperations = 50_000;

/** An asynchronous change: what it targets, and what it does when its time has come. */
export interface Change<N extends OperationsOf<"operation">> {
  readonly type: OperationType;
  /** Finds what the request is about; ids that do not exist yet are made here, once. */
  readonly targets: (draft: Draft, input: Input<N>, context: Context) => Targets;
  /** What no two changes may be under way for. */
  readonly target: (input: Input<N>, targets: Targets, context: Context) => string;
  readonly token: (input: Input<N>) => string | undefined;
  /** The operation that this same request began before, where it is done and what it made is still there. */
  readonly before?: (draft: Draft, input: Input<N>, targets: Targets, context: Context) => string | undefined;
  /** Refuses, or drafts the change. */
  readonly effect: (draft: Draft, input: Input<N>, job: Job, context: Context) => void;
}

export interface Job {
  readonly operationId: string;
  readonly targets: Targets;
}

/** Why a change that was taken came to nothing, as the operation tells it: "CANNOT_CREATE_HOSTED_ZONE" and its like. */
export class OperationFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Begins a change, and ends it in the same commit unless operations are made slow on purpose. */
export function begin<N extends OperationsOf<"operation">>(
  name: N,
  change: Change<N>,
  draft: Draft,
  input: Input<N>,
  context: Context,
): { OperationId: string } {
  const targets = change.targets(draft, input, context);
  const busy = busyKey(change.target(input, targets, context));
  const before =
    running(draft.guard(busy), change.token(input), input) ?? change.before?.(draft, input, targets, context);
  if (before !== undefined) return { OperationId: before };

  const now = context.now();
  const job: Job = { operationId: operationId(now), targets };
  const owner = ownedBy(ownerOfTargets(draft, targets, context), context);
  const record = { Id: job.operationId, Type: change.type, Targets: targets, CreateDate: timestamp(now), ...owner };
  if (context.operationDelay === 0) {
    const ended = carryOut(change, draft, input, job, context);
    draft.put(operationKey(record.Id), { ...record, ...ended, UpdateDate: timestamp(now) });
    return { OperationId: record.Id };
  }
  carryOut(change, new Draft(draft.registry, draft), input, job, context); // refuses now what it can
  const who = context.account === context.home ? {} : { Account: context.account };
  const Request = { Operation: name, Input: input, ...who };
  draft.put(operationKey(record.Id), { ...record, Status: "PENDING", UpdateDate: timestamp(now), Request });
  draft.put(busy, busyRecord(job.operationId, change.token(input), input));
  return { OperationId: record.Id };
}

/** Whose operation it is: the owner's of what it changes; a namespace that is being made will be the caller's. */
function ownerOfTargets(draft: Draft, { NAMESPACE, SERVICE }: Targets, context: Context): string {
  const namespace = NAMESPACE === undefined ? undefined : draft.peek(namespaceKey(NAMESPACE));
  const target = namespace ?? (SERVICE === undefined ? undefined : draft.peek(serviceKey(SERVICE)));
  return target === undefined ? context.account : ownerOf(target, context);
}

function busyRecord(OperationId: string, Token: string | undefined, input: unknown): BusyRecord {
  return { OperationId, Digest: digestOf(input), ...(Token !== undefined && { Token }) };
}

/** The same request again is answered as before; any other change of the same target has to wait. */
function running(busy: BusyRecord | undefined, token: string | undefined, input: unknown): string | undefined {
  if (busy === undefined) return undefined;
  if (token && busy.Token === token && busy.Digest === digestOf(input)) return busy.OperationId;
  throw new CloudMapError("DuplicateRequest", `Another change of it is under way: operation ${busy.OperationId}.`, {
    DuplicateOperationId: busy.OperationId,
  });
}

/** Ends a change that began earlier: makes it, or records why it cannot be made. */
export function end<N extends OperationsOf<"operation">>(
  change: Change<N>,
  draft: Draft,
  id: string,
  context: Context,
): void {
  const record = draft.guard(operationKey(id));
  if (record?.Request === undefined) return;
  const { Request, ...rest } = record;
  const input = Request.Input as Input<N>; // as it was checked when the operation began
  const ended = carryOutLate(change, draft, input, { operationId: id, targets: record.Targets }, context);
  draft.put(operationKey(id), { ...rest, ...ended, UpdateDate: timestamp(context.now()) });
  draft.delete(busyKey(change.target(input, record.Targets, context)));
}

type Ended = Pick<OperationRecord, "Status" | "ErrorCode" | "ErrorMessage">;

/** Makes the change, or drafts nothing and says why; what is refused is thrown. */
function carryOut<N extends OperationsOf<"operation">>(
  change: Change<N>,
  draft: Draft,
  input: Input<N>,
  job: Job,
  context: Context,
): Ended {
  const own = new Draft(draft.registry, draft);
  try {
    change.effect(own, input, job, context);
  } catch (error) {
    draft.absorbGuards(own);
    if (!(error instanceof OperationFailure)) throw error;
    return { Status: "FAIL", ErrorCode: error.code, ErrorMessage: error.message };
  }
  draft.absorb(own);
  return { Status: "SUCCESS" };
}

/** The same at the end of an operation that was slow: nobody waits to be refused any more. */
function carryOutLate<N extends OperationsOf<"operation">>(...args: Parameters<typeof carryOut<N>>): Ended {
  try {
    return carryOut(...args);
  } catch (error) {
    if (!(error instanceof CloudMapError)) throw error;
    return { Status: "FAIL", ErrorCode: error.code, ErrorMessage: error.message };
  }
}

/** What the same token was answered before; with another input it is refused. */
export function answered(
  record: { Digest: string; OperationId?: string } | undefined,
  input: unknown,
): string | undefined {
  if (record === undefined) return undefined;
  if (record.Digest === digestOf(input)) return record.OperationId;
  throw new CloudMapError("InvalidInput", "This request token was used before with another input; use a new one.");
}

/** Drafts the removal of the oldest operations that have ended, as many as are too many, and at most so many. */
export function forget(draft: Draft, most: number): void {
  const { operations } = draft.registry;
  const excess = Math.min(operations.size - keptOperations, most);
  for (const { Id, Request } of operations.oldest(excess)) if (Request === undefined) draft.delete(operationKey(Id));
}

export function getOperation(
  registry: Registry,
  { OperationId, OwnerAccount: account }: Input<"GetOperation">,
  context: Context,
): Output<"GetOperation"> {
  const record = registry.get(operationKey(OperationId));
  if (record?.Id !== OperationId || !isSeen(registry, record, account, context)) {
    throw new CloudMapError(
      "OperationNotFound",
      `No operation ${OperationId} is known; operations that ended long ago are forgotten.`,
    );
  }
  const { Request: _, Owner: __, ...operation } = record;
  return { Operation: { ...operation, OwnerAccount: ownerOf(record, context) } };
}

/** "For operations associated with namespaces that are shared with your account, you must specify an OwnerAccount." */
function isSeen(registry: Registry, record: OperationRecord, account = "", context: Context): boolean {
  const owner = ownerOf(record, context);
  if (owner !== (account || context.account)) return false;
  return owner === context.account || sees(context, namespaceOf(registry, record) ?? "", record);
}

/** The namespace in which an operation changes something, while it is known. */
export function namespaceOf(registry: Registry, { Targets }: OperationRecord): string | undefined {
  return Targets.NAMESPACE ?? registry.services.get(Targets.SERVICE ?? "")?.record?.NamespaceId;
}

const filters: Filters<"NAMESPACE_ID" | "SERVICE_ID" | "STATUS" | "TYPE" | "UPDATE_DATE", OperationRecord> = {
  NAMESPACE_ID: { conditions: ["EQ"], of: ({ Targets }) => Targets.NAMESPACE ?? "" },
  SERVICE_ID: { conditions: ["EQ"], of: ({ Targets }) => Targets.SERVICE ?? "" },
  STATUS: { conditions: ["EQ", "IN"], of: ({ Status }) => Status ?? "" },
  TYPE: { conditions: ["EQ", "IN"], of: ({ Type }) => Type },
  UPDATE_DATE: { conditions: ["BETWEEN"], of: ({ UpdateDate }) => String(UpdateDate) },
};

export function listOperations(
  registry: Registry,
  input: Input<"ListOperations">,
  context: Context,
): Output<"ListOperations"> {
  const matches = matcher(
    filters,
    input.Filters?.map((filter) => documented(filter, context)),
  );
  const isOwn = (record: OperationRecord) => ownerOf(record, context) === context.account;
  const { entries, next } = page("ListOperations", input, (before, most) =>
    registry.operations.pageBack(before, most, isOwn),
  );
  return { Operations: entries.filter(matches).map(({ Id, Status }) => ({ Id, Status })), ...next };
}

type OperationFilter = NonNullable<Input<"ListOperations">["Filters"]>[number];

/**
 * The reference's text calls the status SUCCEED, its enumeration SUCCESS: both are taken. So are ids and ARNs, as wherever
 * else a namespace or a service is named.
 */
function documented(filter: OperationFilter, context: Context): OperationFilter {
  const values: { readonly [name: string]: (value: string) => string } = {
    STATUS: (value) => (value === "SUCCEED" ? "SUCCESS" : value),
    NAMESPACE_ID: (value) => referenceOf(context, "namespace", value).id,
    SERVICE_ID: (value) => referenceOf(context, "service", value).id,
  };
  const of = values[filter.Name];
  return of === undefined ? filter : { ...filter, Values: filter.Values.map(of) };
}
