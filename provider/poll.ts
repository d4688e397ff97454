// Waits for an operation to end: a first look at once, then with exponential backoff and jitter until the deadline.
import type { Started } from "../api/extensions.ts";
import type { Operation } from "../api/operation.ts";
import type { Input, OperationsOf } from "../api/operations.ts";
import { type Backoff, delay, pause } from "./backoff.ts";
import type { Client } from "./client.ts";
import type { Deadline } from "./deadline.ts";
import { CallError, hasCode } from "./failure.ts";

const between: Backoff = { first: 50, cap: 5000 };
/** How long an operation that was just begun may stay unknown to GetOperation, in looks. */
const looksUntilKnown = 12;

/** The deadline passed, or the host cancelled, while the operation was under way; `targets` is what it is about. */
export class Unfinished extends CallError {
  readonly targets: NonNullable<Operation["Targets"]>;

  constructor(message: string, targets: NonNullable<Operation["Targets"]>) {
    super("Unfinished", message);
    this.targets = targets;
  }
}

/** Which operation, and the account that owns its namespace where that is told. */
interface Begun {
  readonly id: string;
  readonly owner?: string | undefined;
  /** How it was when it was begun, where that was told. */
  readonly told?: Operation | undefined;
}

/** The operation when it has ended well; a failed one is an error with its ErrorCode. */
export async function waitForOperation(
  client: Client,
  begun: Begun,
  name: string,
  deadline: Deadline,
): Promise<Operation> {
  const { id, told } = begun;
  let seen: Operation = told ?? {};
  for (let looks = 0; ; looks++) {
    try {
      if (looks > 0 || told === undefined) seen = (await look(client, begun, deadline, looks)) ?? seen;
      if (seen.Status === "FAIL") throw failed(seen, id, name);
      deadline.tell(`[2/2] ${name}: operation ${seen.Status ?? "not known yet"}, ${deadline.waited()}`);
      if (seen.Status === "SUCCESS") return seen;
      await pause(delay(looks, between), deadline.signal);
    } catch (error) {
      if (!deadline.over() || error instanceof CallError) throw error;
      throw unfinished(seen, id, name, deadline);
    }
  }
}

/** "OperationNotFound" right after the submission means "not yet". */
async function look(
  client: Client,
  { id, owner }: Begun,
  { signal }: Deadline,
  looks: number,
): Promise<Operation | undefined> {
  try {
    const wanted = { OperationId: id, ...(owner !== undefined && { OwnerAccount: owner }) };
    const { Operation: operation } = await client.call("GetOperation", wanted, { signal });
    return operation;
  } catch (error) {
    if (hasCode(error, "OperationNotFound") && looks < looksUntilKnown) return undefined;
    throw error;
  }
}

function failed({ ErrorCode = "FAIL", ErrorMessage = "no message" }: Operation, id: string, name: string): CallError {
  return new CallError(ErrorCode, `${name} failed: ${ErrorCode}: ${ErrorMessage} (operation ${id})`);
}

function unfinished({ Status, Targets = {} }: Operation, id: string, name: string, deadline: Deadline): Unfinished {
  const state = Status === undefined ? "not known yet" : Status;
  return new Unfinished(
    `${name} had not ended after ${deadline.waited()}: operation ${id} is ${state}; ${deadline.end()}. The next run goes on with it.`,
    Targets,
  );
}

/**
 * Begins a change and waits for its end; while another change of the same target is under way, waits for that one first,
 * and while the target is in use, for that to end. What a namespace still holds, its deletion has to name itself.
 */
export async function submit<N extends OperationsOf<"operation">>(
  client: Client,
  name: N,
  input: Input<N>,
  deadline: Deadline,
): Promise<Operation> {
  const owner = ownerIn(input);
  let what: string = name; // and what was in its way, once that is known
  for (let tries = 0; ; tries++) {
    try {
      const sent = () => deadline.tell(`[1/2] ${name}`);
      const answer = await client.call(name, input, { signal: deadline.signal, sent });
      const { OperationId, Operation: told } = answer as Started; // the output of every such operation
      if (OperationId === undefined) throw noOperation(name, client);
      return await waitForOperation(client, { id: OperationId, owner, told }, name, deadline);
    } catch (error) {
      const inUse = hasCode(error, "ResourceInUse") && name !== "DeleteNamespace";
      if (!inUse && !hasCode(error, "DuplicateRequest")) throw overdue(error, what, deadline);
      what = error.message;
      await waitForOther(client, error, owner, tries, deadline);
    }
  }
}

/**
 * "For operations associated with namespaces that are shared with your account, you must specify an OwnerAccount": what
 * is in one is named by its ARN, which says whose it is.
 */
function ownerIn(input: object): string | undefined {
  const arn = Object.values(input).find((value) => typeof value === "string" && value.startsWith("arn:"));
  return arn?.split(":")[4] || undefined;
}

/** What it began cannot be followed: better said than taken for done. */
function noOperation(name: string, { settings }: Client): CallError {
  return new CallError("NoOperation", `${name} at ${settings.endpoint} was answered without an OperationId`);
}

/** However the other change ends, ours is tried again after it. */
async function waitForOther(
  client: Client,
  refusal: CallError,
  owner: string | undefined,
  tries: number,
  deadline: Deadline,
): Promise<void> {
  const { DuplicateOperationId: id } = refusal.details;
  try {
    if (id === undefined) await pause(delay(tries, between), deadline.signal);
    else await waitForOperation(client, { id, owner }, "the change that is under way", deadline);
    if (tries > 0) await pause(delay(tries, between), deadline.signal);
  } catch (error) {
    if (deadline.over()) throw overdue(refusal, refusal.message, deadline);
    if (!(error instanceof CallError)) throw error;
  }
}

/** An abort by the deadline, in words. */
export function overdue(error: unknown, what: string, deadline: Deadline): unknown {
  if (!deadline.over() || error instanceof Unfinished) return error;
  return new Unfinished(`${what} was not done after ${deadline.waited()}; ${deadline.end()}`, {});
}
