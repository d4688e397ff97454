/** The thread of the embedded store, in which all of its work is done: the disk never blocks the event loop. */
import { parentPort } from "node:worker_threads";
import type { Calls, Reply, Request } from "./sqlite-calls.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import { explain } from "./sqlite-file.ts";
import { SqliteFilling } from "./sqlite-filling.ts";
import { SqliteSnapshot } from "./sqlite-snapshot.ts";
import { StoreError } from "./store.ts";

/** Milliseconds without a commit in which there is time to fold. */
const pause = 20;

let file = "";
let database: SqliteDatabase | undefined;
let filling: SqliteFilling | undefined;
const snapshots: (SqliteSnapshot | undefined)[] = [];
let folding: NodeJS.Timeout | undefined;
let continuing: NodeJS.Immediate | undefined;
let damage: StoreError | undefined;

const answers: { readonly [K in keyof Calls]: (ask: Calls[K]["ask"]) => Calls[K]["answer"] } = {
  open: (ask) => {
    file = ask;
    const opened = new SqliteDatabase(file);
    try {
      const revision = opened.open();
      database = opened;
      return revision;
    } catch (error) {
      opened.abandon();
      throw error;
    }
  },
  snapshot: (ask) => {
    file = ask;
    const snapshot = new SqliteSnapshot(file);
    return { id: snapshots.push(snapshot) - 1, revision: snapshot.revision };
  },
  page: (id) => there(snapshots[id]).page(),
  release: (id) => {
    snapshots[id]?.close();
    snapshots[id] = undefined;
  },
  since: (revision) => there(database).since(revision),
  commit: (transaction) => {
    if (damage !== undefined) throw damage;
    return there(database).commit(transaction);
  },
  fill: (ask) => {
    file = ask;
    filling = new SqliteFilling(file);
  },
  add: (entries) => {
    there(filling).add(entries);
  },
  finish: (revision) => {
    there(filling).finish(revision);
    filling = undefined;
  },
  close: () => {
    for (const snapshot of snapshots) snapshot?.close();
    filling?.abandon();
    clearTimeout(folding);
    clearImmediate(continuing);
    database?.close();
  },
};

function there<T>(opened: T | undefined): T {
  if (opened === undefined) throw new StoreError("failed", "the store is not open");
  return opened;
}

/** Folds in the next pause; at once where too much is left to be folded. */
function foldLater(wait = pause): void {
  clearTimeout(folding);
  clearImmediate(continuing);
  if (wait === 0 || there(database).overdue > 0) continuing = setImmediate(fold);
  else folding = setTimeout(fold, wait);
}

function fold(): void {
  try {
    if (there(database).fold()) foldLater(0);
  } catch (error) {
    // The journal has it all: a full disk the next commit meets too. Damage it does not meet, and must not be left to grow.
    const failure = explain(error, file);
    if (failure.failure === "damaged") damage = failure;
  }
}

function reply({ name, ask }: Request): Reply {
  try {
    return { answer: answers[name](ask as never) }; // what Calls gives the name
  } catch (error) {
    const { failure, message } = explain(error, file);
    return { failure, message };
  }
}

parentPort?.on("message", (request: Request) => {
  parentPort?.postMessage(reply(request));
  if (database !== undefined && (request.name === "open" || request.name === "commit")) foldLater();
});
