// A real engine and the provider's kinds as a host would drive them: check, then create, read, update or delete.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EngineOptions, startEngine } from "../../engine/engine.ts";
import type { Props } from "../../provider/casing.ts";
import { startDeadline } from "../../provider/deadline.ts";
import type { CheckRequest, CreateRequest, DiffResult, Kind, Resource } from "../../provider/kind.ts";
import { openSession, type Session, type SessionOptions } from "../../provider/session.ts";
import type { Settings } from "../../provider/settings.ts";
import { allowing } from "../local/until.ts";
import { flagsFor, strangeTo } from "../nodes/flags.ts";
import { nightly, note, openKilled } from "../nodes/killed.ts";

export interface TestEngine extends AsyncDisposable {
  readonly url: string;
  readonly account: string;
  stop(): Promise<void>;
}

/** Nodes that are killed one after the other where UP_NODES says how many, and nodes can have such options. */
export async function engineInTemp(options: Partial<EngineOptions> = {}): Promise<TestEngine> {
  const strange = strangeTo(options);
  if (nightly !== undefined && strange === undefined) {
    const killed = await openKilled(flagsFor(options), nightly);
    return { ...killed, stop: async () => killed[Symbol.asyncDispose]() };
  }
  if (strange !== undefined) note({ alone: `an engine in the test's own process, for its option ${strange}` });
  const data = mkdtempSync(join(tmpdir(), "cloudmap-provider-"));
  const engine = await startEngine({ listen: "127.0.0.1:0", data, log: () => {}, ...options });
  const stop = async () => {
    await engine.stop();
    rmSync(data, { recursive: true, force: true });
  };
  return { ...engine, stop, [Symbol.asyncDispose]: stop };
}

export function settingsFor(endpoint: string, changes: Partial<Settings> = {}): Settings {
  return {
    endpoint,
    stsEndpoint: endpoint,
    endpointFrom: "cloudmap:endpoint",
    region: "us-east-1",
    regionFrom: "the default",
    credentials: { accessKeyId: "local", secretAccessKey: "local-secret" },
    credentialsFrom: "nowhere",
    maxRetries: 8,
    requestTimeout: allowing(5000),
    ...changes,
  };
}

export interface Workbench {
  readonly session: Session;
  /** What the user was told. */
  readonly said: string[];
  make(kind: Kind, news: Props, changes?: Partial<CreateRequest>): Promise<Resource>;
  /** Plans a change and makes it: in place, or as a replacement that this refuses to make. */
  change(kind: Kind, resource: Resource, news: Props, changes?: Partial<CreateRequest>): Promise<Resource>;
  plan(kind: Kind, resource: Resource, news: Props): DiffResult;
  look(kind: Kind, resource: Resource): Promise<Resource | undefined>;
  remove(kind: Kind, resource: Resource, milliseconds?: number): Promise<void>;
}

export const owner = "own3r0wn3r";

/** Checked inputs; a refusal is an error with all reasons. */
export function checked(kind: Kind, news: Props, more: Partial<CheckRequest> = {}): Props {
  const { inputs, failures } = kind.check({ olds: {}, news, defaultTags: {}, ...more });
  if (failures.length > 0) throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
  return inputs;
}

export async function openWorkbench(
  endpoint: string,
  changes: Partial<Settings> = {},
  options: SessionOptions = {},
): Promise<Workbench> {
  const said: string[] = [];
  const session = await openSession(settingsFor(endpoint, changes), { say: (line) => said.push(line), ...options });
  const deadline = () => startDeadline(allowing(10_000));
  return {
    session,
    said,
    make: (kind, news, more) =>
      kind.create({ inputs: more?.inputs ?? checked(kind, news), owner, deadline: deadline(), ...more }, session),
    async change(kind, { id, props: olds }, news, more) {
      const inputs = checked(kind, news, { olds });
      const { replaces } = kind.diff(olds, inputs);
      if (replaces.length > 0) throw new Error(`replaces for ${replaces.join(", ")}`);
      return { id, props: await kind.update({ id, olds, inputs, owner, deadline: deadline(), ...more }, session) };
    },
    plan: (kind, { props }, news) => kind.diff(props, checked(kind, news, { olds: props })),
    look: (kind, { id, props }) => kind.read({ id, props, defaultTags: {} }, session),
    remove: (kind, { id, props }, milliseconds = 10_000) =>
      kind.delete({ id, props, deadline: startDeadline(allowing(milliseconds)) }, session),
  };
}

/** The error of something that must fail. */
export async function failureOf(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Error) return error;
  throw new Error("it was expected to fail, and did not");
}
