/** HTML whose values cannot become markup: whatever is put into a template is escaped, unless it is markup itself. */
import { visible } from "../../api/text.ts";

export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | undefined | Markup | readonly Value[];

/** A template of HTML: lists are put in one after the other, and undefined as nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.reduce((text, part, at) => `${text}${written(values[at - 1])}${part}`));
}

const references: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function written(value: Value): string {
  if (value === undefined) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(written).join("");
  return visible(String(value)).replace(/[&<>"']/g, (character) => references[character] ?? "");
}
