/**
 * A file of lines that is written behind the requests' backs: what is told is kept in memory for a moment and written
 * together. A file that cannot be written stops nobody: lines wait for it, up to a limit, and are counted where they are lost.
 */
import { type FileHandle, open, rename } from "node:fs/promises";
import type { Log } from "./log.ts";

export interface LogFileOptions {
  /** What it is, as in "the audit log". */
  readonly what: string;
  readonly log: Log;
  /** Bytes after which a new file is begun; the last ones are kept beside it as FILE.1, FILE.2 … */
  readonly maxSize?: number;
  readonly keep?: number;
  /** Milliseconds that a line may wait. */
  readonly delay?: number;
  /** Milliseconds that a file which could not be written is left alone. */
  readonly pause?: number;
  /** Characters that may wait for a file that cannot be written. */
  readonly maxWaiting?: number;
}

export interface LogFile {
  /** Takes a line, which ends without a line feed. */
  write(line: string): void;
  /** Closes the file, so that what comes next goes to a new one where it was moved away. */
  reopen(): Promise<void>;
  /** Writes what is waiting, once, and lets go of the file. */
  close(): Promise<void>;
  readonly counts: { readonly written: number; readonly lost: number; readonly failures: number };
}

const defaults = { maxSize: 100 * 1024 * 1024, keep: 9, delay: 100, pause: 1_000, maxWaiting: 8 * 1024 * 1024 };
/** How much is written at once, in characters. */
const chunk = 256 * 1024;

/** Opens a file to append to, which only its owner can read where it is new; rejects where that is not possible. */
export async function openLogFile(path: string, options: LogFileOptions): Promise<LogFile> {
  const file = new BufferedFile(path, { ...defaults, ...options });
  await file.open();
  return file;
}

class BufferedFile implements LogFile {
  readonly counts = { written: 0, lost: 0, failures: 0 };
  readonly #path: string;
  readonly #options: Required<LogFileOptions>;
  #handle: FileHandle | undefined;
  /** What is in the file; undefined where it is a terminal or a pipe, which is never put aside. */
  #size: number | undefined;
  #waiting: string[] = [];
  #waitingSize = 0;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #failing = false;

  constructor(path: string, options: Required<LogFileOptions>) {
    this.#path = path;
    this.#options = options;
  }

  async open(): Promise<FileHandle> {
    const handle = await open(this.#path, "a", 0o600);
    const stat = await handle.stat();
    this.#size = stat.isFile() ? stat.size : undefined;
    this.#handle = handle;
    return handle;
  }

  write(line: string): void {
    if (this.#waitingSize + line.length >= this.#options.maxWaiting) {
      this.counts.lost += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingSize += line.length + 1;
    if (this.#failing) return; // its timer runs
    if (this.#waitingSize >= chunk) this.#flushSoon(0);
    else this.#timer ??= setTimeout(() => this.#flushSoon(0), this.#options.delay).unref();
  }

  #flushSoon(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (delay > 0) this.#timer = setTimeout(() => this.#flushSoon(0), delay).unref();
    else this.#work = this.#work.then(() => this.#flush());
  }

  reopen(): Promise<void> {
    this.#work = this.#work.then(() => this.#flush()).then(() => this.#letGo());
    return this.#work;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#work;
    await this.#flush();
    clearTimeout(this.#timer);
    this.counts.lost += this.#waiting.length;
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close().catch(() => {});
  }

  /** Writes all that waits, in whole lines; what could not be written waits on. */
  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#takeChunk();
      try {
        await this.#append(Buffer.from(`${lines.join("\n")}\n`));
        this.counts.written += lines.length;
        this.#recovered();
      } catch (error) {
        this.#waiting = lines.concat(this.#waiting);
        for (const line of lines) this.#waitingSize += line.length + 1;
        await this.#failed(error);
        return;
      }
    }
  }

  #takeChunk(): string[] {
    let [size, count] = [0, 0];
    while (count < this.#waiting.length && size < chunk) {
      size += (this.#waiting[count]?.length ?? 0) + 1;
      count += 1;
    }
    this.#waitingSize -= size;
    return this.#waiting.splice(0, count);
  }

  async #append(bytes: Buffer): Promise<void> {
    if (this.#size !== undefined && this.#size > 0 && this.#size + bytes.length > this.#options.maxSize) {
      await this.#rotate();
    }
    const handle = this.#handle ?? (await this.open());
    const before = this.#size;
    try {
      await handle.appendFile(bytes);
    } catch (error) {
      // A disk that is full may have taken half a line.
      if (before !== undefined && (await handle.stat()).size > before) await handle.truncate(before).catch(() => {});
      throw error;
    }
    if (this.#size !== undefined) this.#size += bytes.length;
  }

  async #rotate(): Promise<void> {
    await this.#letGo();
    for (let at = this.#options.keep - 1; at >= 0; at -= 1) {
      const from = at === 0 ? this.#path : `${this.#path}.${at}`;
      await rename(from, `${this.#path}.${at + 1}`).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
      });
    }
  }

  async #failed(error: unknown): Promise<void> {
    this.counts.failures += 1;
    await this.#letGo();
    this.#flushSoon(this.#options.pause);
    if (this.#failing) return;
    this.#failing = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.log(
      "error",
      `${this.#options.what} cannot be written: its lines wait in memory, and are lost when these are too many`,
      {
        reason,
      },
    );
  }

  #recovered(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#options.log("info", `${this.#options.what} is written again`, { lost: this.counts.lost });
  }
}
