/** The access key of the local engine: drawn once, kept in a file that only this user can read, asked of every caller. */
import { randomBytes } from "node:crypto";
import { explainFile, LocalEngineError } from "./failure.ts";
import { createFile, readText } from "./file.ts";
import type { Home } from "./home.ts";

export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The user's key; the file is in the form that `serve --auth` takes. */
export function openKey({ key: file }: Home): Key {
  try {
    const text = readText(file) ?? drawKey(file);
    const [first] = JSON.parse(text).keys;
    if (first.accessKeyId && first.secretAccessKey) return first;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError))
      throw explainFile(`opening its key ${file}`, error);
  }
  throw new LocalEngineError(
    `The local engine: ${file} is not a file of access keys: delete it, and a new one is drawn`,
  );
}

function drawKey(file: string): string {
  const drawn = {
    accessKeyId: `CLOUDMAP${randomBytes(6).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
    name: "local",
  };
  const text = `${JSON.stringify({ keys: [drawn] }, undefined, 2)}\n`;
  return createFile(file, text) ? text : (readText(file) ?? "");
}
