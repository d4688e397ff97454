/**
 * The ends of operations that were made slow: each is ended when its time has come, by one of the nodes. Where two take one
 * for theirs, while shares move, the compare on the operation's key lets only one of them end it.
 */
import type { OperationsOf } from "../api/operations.ts";
import { systemClock } from "./clock.ts";
import type { Command } from "./command.ts";
import type { Contexts } from "./contexts.ts";
import { changes } from "./handlers.ts";
import { causeOf, type Log } from "./log.ts";
import type { Nodes } from "./nodes.ts";
import { type Change, end } from "./operation.ts";
import { type Key, type OperationRecord, operationKey } from "./records.ts";
import type { Registry } from "./registry.ts";
import type { Write } from "./store/store.ts";

export interface EndingsOptions {
  readonly registry: Registry;
  readonly contexts: Contexts;
  readonly submit: <T>(run: Command<T>) => Promise<T>;
  readonly nodes: Nodes;
  readonly log: Log;
}

type AnyChange = Change<OperationsOf<"operation">>;
type OperationKey = Key<OperationRecord>;

/** Milliseconds until an end that could not be stored is tried again. */
const retryDelay = 1_000;

export class Endings {
  readonly #options: EndingsOptions;
  /** What stops the timer of each operation that is under way; those of other nodes have none. */
  readonly #timers = new Map<OperationKey, () => void>();
  #leave = () => {};

  constructor(options: EndingsOptions) {
    this.#options = options;
  }

  /** How many operations are under way, whichever node ends them. */
  get pending(): number {
    return this.#timers.size;
  }

  start(): void {
    const { registry, nodes } = this.#options;
    for (const { Id } of registry.operations.values()) this.#follow(operationKey(Id));
    const leaves = [registry.listen((writes) => this.#followAll(writes)), nodes.listen(() => this.#share())];
    this.#leave = () => {
      for (const leave of leaves) leave();
    };
  }

  stop(): void {
    this.#leave();
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
  }

  #followAll(writes: readonly Write[]): void {
    for (const { key } of writes) if (key.startsWith("operation/")) this.#follow(key);
  }

  #follow(key: OperationKey): void {
    this.#timers.get(key)?.();
    this.#timers.delete(key);
    const record = this.#options.registry.get(key);
    if (record?.Request !== undefined) this.#timers.set(key, this.#wait(key, record));
  }

  /** Those that have become this node's are ended by it, those that are another's no more. */
  #share(): void {
    for (const key of [...this.#timers.keys()]) this.#follow(key);
  }

  #wait(key: OperationKey, { Id, CreateDate }: OperationRecord): () => void {
    const { nodes, contexts } = this.#options;
    if (!nodes.isMine(`operation/${Id}`)) return () => {};
    const { now, operationDelay } = contexts.of(contexts.home);
    const delay = Math.max(0, CreateDate * 1000 + operationDelay - now());
    return systemClock.after(delay, () => this.#end(key, true));
  }

  /** Until it is stored; what keeps it from that is told once. */
  #end(key: OperationKey, isFirst: boolean): void {
    const { registry, contexts, submit, log } = this.#options;
    const record = registry.get(key);
    if (record?.Request === undefined) return;
    const { Operation, Account = contexts.home } = record.Request;
    const change = changes[Operation] as AnyChange; // the table has, for each name, the change that takes its input
    submit((draft) => end(change, draft, record.Id, contexts.of(Account))).catch((error: unknown) => {
      if (!this.#timers.has(key)) return;
      if (isFirst) {
        log("warn", `operation ${record.Id} cannot be ended yet; it is tried again every second`, causeOf(error));
      }
      this.#timers.set(
        key,
        systemClock.after(retryDelay, () => this.#end(key, false)),
      );
    });
  }
}
