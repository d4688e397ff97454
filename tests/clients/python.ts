/** boto3, in one Python process that is told what to call. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Client, Outcome, Target } from "./client.ts";
import { environment } from "./environment.ts";

const program = fileURLToPath(new URL("calls.py", import.meta.url));

export function boto3(target: Target): Client {
  return clientOf(target, "json");
}

/** The protocol that the API's model names first; this version of botocore takes the other by itself. */
export function boto3ByCbor(target: Target): Client {
  return clientOf(target, "smithy-rpc-v2-cbor");
}

function clientOf(target: Target, protocol: string): Client {
  const child = spawn("python3", [program, protocol], { env: environment(target), stdio: ["pipe", "pipe", "pipe"] });
  const waiting = new Map<number, (outcome: Outcome) => void>();
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  createInterface(child.stdout).on("line", (line) => {
    const { id, ...outcome } = JSON.parse(line);
    waiting.get(id)?.(outcome);
    waiting.delete(id);
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  void ended.then(() => {
    for (const answer of waiting.values()) answer({ error: { code: "the script ended", Message: said } });
  });
  let id = 0;
  const ask = (request: object) =>
    new Promise<Outcome>((resolve) => {
      id += 1;
      waiting.set(id, resolve);
      child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  return {
    showsMembers: true,
    call: (operation, input) => ask({ operation, input }),
    list: (operation, input, pageSize) => ask({ operation, input, pageSize }),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
