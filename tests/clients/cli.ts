/** The AWS CLI: a process for each call. */
import type { Client, Outcome, Refused, Target } from "./client.ts";
import { environment, run } from "./environment.ts";

/** As many at once as the machine is likely to have processors. */
const atOnce = 2;

export function cli(target: Target): Client {
  const env = environment(target);
  const places = Array.from({ length: atOnce }, () => Promise.resolve<unknown>(undefined));
  let next = 0;
  const queued = (work: () => Promise<Outcome>): Promise<Outcome> => {
    const place = next++ % atOnce;
    const result = (places[place] ?? Promise.resolve()).then(work);
    places[place] = result;
    return result;
  };
  const aws = (operation: string, input: object, ...more: readonly string[]) =>
    queued(async () => {
      const json = ["--cli-input-json", JSON.stringify(input), "--output", "json"];
      const done = await run("aws", ["servicediscovery", kebab(operation), ...json, ...more], env);
      if (done.code !== 0) return { error: refusedIn(done.err) };
      return { answer: done.out.trim() === "" ? {} : JSON.parse(done.out, inSeconds) };
    });
  return {
    showsMembers: false,
    call: (operation, input) => aws(operation, input),
    list: (operation, input, pageSize) => aws(operation, input, "--page-size", String(pageSize)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(places);
    },
  };
}

function kebab(operation: string): string {
  return operation.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

/** It prints code and message, and of the members beside them what the message says. */
function refusedIn(text: string): Refused {
  const [, code = "", Message = ""] =
    /An error occurred \((\w+)\) when calling the \w+ operation: ([\s\S]*)/.exec(text) ?? [];
  return { code: code === "" ? `no code: ${text}` : code, Message: Message.trim() };
}

/** Version 1 prints times in seconds, version 2 as ISO 8601. */
function inSeconds(key: string, value: unknown): unknown {
  return key.endsWith("Date") && typeof value === "string" ? Date.parse(value) / 1000 : value;
}
