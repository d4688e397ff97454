// Who makes a resource, and which name it gets where the program gives none: both follow from its URN.
import { createHash } from "node:crypto";
import { hostname, userInfo } from "node:os";
import type { ReadConfig } from "../config.ts";

/**
 * Ten characters that are the same in every run of this stack for this resource, and for no other. A plugin is not told
 * the organization: the user, the machine and the backend tell stacks of one name apart, unless `cloudmap:owner` does.
 */
export function ownerOf(urn: string, config: ReadConfig): string {
  const configured = config("cloudmap:owner");
  const stack = configured ? ["owner", configured] : [...person, process.env.PULUMI_BACKEND_URL ?? ""];
  return digest("base64url", JSON.stringify([...stack, urn])).slice(0, 10);
}

/** Asked of the system once. */
const person: readonly string[] = [userName(), hostname()];

/** Some containers run under a number that no user has. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "");
  }
}

/** The same at every preview and update: a name that is drawn would differ, and hide what a crash left behind. */
export function autoName(name: string, form: "verbatim" | "suffixed", owner: string): string {
  return form === "verbatim" ? name : `${name}-${digest("hex", owner).slice(0, 7)}`;
}

function digest(encoding: "hex" | "base64url", text: string): string {
  return createHash("sha256").update(text).digest(encoding);
}
