/** The operator's file of access keys. */
import { readFileSync, statSync } from "node:fs";
import { Ajv } from "ajv";

export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Whose key it is: the name of the user in the caller's ARN. */
  readonly name?: string;
  /** Twelve digits: the account in which its holder acts, where that is not the registry's. */
  readonly account?: string;
  /** Of temporary credentials: a request must carry one of these. */
  readonly sessionTokens?: readonly string[];
}

export type Keys = ReadonlyMap<string, Key>;

const isKeyFile = new Ajv({ allErrors: true }).compile<{ keys: readonly Key[] }>({
  type: "object",
  properties: {
    keys: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        properties: {
          accessKeyId: { type: "string", pattern: "^[A-Za-z0-9_]{16,128}$" },
          secretAccessKey: { type: "string", minLength: 16, maxLength: 256 },
          name: { type: "string", maxLength: 256 },
          account: { type: "string", pattern: "^\\d{12}$" },
          sessionTokens: { type: "array", minItems: 1, items: { type: "string", minLength: 16, maxLength: 4096 } },
        },
        required: ["accessKeyId", "secretAccessKey"],
        additionalProperties: false,
      },
    },
  },
  required: ["keys"],
  additionalProperties: false,
});

/** Reads the file; SigV4 needs the secrets themselves, so a file that others can read is refused. */
export function readKeys(file: string): Keys {
  const { mode } = statSync(file);
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw new Error(`${file} has secrets in it and others can read it: chmod 600 ${file}`);
  }
  const content = parse(file);
  if (!isKeyFile(content)) {
    const first = isKeyFile.errors?.[0];
    throw new Error(`${file} is not a file of access keys: ${first?.instancePath || "the file"} ${first?.message}`);
  }
  return new Map(content.keys.map((key) => [key.accessKeyId, key]));
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
