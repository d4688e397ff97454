// What the SDK's docstrings say of a class: its sentence and its example are the schema's too.
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../sdk/", import.meta.url);
const sources = readdirSync(folder)
  .filter((name) => name.endsWith(".ts") && name !== "plugin.ts") // its classes are those of the others
  .map((name) => readFileSync(new URL(name, folder), "utf8"));

/** Markdown, with the example below. */
export function documentOf(className: string): string {
  for (const source of sources) {
    const found = new RegExp(`/\\*\\*\\n((?: \\*[^\\n]*\\n)+?) \\*/\\nexport class ${className} `).exec(source);
    if (found === null) continue;
    const text = (found[1] ?? "").replaceAll(/^ \* ?/gm, "");
    const start = text.lastIndexOf("/**\n") < 0 ? text : text.slice(text.lastIndexOf("/**\n") + 4);
    return start.trim().replace(/\n@example\n/, "\n## Example Usage\n\n");
  }
  throw new Error(`sdk/ has no docstring of the class ${className}`);
}

/** What the SDK says of a property of a class, or of what it is made of. */
export function propertyDocument(className: string, property: string): string | undefined {
  const source = sources.find((each) => each.includes(`export class ${className} `)) ?? "";
  const at = source.indexOf(`export class ${className} `);
  const ofArguments = source.indexOf(`export interface ${className}Args `);
  for (const start of [at, ofArguments, 0]) {
    const found = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*?)\\*/\\s+(?:declare )?readonly ${property}\\??:`).exec(
      source.slice(Math.max(0, start)),
    );
    if (found !== null) return sentence(found[1] ?? "");
  }
  return undefined;
}

function sentence(comment: string): string {
  return comment
    .replaceAll(/^\s*\* ?/gm, "")
    .replace("@default", "Default:")
    .replaceAll(/\s+/g, " ")
    .trim();
}
