// Reading and writing a stack's state, with recovery of what a crash left in the journal.

import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { Failure } from "../failure.ts";
import { type Backend, fullName, journalFile, type StackName, stackFile } from "../stack/backend.ts";
import {
  type Checkpoint,
  type Deployment,
  formatCheckpoint,
  parseCheckpoint,
  type RawDeployment,
  sealDeployment,
} from "./deployment.ts";
import { findFault, refuseFaults } from "./integrity.ts";
import { Journal, replay } from "./journal.ts";
import { renameReferences, sortByNeed } from "./merge.ts";
import type { SecretCache } from "./secret-cache.ts";

export interface Loaded {
  readonly text: string;
  readonly checkpoint: Checkpoint;
  /** What was done about a journal that was found, for the user to read. */
  readonly notice: string | undefined;
}

export class Store {
  readonly #file: string;
  readonly #journalFile: string;
  readonly #stack: string;

  constructor(backend: Backend, name: StackName) {
    this.#file = stackFile(backend, name);
    this.#journalFile = journalFile(backend, name);
    this.#stack = fullName(name);
  }

  /** With the journal of a crashed run applied; on disk too if the caller holds the lock. */
  load(locked: boolean): Loaded {
    const text = readFileSync(this.#file, "utf8");
    const checkpoint = parseCheckpoint(text, this.#file);
    const journal = existsSync(this.#journalFile) ? readFileSync(this.#journalFile, "utf8") : undefined;
    const loaded =
      journal === undefined
        ? { text, checkpoint, notice: undefined }
        : this.#recover(journal, text, checkpoint, locked);
    refuseFaults(loaded.checkpoint.checkpoint.latest?.resources ?? [], this.#file);
    return loaded;
  }

  #recover(journal: string, text: string, checkpoint: Checkpoint, locked: boolean): Loaded {
    const latest = checkpoint.checkpoint.latest ?? { metadata: {} };
    const recovered = replay(journal, text, latest.resources ?? []);
    if (recovered === undefined) {
      if (!locked) return { text, checkpoint, notice: undefined };
      const aside = `${this.#journalFile}.stale-${Date.now()}`;
      renameSync(this.#journalFile, aside);
      return {
        text,
        checkpoint,
        notice: `an interrupted run left a journal that does not belong to this state any more; it is kept as ${aside}`,
      };
    }
    const { pending } = recovered; // the journal begins with all that were pending in its checkpoint
    const { pending_operations: _, ...rest } = latest;
    const resources =
      findFault(recovered.resources) === undefined ? recovered.resources : sortByNeed(recovered.resources);
    const raw: RawDeployment = {
      ...rest,
      resources,
      ...(pending.length === 0 ? {} : { pending_operations: pending }),
    };
    const whole = formatCheckpoint(this.#stack, raw);
    if (locked) {
      this.write(whole);
      rmSync(this.#journalFile, { force: true });
    }
    const notice = `a run was interrupted before it could write its state; recovered ${resources.length} resources and ${pending.length} pending operations from its journal`;
    return { text: whole, checkpoint: JSON.parse(whole), notice };
  }

  journal(cache: SecretCache): Journal {
    return new Journal(this.#journalFile, cache);
  }

  /** The text that a state is written as; refuses a broken one rather than writing it. */
  format(deployment: Deployment, cache: SecretCache): string {
    const renamed = renameReferences(deployment.resources);
    const resources = findFault(renamed) === undefined ? renamed : sortByNeed(renamed);
    const fault = findFault(resources);
    if (fault !== undefined)
      throw new Failure(`refusing to write a broken state (this is a fault of the runner): ${fault}`);
    return formatCheckpoint(this.#stack, sealDeployment({ ...deployment, resources }, cache, new Date()));
  }

  // Synchronous, so that no step ends between what is written and the journal's new start.
  write(text: string): void {
    for (const beside of [`${this.#file}.attrs`, `${this.#file}.bak.attrs`]) rmSync(beside, { force: true });
    if (existsSync(this.#file)) copyFileSync(this.#file, `${this.#file}.bak`);
    const temporary = `${this.#file}.tmp-${process.pid}`;
    const descriptor = openSync(temporary, "w");
    try {
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, this.#file);
  }
}
