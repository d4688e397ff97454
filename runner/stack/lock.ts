// Lock files, as the CLI writes and respects them (pkg/backend/diy/lock.go).

import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { Failure } from "../failure.ts";
import { type Backend, list, lockFolder, type StackName, touch } from "./backend.ts";

export interface Lock {
  release(): Promise<void>;
}

/** Writes an own lock, then looks for others: of two that start at once, at most one goes on. */
export async function lockStack(backend: Backend, name: StackName): Promise<Lock> {
  const folder = lockFolder(backend, name);
  const own = `${randomUUID()}.json`;
  await refuseIfLocked(folder, own);
  const content = { pid: process.pid, username: userInfo().username, hostname: hostname(), timestamp: new Date() };
  await touch(join(folder, own), JSON.stringify(content));
  const release = () => rm(join(folder, own), { force: true });
  try {
    await refuseIfLocked(folder, own);
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

async function otherLocks(folder: string, own: string): Promise<string[]> {
  return (await list(folder)).filter((file) => file.endsWith(".json") && file !== own);
}

async function refuseIfLocked(folder: string, own: string): Promise<void> {
  const others = await otherLocks(folder, own);
  if (others.length === 0) return;
  const lines = await Promise.all(others.map((file) => describe(join(folder, file))));
  // The Automation API knows this error by its first words.
  throw new Failure(
    `the stack is currently locked by ${others.length} lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.${lines.join("")}`,
  );
}

async function describe(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "{}");
  const { username, hostname: host, pid, timestamp } = JSON.parse(text);
  const gone = host === hostname() && !isRunning(pid) ? "; that process is no more" : "";
  return `\n  file://${file}: created by ${username}@${host} (pid ${pid}) at ${timestamp}${gone}`;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

export async function removeLocks(backend: Backend, name: StackName): Promise<number> {
  const folder = lockFolder(backend, name);
  const files = await otherLocks(folder, "");
  await Promise.all(files.map((file) => rm(join(folder, file), { force: true })));
  return files.length;
}
