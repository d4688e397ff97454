/** A page of the console, as a browser gets it and as a person reads it. */
import type { TestKey } from "../auth/gated.ts";

export interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** What is read, without its markup, a line for each row of a table. */
  readonly text: string;
  /** Text and target of each link in the main part. */
  readonly links: ReadonlyMap<string, string>;
}

export async function look(to: { url: string }, path: string, headers: Record<string, string> = {}): Promise<Shown> {
  const answer = await fetch(`${to.url}${path}`, { headers });
  const html = await answer.text();
  const main = /<main>(.*)<\/main>/s.exec(html)?.[1] ?? "";
  const links = [...main.matchAll(/<a href="([^"]*)"[^>]*>(.*?)<\/a>/g)].map(([, href = "", text = ""]) => {
    return [plain(text), plain(href)] as const;
  });
  return { status: answer.status, headers: answer.headers, html, text: plain(main), links: new Map(links) };
}

/** Cells are apart by two blanks, and the entities are what they stand for. */
function plain(markup: string): string {
  const spaced = markup.replace(/<\/(td|dt|th)>/g, "  ").replace(/<\/(div|dd)>/g, " \n");
  const characters: Record<string, string> = { lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" };
  return spaced.replace(/<[^>]*>/g, "").replace(/&(\w+|#39);/g, (_all, name) => characters[name] ?? "?");
}

export function basic({ accessKeyId }: TestKey, password: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${accessKeyId}:${password}`).toString("base64")}` };
}
