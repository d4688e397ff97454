// Which stack is selected in a project: the CLI's workspace file in PULUMI_HOME.

import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Backend, fullName, type StackName, writeDurably } from "./backend.ts";
import { asRecord, type Project, readOptional } from "./project.ts";

function workspaceFile(project: Project, env: NodeJS.ProcessEnv): string {
  const home = env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  const hash = createHash("sha1").update(project.file).digest("hex");
  return join(home, "workspaces", `${project.name}-${hash}-workspace.json`);
}

export async function readSelection(
  project: Project,
  backend: Backend,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const text = await readOptional(workspaceFile(project, env));
  const selected = asRecord(asRecord(JSON.parse(text ?? "{}")).stacks)[backend.url];
  return typeof selected === "string" ? selected.split("/").at(-1) : undefined;
}

export async function writeSelection(
  project: Project,
  backend: Backend,
  name: StackName | undefined,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const file = workspaceFile(project, env);
  const workspace = asRecord(JSON.parse((await readOptional(file)) ?? "{}"));
  const stacks: Record<string, unknown> = { ...asRecord(workspace.stacks) };
  if (name === undefined) delete stacks[backend.url];
  else stacks[backend.url] = fullName(name);
  await writeDurably(file, JSON.stringify({ ...workspace, stacks }, undefined, 4));
}
