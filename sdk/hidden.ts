// What the dynamic host is not told by Pulumi and the provider needs: who owns a resource, its time-outs and orders to replace it, its parent's shape.
import { createHash } from "node:crypto";
import { hostname, userInfo } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { automaticName } from "./autonaming.ts";

interface Told {
  readonly type: string;
  readonly name: string;
  readonly autoName: "verbatim" | "suffixed" | undefined;
  readonly parent: pulumi.Inputs | undefined;
  readonly options: pulumi.CustomResourceOptions;
}

/** One letter each: what the check keeps of it is in the state of every resource. */
export function hiddenInputs({ type, name, autoName, parent, options }: Told): pulumi.Inputs {
  const owner = ownerOf(type, name, options.parent);
  const { customTimeouts: { create, update, delete: remove } = {}, replaceOnChanges = [] } = options;
  return {
    o: owner,
    ...(autoName !== undefined && { n: nameOf(type, name, autoName, owner) }),
    ...(parent !== undefined && { p: parent }),
    ...(create !== undefined && { c: create }),
    ...(update !== undefined && { u: update }),
    ...(remove !== undefined && { d: remove }),
    ...(replaceOnChanges.length > 0 && { r: replaceOnChanges }),
  };
}

/** Ten characters that are the same in every run of this stack for this resource, and for no other. */
function ownerOf(type: string, name: string, parent: pulumi.Resource | undefined): string | Promise<string> {
  const stack = [...stackOwner(), pulumi.getProject(), pulumi.getStack()];
  const hash = (above: string) => digest([...stack, above, type, name]).slice(0, 10);
  return parent === undefined ? hash("") : urnOf(parent).then(hash);
}

/**
 * A backend without organizations calls its only one "organization": there the user, the machine and the backend tell
 * stacks of one name apart, unless `cloudmap:owner` says which belong together.
 */
function stackOwner(): readonly string[] {
  const configured = new pulumi.Config("cloudmap").get("owner");
  if (configured) return ["owner", configured];
  const organization = pulumi.getOrganization();
  if (organization !== "organization") return [organization];
  return ["", userName(), hostname(), process.env.PULUMI_BACKEND_URL ?? ""];
}

/** Some containers run under a number that no user has. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "");
  }
}

/** As a promise, not an output: an output would make every child depend on its parent in the state. */
function urnOf(resource: pulumi.Resource): Promise<string> {
  return new Promise((resolve) => resource.urn.apply(resolve));
}

/** `undefined` where the stack leaves naming to the program. */
function nameOf(
  type: string,
  name: string,
  form: "verbatim" | "suffixed",
  owner: string | Promise<string>,
): string | undefined | Promise<string | undefined> {
  const kind = type.slice(type.lastIndexOf(":") + 1);
  const named = (own: string) => automaticName({ kind, name, form, owner: own });
  return typeof owner === "string" ? named(owner) : owner.then(named);
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
