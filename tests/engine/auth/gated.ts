/** An engine with a file of access keys, and how its holders call it. */
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Input, type OperationName, type Output, targetPrefix } from "../../../api/operations.ts";
import type { EngineOptions } from "../../../engine/engine.ts";
import { type Running, start } from "../running.ts";
import { sign } from "./sign.ts";

export interface TestKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Gated extends AsyncDisposable {
  readonly engine: Running;
  readonly file: string;
  /** Puts other content in the file's place, as editors and tools do. */
  write(content: object): void;
}

/** The registry's own account. */
export const home = "123456789012";

/** A key that is always the same for the same name. */
export function keyOf(name: string): TestKey & { readonly name: string } {
  return {
    name,
    accessKeyId: `CLOUDMAPTEST${name.toUpperCase()}`.padEnd(20, "0"),
    secretAccessKey: `the secret of ${name}, long`,
  };
}

export async function startGated(content: object, options: Partial<EngineOptions> = {}): Promise<Gated> {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-access-"));
  const file = join(folder, "access.json");
  const write = (next: object) => {
    writeFileSync(`${file}.next`, JSON.stringify(next), { mode: 0o600 });
    renameSync(`${file}.next`, file);
  };
  write(content);
  const engine = await start({ auth: file, account: home, ...options });
  return {
    engine,
    file,
    write,
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Told {
  readonly status: number;
  /** OK, or the code of the error. */
  readonly code: string;
  readonly message: string;
  readonly body: string;
}

/** Signs a request to an operation and sends it. */
export async function ask(
  { engine }: Gated,
  key: TestKey,
  name: string,
  input: unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<Told> {
  const type = "application/x-amz-json-1.1";
  const target = { "content-type": type, "x-amz-target": `${targetPrefix}.${name}` };
  const headers = { host: new URL(engine.url).host, ...target, ...more };
  return send(engine, sign(headers, JSON.stringify(input), { ...key, now: engine.clock.now }), JSON.stringify(input));
}

/** The same for STS: who the engine takes the key's holder for. */
export async function whoAmI({ engine }: Gated, key: TestKey): Promise<{ account: string; arn: string; id: string }> {
  const form = "Action=GetCallerIdentity&Version=2011-06-15";
  const headers = { host: new URL(engine.url).host, "content-type": "application/x-www-form-urlencoded" };
  const { body } = await send(engine, sign(headers, form, { ...key, now: engine.clock.now, service: "sts" }), form);
  const [account = "", arn = "", id = ""] = ["Account", "Arn", "UserId"].map(
    (name) => new RegExp(`<${name}>(.*)</${name}>`).exec(body)?.[1] ?? body,
  );
  return { account, arn, id };
}

async function send(engine: Running, headers: Record<string, string>, text: string): Promise<Told> {
  const sent = request(engine.url, { method: "POST", headers });
  sent.end(text);
  const [response] = await once(sent, "response");
  const body = (await response.toArray()).join("");
  const { __type = "OK", Message = "" } = body.startsWith("{") ? JSON.parse(body) : {};
  return { status: response.statusCode, code: __type, message: Message, body };
}

/** Calls an operation, which must succeed. */
export async function callAs<N extends OperationName>(
  gated: Gated,
  key: TestKey,
  name: N,
  input: Input<N>,
): Promise<Output<N>> {
  const told = await ask(gated, key, name, input);
  if (told.status !== 200) throw new Error(`${name} ${JSON.stringify(input)}: ${told.status} ${told.body}`);
  return (told.body === "" ? undefined : JSON.parse(told.body)) as Output<N>; // the operation's own output
}

/** What an operation made or changed. */
export async function targetOf(
  gated: Gated,
  key: TestKey,
  { OperationId = "" }: Output<"CreateHttpNamespace">,
): Promise<string> {
  const { Operation } = await callAs(gated, key, "GetOperation", { OperationId });
  if (Operation?.Status !== "SUCCESS") throw new Error(JSON.stringify(Operation));
  return Operation.Targets?.NAMESPACE ?? Operation.Targets?.SERVICE ?? "";
}

export async function namespaceAs(gated: Gated, key: TestKey, Name: string): Promise<string> {
  return targetOf(gated, key, await callAs(gated, key, "CreateHttpNamespace", { Name }));
}

export const arn = (account: string, kind: "namespace" | "service", id: string) =>
  `arn:aws:servicediscovery:us-east-1:${account}:${kind}/${id}`;
