/** Small files that are there whole or not at all, readable by this user only. */
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { codeOf } from "./failure.ts";

const mode = 0o600;

/** The file's text; undefined where there is no such file. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes the file in place of what is there. */
export function replaceFile(path: string, text: string): void {
  withDraft(path, text, (draft) => renameSync(draft, path));
}

/** Writes the file if there is none; answers whether it did. Of several that try at once, one does. */
export function createFile(path: string, text: string): boolean {
  try {
    withDraft(path, text, (draft) => linkOrCreate(draft, path, text));
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

function withDraft(path: string, text: string, place: (draft: string) => void): void {
  const draft = draftOf(path);
  try {
    writeFileSync(draft, text, { mode, flag: "wx" });
    place(draft);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A name beside the path that nobody else uses. */
export function draftOf(path: string): string {
  return `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
}

/** A link appears with its text; file systems without links (FAT, some network ones) get the next best. */
function linkOrCreate(draft: string, path: string, text: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw error;
    writeFileSync(path, text, { mode, flag: "wx" });
  }
}
