/** The operator's file of who may do what: access keys, the policies of each, and which namespaces accounts share. */
import { readFileSync, statSync } from "node:fs";
import { Ajv, type ErrorObject } from "ajv";
import { compilePolicies, type Permissions, type PolicyDocument } from "./policy.ts";
import { type Flaw, policyFlaws } from "./policy-form.ts";
import { namespaceIdOf, type Share, Shares } from "./shares.ts";

export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Whose key it is: the name of the user in the caller's ARN. */
  readonly name?: string;
  /** Twelve digits: the account in which its holder acts, where that is not the registry's. */
  readonly account?: string;
  /** Of temporary credentials: a request must carry one of these. */
  readonly sessionTokens?: readonly string[];
  /** Absent: the holder may do everything. */
  readonly permissions?: Permissions;
}

export interface Access {
  readonly keys: ReadonlyMap<string, Key>;
  readonly shares: Shares;
}

interface WrittenKey extends Omit<Key, "permissions"> {
  /** Policies, or the names of those that stand under `policies`. */
  readonly policies?: readonly (PolicyDocument | string)[];
}

interface Written {
  readonly keys: readonly WrittenKey[];
  readonly policies?: { readonly [name: string]: PolicyDocument };
  readonly shares?: readonly Share[];
}

const texts = { type: ["string", "array"], minItems: 1, items: { type: "string" } };
const statement = {
  type: "object",
  properties: {
    Sid: { type: "string" },
    Effect: { enum: ["Allow", "Deny"] },
    Action: texts,
    NotAction: texts,
    Resource: texts,
    NotResource: texts,
    Condition: { type: "object", additionalProperties: { type: "object", additionalProperties: texts } },
  },
  required: ["Effect"],
  additionalProperties: false,
};
const policy = {
  type: "object",
  properties: {
    Version: { enum: ["2012-10-17", "2008-10-17"] },
    Id: { type: "string" },
    Statement: {
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own keyword
      ...{ if: { type: "array" }, then: { items: statement }, else: statement },
    },
  },
  required: ["Statement"],
  additionalProperties: false,
};
const account = { type: "string", pattern: "^\\d{12}$" };
const key = {
  type: "object",
  properties: {
    accessKeyId: { type: "string", pattern: "^[A-Za-z0-9_]{16,128}$" },
    secretAccessKey: { type: "string", minLength: 16, maxLength: 256 },
    name: { type: "string", maxLength: 256 },
    account,
    sessionTokens: { type: "array", minItems: 1, items: { type: "string", minLength: 16, maxLength: 4096 } },
    policies: {
      type: "array",
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own keyword
      items: { if: { type: "string" }, then: {}, else: policy },
    },
  },
  required: ["accessKeyId", "secretAccessKey"],
  additionalProperties: false,
};
const share = {
  type: "object",
  properties: {
    namespace: {
      type: "string",
      pattern: "^(arn:aws:servicediscovery:[a-z0-9-]+:\\d{12}:namespace/)?ns-[a-z0-9]{1,60}$",
    },
    accounts: { type: "array", minItems: 1, items: account },
    permission: { enum: ["read", "write"] },
  },
  required: ["namespace", "accounts"],
  additionalProperties: false,
};
const isWritten = new Ajv({ allErrors: true, strictTypes: false, strictRequired: false }).compile<Written>({
  type: "object",
  properties: {
    keys: { type: "array", minItems: 1, items: key },
    policies: { type: "object", additionalProperties: policy },
    shares: { type: "array", items: share },
  },
  required: ["keys"],
  additionalProperties: false,
});

/** Reads the file; SigV4 needs the secrets themselves, so a file that others can read is refused. */
export function readAccess(file: string): Access {
  const { mode } = statSync(file);
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw new Error(`${file} has secrets in it and others can read it: chmod 600 ${file}`);
  }
  const content = parse(file);
  const found = isWritten(content) ? flaws(content) : formFlaws(isWritten.errors ?? []);
  if (found.length > 0 || !isWritten(content)) {
    const lines = found.map(({ path, reason }) => `\n  ${path} ${reason}`);
    throw new Error(`${file} is not a file of access keys (docs/access.md says how one looks):${lines.join("")}`);
  }
  const { keys, policies = {}, shares = [] } = content;
  const made = keys.map((each) => [each.accessKeyId, makeKey(each, policies)] as const);
  return { keys: new Map(made), shares: new Shares(shares) };
}

function makeKey({ policies, ...written }: WrittenKey, named: NonNullable<Written["policies"]>): Key {
  if (policies === undefined) return written;
  const documents = policies.flatMap((each) => (typeof each === "string" ? (named[each] ?? []) : each));
  return { ...written, permissions: compilePolicies(documents) };
}

/** JSON.parse's own message would repeat the text, and with it a secret. */
function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error(`${file} is not JSON`);
    throw error;
  }
}

/** What a schema cannot say. */
function flaws({ keys, policies = {}, shares = [] }: Written): Flaw[] {
  const named = Object.entries(policies).flatMap(([name, each]) => policyFlaws(each, `policies.${name}`));
  const own = keys.flatMap(({ accessKeyId, policies: of = [] }, index) => [
    ...of.flatMap((each, at) => {
      const path = `keys[${index}].policies[${at}]`;
      if (typeof each !== "string") return policyFlaws(each, path);
      return Object.hasOwn(policies, each) ? [] : [{ path, reason: `names ${each}, which is not under policies` }];
    }),
    ...repeated(
      keys.slice(0, index).some((other) => other.accessKeyId === accessKeyId),
      `keys[${index}].accessKeyId`,
    ),
  ]);
  const pairs = shares.map(({ namespace, accounts }) => accounts.map((each) => `${namespaceIdOf(namespace)} ${each}`));
  const twice = pairs.flatMap((of, index) =>
    repeated(
      of.some((pair) => pairs.slice(0, index).flat().includes(pair)),
      `shares[${index}]`,
    ),
  );
  return [...named, ...own, ...twice];
}

function repeated(is: boolean, path: string): Flaw[] {
  return is ? [{ path, reason: "is there twice: keep one of them" }] : [];
}

/** ajv's errors with their values left out, since some of them are secrets. */
function formFlaws(errors: readonly ErrorObject[]): Flaw[] {
  return errors
    .filter(({ keyword }) => keyword !== "if")
    .map((error) => ({ path: pathOf(error), reason: reasonOf(error) }));
}

function pathOf({ instancePath }: ErrorObject): string {
  const path = instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join("");
  return path.replace(/^\./, "") || "the file";
}

function reasonOf({ keyword, params, message = "", instancePath }: ErrorObject): string {
  if (keyword === "required") return `needs ${params.missingProperty}`;
  if (keyword === "additionalProperties")
    return `has ${JSON.stringify(params.additionalProperty)}, which nothing reads`;
  if (keyword === "enum") return `must be ${params.allowedValues.join(" or ")}`;
  if (instancePath.endsWith("/accessKeyId")) return "must be 16 to 128 letters, digits and _";
  if (instancePath.endsWith("/namespace")) return "must be the id or the ARN of a namespace";
  if (keyword === "pattern") return "must be an account: twelve digits";
  if (keyword === "minItems") return "must not be empty";
  if (keyword === "minLength") return `must have at least ${params.limit} characters: draw a longer one`;
  if (keyword === "maxLength") return `must have at most ${params.limit} characters`;
  if (keyword === "type") return `must be ${[params.type].flat().join(" or ")}`;
  return message;
}
