/** The connection to etcd: a session with one of its members, and with another one when that one is lost. */
import { setTimeout as wait } from "node:timers/promises";
import { inTime } from "../deadline.ts";
import type { Log } from "../log.ts";
import { type Failed, type Fate, failedCall } from "./etcd-failure.ts";
import type { EtcdPlace } from "./etcd-place.ts";
import { type Method, Session } from "./etcd-session.ts";
import { StoreError } from "./store.ts";

export interface Patience {
  /** Milliseconds until a member that does not answer is taken for lost. */
  readonly answer: number;
  /** The same of a commit, which etcd may have to give to a new leader. */
  readonly commit: number;
  /** Milliseconds in which a call waits for another member, from the loss of the last one. */
  readonly session: number;
  /** Milliseconds in which a start waits for etcd. */
  readonly start: number;
  /** Milliseconds in which all nodes must have known a newer version of the data before these come to it. */
  readonly raise: number;
}

export const usualPatience: Patience = { answer: 3_000, commit: 6_000, session: 3_000, start: 10_000, raise: 60_000 };

/** Milliseconds between two rounds in which no member could be reached. */
const pause = 200;

const mostAttempts = 4;

/** What a session must be able to do before it is used. */
type Trial = (session: Session) => Promise<unknown>;

export class EtcdConnection {
  readonly #place: EtcdPlace;
  readonly #members: readonly URL[];
  readonly #log: Log;
  readonly patience: Patience;
  readonly #trial: Trial;
  readonly #closing = new AbortController();
  #session: Session | undefined;
  #connecting: Promise<Session> | undefined;
  #next: number;
  #lost: { readonly since: number; error: StoreError } | undefined;

  constructor(place: EtcdPlace, log: Log, patience: Patience, trial: Trial) {
    this.#place = place;
    this.#members = place.members.map(parseMember);
    this.#log = log;
    this.patience = patience;
    this.#trial = trial;
    this.#next = Math.floor(Math.random() * this.#members.length); // nodes spread over the members
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** The members, for people. */
  get where(): string {
    return this.#members.map(({ origin }) => origin).join(", ");
  }

  /** The first session; throws at once where waiting would not help. */
  async open(): Promise<void> {
    const started = performance.now();
    for (;;) {
      const failed = await this.#round();
      if (failed === undefined) return;
      const isHopeless = failed.failure !== "unreachable" && failed.failure !== "busy";
      if (isHopeless || performance.now() - started > this.patience.start) throw failed;
      await wait(pause);
    }
  }

  /** Asks something that changes nothing, or that may be done twice: of another member, if one is lost. */
  ask(method: Method, request: Buffer, timeout = this.patience.answer): Promise<Buffer> {
    return this.#try(method, request, timeout, ["expired", "absent", "lost"]);
  }

  /** Asks something that must not be done twice: throws `unknown` where it is not known whether it was done. */
  askOnce(method: Method, request: Buffer, timeout: number): Promise<Buffer> {
    return this.#try(method, request, timeout, ["expired", "absent"]);
  }

  async #try(method: Method, request: Buffer, timeout: number, again: readonly Fate[]): Promise<Buffer> {
    for (let attempt = 1; ; attempt += 1) {
      const session = await this.session();
      try {
        return await session.call(method, request, timeout);
      } catch (error) {
        const failed = this.fail(session, error);
        if (again.includes(failed.fate) && attempt < mostAttempts) continue;
        if (failed.fate !== "lost") throw failed.error;
        throw new StoreError("unknown", failed.error.message, { cause: error });
      }
    }
  }

  /** The session, or the next one: as long as the loss of the last one is not too long ago. */
  async session(patience = this.patience.session): Promise<Session> {
    if (this.closed.aborted) throw new StoreError("failed", "the store is closed");
    if (this.#session !== undefined) return this.#session;
    this.#connecting ??= this.#connect();
    if (patience === Number.POSITIVE_INFINITY) return this.#connecting; // a timer would take it for a millisecond
    const left = (this.#lost?.since ?? 0) + patience - performance.now();
    const late = () => this.#lost?.error ?? new StoreError("unreachable", `etcd at ${this.where} cannot be reached`);
    return inTime(this.#connecting, Math.max(0, left), late);
  }

  /** What a failed call says of its session: one that is lost is not used again, and what goes on over it ends. */
  fail(session: Session, error: unknown): Failed {
    const failed = failedCall(error, session.member.origin);
    if (failed.fate !== "refused") this.#drop(session, failed.error);
    return failed;
  }

  close(): void {
    this.#closing.abort();
    this.#session?.end();
    this.#session = undefined;
  }

  #drop(session: Session, error: StoreError): void {
    session.end();
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#lost = { since: performance.now(), error };
    if (this.closed.aborted) return;
    this.#log("warn", "lost the connection to etcd", { member: session.member.origin, reason: error.message });
    this.#connecting ??= this.#connect();
    this.#connecting.catch(() => {}); // closed meanwhile
  }

  async #connect(): Promise<Session> {
    for (;;) {
      if (this.closed.aborted) throw new StoreError("failed", "the store is closed");
      await this.#round();
      if (this.#session !== undefined) break;
      await wait(pause * (0.5 + Math.random()));
    }
    this.#connecting = undefined;
    return this.#session;
  }

  /** Tries each member once, from the next one on; answers why the last one failed. */
  async #round(): Promise<StoreError | undefined> {
    let failure: StoreError | undefined;
    for (const _ of this.#members) {
      const member = this.#members[this.#next % this.#members.length] as URL; // within, by the remainder
      this.#next += 1;
      failure = await this.#begin(member);
      if (failure === undefined || this.closed.aborted) break;
      if (this.#lost !== undefined) this.#lost.error = failure;
    }
    return failure;
  }

  async #begin(member: URL): Promise<StoreError | undefined> {
    const session = new Session(member, this.#place);
    try {
      await session.open(this.#place, this.patience.answer);
      await this.#trial(session);
      if (this.closed.aborted) throw new Error("closed");
      if (this.#lost !== undefined) this.#log("info", "connected to etcd again", { member: member.origin });
      this.#lost = undefined;
      this.#session = session;
      return undefined;
    } catch (error) {
      session.end();
      return error instanceof StoreError ? error : failedCall(error, member.origin).error;
    }
  }
}

function parseMember(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.pathname === "/" && url.username === "" && url.password === "";
  if (isPlain && (url.protocol === "http:" || url.protocol === "https:")) return url;
  const isSecret = url !== undefined && (url.username !== "" || url.password !== "");
  if (isSecret) throw new Error("--etcd takes URLs without a user in them: that is for --etcd-user and its password");
  throw new Error(`--etcd takes URLs such as http://127.0.0.1:2379, with commas between, and not ${text}`);
}
