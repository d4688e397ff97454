// A crash-safe record of an operation under way, beside the checkpoint.
//
// The checkpoint is one file that must be written whole; writing it at each step makes an operation quadratic. So
// while an operation runs, each change is one JSON line appended to `<stack>.journal`, and the checkpoint is written
// now and then and at the end. The first line names the checkpoint that the journal starts from by its SHA-256:
//
//   {"journal":1,"base":"<sha256>"}                      then what was pending already, as begun here
//   {"begin":"n0","type":"creating","resource":{…}}      an operation starts; the resource as ResourceV3, sealed
//   {"end":"n0","removed":["b2"],"added":"n0","resource":{…}}   it is over; what it did to the state
//   {"end":"n0","removed":["b2"],"added":"n0","same":"b2"}      the resource is as it was: no need to repeat it
//   {"end":"b2","marked":"b2","flags":{"delete":true}}
//   {"outputs":"n0","value":{…}}
//
// `b2` is the checkpoint's third resource, `n0` the first that the operation named. A line that a crash cut off is
// left out. A run that finds a journal first brings the checkpoint up to date; operations without an end become its
// pending_operations. A journal whose base is not the checkpoint is put aside: someone else went on from there.

import { createHash } from "node:crypto";
import { appendFileSync, closeSync, fdatasync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Properties } from "../value/value.ts";
import { type RawResource, sealResource } from "./deployment.ts";
import { merge, renameReferences } from "./merge.ts";
import type { OperationType, PendingOperation, Resource } from "./resource.ts";
import type { SecretCache } from "./secret-cache.ts";
import type { Commit, Recorder } from "./snapshot.ts";

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export class Journal implements Recorder {
  readonly #file: string;
  readonly #cache: SecretCache;
  #descriptor: number | undefined;
  #names = new Map<Resource, string>();
  #fresh = 0;
  #syncing = false;

  constructor(file: string, cache: SecretCache) {
    this.#file = file;
    this.#cache = cache;
  }

  /** Starts anew from a checkpoint that was just read or written. */
  start(checkpoint: string, resources: readonly Resource[], pending: readonly PendingOperation[]): void {
    const temporary = `${this.#file}.tmp-${process.pid}`;
    writeFileSync(temporary, `${JSON.stringify({ journal: 1, base: digest(checkpoint) })}\n`);
    this.#close();
    renameSync(temporary, this.#file);
    this.#descriptor = openSync(this.#file, "a");
    this.#names = new Map(resources.map((resource, i) => [resource, `b${i}`]));
    for (const { resource, type } of pending) this.begin(resource, type);
  }

  begin(resource: Resource, type: OperationType): void {
    this.#append({ begin: this.#nameOf(resource), type, resource: sealResource(resource, this.#cache) });
  }

  commit({ finished, added, marked }: Commit, removed: readonly Resource[]): void {
    const old = removed.length === 1 ? removed[0] : undefined;
    this.#append({
      end: finished && this.#nameOf(finished),
      ...(removed.length > 0 ? { removed: removed.map((resource) => this.#nameOf(resource)) } : {}),
      ...(added === undefined ? {} : this.#addition(added, old)),
      ...(marked === undefined ? {} : this.#mark(marked)),
    });
  }

  outputs(resource: Resource, outputs: Properties): void {
    const { outputs: value = {} } = sealResource({ ...resource, outputs }, this.#cache);
    this.#append({ outputs: this.#nameOf(resource), value });
  }

  /** The operation is over and its checkpoint is written: nothing is left to recover. */
  remove(): void {
    this.#close();
    rmSync(this.#file, { force: true });
  }

  #addition(added: Resource, old: Resource | undefined): object {
    const resource = sealResource(added, this.#cache);
    if (old !== undefined && this.#nameOf(old).startsWith("b")) {
      if (JSON.stringify(resource) === JSON.stringify(sealResource(old, this.#cache))) {
        return { added: this.#nameOf(added), same: this.#nameOf(old) };
      }
    }
    return { added: this.#nameOf(added), resource };
  }

  #mark(marked: Resource): object {
    const { delete: condemned, pendingReplacement } = marked;
    return { marked: this.#nameOf(marked), flags: { delete: condemned, pendingReplacement } };
  }

  #nameOf(resource: Resource): string {
    const known = this.#names.get(resource);
    if (known !== undefined) return known;
    const name = `n${this.#fresh++}`;
    this.#names.set(resource, name);
    return name;
  }

  // A line is in the kernel before the provider is called: a killed process loses none. The disk follows at its own
  // pace, so that a power cut loses at most the last moments, and no step waits for it.
  #append(entry: object): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    appendFileSync(descriptor, `${JSON.stringify(entry)}\n`);
    if (this.#syncing) return;
    this.#syncing = true;
    fdatasync(descriptor, () => {
      this.#syncing = false;
    });
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

interface Entry {
  readonly begin?: string;
  readonly type?: OperationType;
  readonly end?: string;
  readonly removed?: readonly string[];
  readonly added?: string;
  readonly same?: string;
  readonly marked?: string;
  readonly flags?: Partial<Resource>;
  readonly outputs?: string;
  readonly value?: Properties;
  readonly resource?: RawResource;
}

export interface Recovered {
  readonly resources: RawResource[];
  readonly pending: PendingOperation[];
}

/** Undefined where the journal does not start from this checkpoint. */
export function replay(journal: string, checkpoint: string, base: readonly RawResource[]): Recovered | undefined {
  const [head = {}, ...entries] = journal.split("\n").flatMap(parseLine);
  if (!("base" in head) || head.base !== digest(checkpoint)) return undefined;
  const named = new Map(base.map((resource, i) => [`b${i}`, { ...resource }]));
  const originals = [...named.values()];
  const added: RawResource[] = [];
  const gone = new Set<RawResource>();
  const pending = new Map<string, PendingOperation>();
  for (const entry of entries as Entry[]) apply(entry, named, added, gone, pending);
  return { resources: renameReferences(merge(originals, added, gone)), pending: [...pending.values()] };
}

function parseLine(line: string): object[] {
  try {
    return line === "" ? [] : [JSON.parse(line)];
  } catch {
    return [];
  }
}

function apply(
  entry: Entry,
  named: Map<string, RawResource>,
  added: RawResource[],
  gone: Set<RawResource>,
  pending: Map<string, PendingOperation>,
): void {
  const { begin, type, end, resource } = entry;
  if (begin !== undefined && type !== undefined && resource !== undefined) pending.set(begin, { resource, type });
  if (end !== undefined) pending.delete(end);
  for (const name of entry.removed ?? []) {
    const removed = named.get(name);
    if (removed !== undefined) gone.add(removed);
  }
  if (entry.added !== undefined) {
    const same = named.get(entry.same ?? "");
    const addition = resource ?? (same && { ...same });
    if (addition !== undefined) {
      named.set(entry.added, addition);
      added.push(addition);
    }
  }
  Object.assign(named.get(entry.marked ?? "") ?? {}, entry.flags);
  Object.assign(named.get(entry.outputs ?? "") ?? {}, entry.value === undefined ? {} : { outputs: entry.value });
}
