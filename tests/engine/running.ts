/** An engine for a test, with a clock that only the test moves, and how it is called: over HTTP, as by anyone. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Input, type OperationName, type Output, targetPrefix } from "../../api/operations.ts";
import { type Engine, type EngineOptions, startEngine } from "../../engine/engine.ts";

export interface Clock {
  /** Milliseconds since 1970. */
  now: number;
}

export interface Running extends AsyncDisposable {
  readonly url: string;
  readonly engine: Engine;
  readonly clock: Clock;
  /** The folder of its data. */
  readonly data: string;
  /** What it logged: message and fields as one text. */
  readonly logged: readonly string[];
  /** Stops it and starts it again over the same data, with other options where they are given. */
  restart(options?: Partial<EngineOptions>): Promise<void>;
}

/** A registry of its own in the etcd that TEST_ETCD names, where it names one and a test does not care where its registry is. */
function placeOf({ data, etcd, store }: Partial<EngineOptions>): Partial<EngineOptions> {
  const url = process.env.TEST_ETCD;
  if (url === undefined || (data ?? etcd ?? store) !== undefined) return {};
  return { etcd: { members: [url], prefix: `/test/${randomUUID()}/` } };
}

/** Starts an engine in a folder of its own, which goes with it. */
export async function start(options: Partial<EngineOptions> = {}): Promise<Running> {
  const place = placeOf(options);
  const data = options.data ?? mkdtempSync(join(tmpdir(), "cloudmap-test-"));
  const clock = { now: Date.now() };
  const logged: string[] = [];
  const launch = (more: Partial<EngineOptions> = {}) =>
    startEngine({
      listen: "127.0.0.1:0",
      data,
      now: () => clock.now,
      log: (level, message, fields) => logged.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`),
      ...place,
      ...options,
      ...more,
    });
  let engine = await launch();
  return {
    get url() {
      return engine.url;
    },
    get engine() {
      return engine;
    },
    clock,
    data,
    logged,
    restart: async (more) => {
      await engine.stop();
      engine = await launch(more);
    },
    [Symbol.asyncDispose]: async () => {
      await engine.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends a body to the API as it is. */
export async function post(
  to: { url: string },
  name: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers = {},
): Promise<Answer> {
  const answer = await fetch(to.url, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `${targetPrefix}.${name}`, ...headers },
    body,
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** Calls an operation, which must succeed. */
export async function call<N extends OperationName>(to: { url: string }, name: N, input: Input<N>): Promise<Output<N>> {
  const { status, text } = await post(to, name, JSON.stringify(input));
  if (status !== 200) throw new Error(`${name} ${JSON.stringify(input)}: ${status} ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as Output<N>; // the operation's own output
}

/** An error as it is on the wire: its code, its message and what goes with it. */
export interface Refusal {
  readonly __type: string;
  readonly Message: string;
  readonly [member: string]: string;
}

/** Calls an operation, which must be refused as the caller's fault. */
export async function refusal(to: { url: string }, name: string, input: unknown): Promise<Refusal> {
  const { status, headers, text } = await post(to, name, JSON.stringify(input));
  if (status !== 400) throw new Error(`${name} ${JSON.stringify(input)} is not refused: ${status} ${text}`);
  const body: Refusal = JSON.parse(text);
  if (headers.get("x-amzn-errortype") !== body.__type) throw new Error(`x-amzn-errortype is not ${body.__type}`);
  return body;
}

/** The namespace that an operation made, or changed. */
export async function namespaceOf(to: { url: string }, { OperationId = "" }: Output<"CreateHttpNamespace">) {
  const { Operation } = await call(to, "GetOperation", { OperationId });
  return Operation?.Targets?.NAMESPACE ?? "";
}

export async function makeNamespace(to: { url: string }, Name: string): Promise<string> {
  return namespaceOf(to, await call(to, "CreateHttpNamespace", { Name }));
}

export async function makeService(
  to: { url: string },
  NamespaceId: string,
  Name: string,
  more: Partial<Input<"CreateService">> = {},
): Promise<string> {
  const { Service } = await call(to, "CreateService", { NamespaceId, Name, ...more });
  return Service?.Id ?? "";
}

export async function register(
  to: { url: string },
  ServiceId: string,
  InstanceId: string,
  Attributes: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { OperationId = "" } = await call(to, "RegisterInstance", { ServiceId, InstanceId, Attributes });
  return OperationId;
}
