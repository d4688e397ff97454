// Faults between the provider and its registry, drawn from a seed: throttling, broken connections, operations that fail.
import type { Answer, Call, Front } from "../../engine/front.ts";
import { dealer, type Random } from "./random.ts";

/** In words of who is hit by them; of the operations the first one was not done, the second one was. */
export const faults = [
  "throttled",
  "answered by an error of the server",
  "cut before it arrived",
  "cut before its answer",
  "answered late",
  "failed operation",
  "failed operation, though done",
] as const;
export type Fault = (typeof faults)[number];

export interface Hits {
  readonly of: Record<Fault, number>;
  /** While other requests were under way. */
  inFlight: number;
  /** Of what changes the registry. */
  writes: number;
  requests: number;
}

export function noHits(): Hits {
  const none = Object.fromEntries(faults.map((fault) => [fault, 0]));
  return { of: none as Hits["of"], inFlight: 0, writes: 0, requests: 0 };
}

const isWrite = ({ operation }: Call) => !/^(Get|List|Discover)/.test(operation);
const startsOperation = ({ operation }: Call) =>
  /^(Create|Update|Delete)\w*Namespace$|^UpdateService$|^(Register|Deregister)Instance$/.test(operation);

/** Puts faults in the way of this share of what changes the registry and of what reads it, and counts them; ends when the front is given others. */
export function trouble(front: Front, rate: number, random: Random): Hits {
  const hits = noHits();
  const [hitsWrite, hitsRead] = [dealer(random, rate), dealer(random, rate)];
  const drawn = new Map<Call, Fault>();
  const failed = new Set<string>();
  front.lose = (call) => {
    hits.requests += 1;
    const id = String(call.input.OperationId);
    if (call.operation === "GetOperation" && id.startsWith(invented)) return failure(id);
    if (!(isWrite(call) ? hitsWrite() : hitsRead())) return undefined;
    const fault = random.pick(faults.filter((each) => startsOperation(call) || !each.startsWith("failed")));
    drawn.set(call, fault);
    hits.of[fault] += 1;
    hits.inFlight += Number(front.running > 1);
    hits.writes += Number(isWrite(call));
    return early(fault, call, hits.of[fault]);
  };
  front.meddle = async (call, answer) => {
    const fault = drawn.get(call);
    if (fault === "cut before its answer") throw new Error("the connection broke");
    if (fault === "answered late") await new Promise((resolve) => setTimeout(resolve, random.next() * 300));
    if (fault === "failed operation, though done" && answer.status === 200)
      failed.add(JSON.parse(answer.body).OperationId);
    return failed.has(String(call.input.OperationId)) ? failedInTheEnd(answer) : answer;
  };
  return hits;
}

const invented = "never-begun-";

/** What is answered before the engine is asked, if anything is. */
function early(fault: Fault, call: Call, count: number): Answer | undefined {
  if (fault === "cut before it arrived") throw new Error("the connection broke");
  if (fault === "throttled") return refusal(call, 400, "ThrottlingException", "Rate exceeded");
  if (fault === "answered by an error of the server") return refusal(call, 500, "InternalFailure", "try again");
  if (fault === "failed operation") return ok({ OperationId: `${invented}${count}` });
  return undefined;
}

/** STS speaks XML. */
function refusal({ operation }: Call, status: number, code: string, message: string): Answer {
  const xml = `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  const json = JSON.stringify({ __type: code, Message: message });
  return { status, body: operation === "GetCallerIdentity" ? xml : json };
}

function ok(output: object): Answer {
  return { status: 200, body: JSON.stringify(output) };
}

export const failureCode = "INTERNAL_FAILURE";

function failure(Id: string): Answer {
  return ok({ Operation: { Id, Status: "FAIL", ErrorCode: failureCode, ErrorMessage: "said by a test" } });
}

/** It says that it has failed when the engine says that it is done. */
function failedInTheEnd(answer: Answer): Answer {
  const { Operation } = JSON.parse(answer.body);
  return Operation?.Status === "SUCCESS" ? failure(Operation.Id) : answer;
}
