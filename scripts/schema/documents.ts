// What the SDK's docstrings say of a class: its sentence and its example are the schema's too.
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../sdk/", import.meta.url);
const sources = readdirSync(folder)
  .filter((name) => name.endsWith(".ts") && name !== "plugin.ts") // its classes are those of the others
  .map((name) => readFileSync(new URL(name, folder), "utf8"));

/**
 * Markdown, with the example below in every language: an SDK's generator keeps that of its own, and none of the example
 * where it has none.
 */
export function documentOf(className: string): string {
  const [sentence = "", example = ""] = docstringOf(className).split(/\n@example\n/);
  const others = readFileSync(new URL(`examples/${className}.md`, import.meta.url), "utf8");
  const all = ["{{% examples %}}", "{{% example %}}", "## Example Usage", example.trim(), others.trim()];
  return [sentence.trim(), ...all, "{{% /example %}}", "{{% /examples %}}"].join("\n\n");
}

function docstringOf(className: string): string {
  for (const source of sources) {
    const found = new RegExp(`/\\*\\*\\n((?: \\*[^\\n]*\\n)+?) \\*/\\nexport class ${className} `).exec(source);
    if (found === null) continue;
    const text = (found[1] ?? "").replaceAll(/^ \* ?/gm, "");
    const start = text.lastIndexOf("/**\n") < 0 ? text : text.slice(text.lastIndexOf("/**\n") + 4);
    return start.trim();
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
    .replace(": the resource itself, or its id", ": its id") // a resource stands for its id in the package's own classes only
    .replaceAll(/\s+/g, " ")
    .trim();
}
