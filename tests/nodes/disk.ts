/** A small disk that a test can have full: a tmpfs, where this user may mount one. */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A test that fails leaves none mounted. */
const mounted = new Set<string>();
process.once("exit", () => {
  for (const folder of mounted) spawnSync("umount", ["--lazy", folder]);
});

export class Disk implements Disposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** undefined: this user may not mount. */
  static open(megabytes: number): Disk | undefined {
    const folder = mkdtempSync(join(tmpdir(), "cloudmap-disk-"));
    const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder]);
    if (status !== 0) {
      rmdirSync(folder);
      return undefined;
    }
    mounted.add(folder);
    return new Disk(folder);
  }

  /** Takes what is left of it, to the last page. */
  fill(): void {
    const file = openSync(this.#filler, "a");
    try {
      for (const size of [1 << 20, 1 << 12]) fillUp(file, Buffer.alloc(size));
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#filler, { force: true });
  }

  get #filler(): string {
    return join(this.folder, "filler");
  }

  [Symbol.dispose](): void {
    spawnSync("umount", [this.folder]);
    mounted.delete(this.folder);
    rmdirSync(this.folder);
  }
}

function fillUp(file: number, piece: Buffer): void {
  try {
    for (;;) writeSync(file, piece);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}
