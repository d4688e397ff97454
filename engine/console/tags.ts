/** Tags, and other names with values, as a page shows them. */
import type { Tag } from "../../api/tags.ts";
import { html, type Markup } from "./html.ts";

export function tagsOf(tags: readonly Tag[] = []): Markup | undefined {
  return pairsOf(tags.map(({ Key, Value }) => [Key, Value]));
}

/** Undefined where there are none. */
export function pairsOf(pairs: readonly (readonly [name: string, value: string])[]): Markup | undefined {
  if (pairs.length === 0) return undefined;
  const shown = pairs.map(([name, value], at) => html`${at > 0 ? " " : ""}<code>${name}=${value}</code>`);
  return html`${shown}`;
}
