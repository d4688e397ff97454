// Exactly once: request tokens that say who asked, by which a half-made resource is known again after a crash.
import { randomBytes, randomUUID } from "node:crypto";
import { CallError } from "./failure.ts";
import type { Session } from "./session.ts";

/** `<owner>-<nonce>`: the same for every try of one attempt, another for the next; at most 64 characters. */
export function drawToken(owner: string): string {
  return owner === "" ? randomUUID() : `${owner}-${randomBytes(9).toString("base64url")}`;
}

export function isOwn(token: string | undefined, owner: string): boolean {
  return owner !== "" && token?.startsWith(`${owner}-`) === true;
}

/** Tokens that this provider drew, whoever's program it was for: those of consoles, CLIs and other tools are UUIDs. */
function isOfSomeStack(token: string | undefined): boolean {
  return /^[\w-]{10}(\.[\w-]{6})?-[\w-]{12}$/.test(token ?? "");
}

interface Found {
  readonly title: string;
  readonly name: string;
  readonly id: string;
  /** The token of the request that made it, where it is known. */
  readonly token: string | undefined;
  /** The token of our own request: a repeated try finds what an earlier one made. */
  readonly drawn: string;
  readonly owner: string;
  /** The resource's `adopt`: what nobody's stack has made may be taken over. */
  readonly wanted: boolean;
}

/** Lets a resource that exists already become ours, says why, or refuses with how to take it over on purpose. */
export function takeOver(found: Found, { adopt, adopted, say }: Session): void {
  const { title, name, id, token, drawn, owner, wanted } = found;
  if (token === drawn) return;
  const why = isOwn(token, owner)
    ? "an earlier run of this program made it"
    : adopt.has(id)
      ? "cloudmap:adopt names it"
      : wanted && !isOfSomeStack(token)
        ? "its adopt is true"
        : undefined;
  if (why === undefined) throw foreign(found);
  adopted.add(id);
  say(`The ${title} ${name} (${id}) exists already and is taken over: ${why}.`);
}

function foreign({ title, name, id, token, wanted }: Found): CallError {
  const whose = token === undefined ? "its maker is not known" : `its request id is ${token}`;
  const maker = isOfSomeStack(token) ? "another stack or resource of this provider" : "another program or person";
  const inProgram = wanted || isOfSomeStack(token) ? "" : "give the resource `adopt: true`, or ";
  return new CallError(
    "AlreadyExists",
    `${/^([aeio]|HTTP)/.test(title) ? "an" : "a"} ${title} named ${name} exists already: ${id}, made by ${maker} (${whose}). Choose another name; for a resource that was renamed in the program, give it \`aliases\`; or, to take it over on purpose, ${inProgram}\`pulumi config set cloudmap:adopt ${id}\` and run again.`,
  );
}
