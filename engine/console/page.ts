/** The frame of every page of the console: its head, its look, and what its reader's browser may do with it. */
import { hash } from "node:crypto";
import type { Reply } from "../http/request.ts";
import { html, Markup } from "./html.ts";

export interface Page {
  readonly title: string;
  /** The pages above it: name and path. */
  readonly above?: readonly (readonly [name: string, path: string])[];
  readonly body: Markup;
  /** Whether it says nothing that changes by itself. */
  readonly isFinal?: boolean;
}

/** What is the same on every page at a moment. */
export interface Frame {
  readonly account: string;
  readonly region: string;
  readonly version: string;
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The path and query of the page. */
  readonly target: string;
  /** The last moment of which everything is known, as ISO 8601 has it, where the store is lost. */
  readonly since: string | undefined;
}

/** Seconds after which a page that is looked at is asked for again. */
const pace = 5;

const style = `
:root { color-scheme: light dark; --text: light-dark(#1f2328, #e6edf3); --dim: light-dark(#59636e, #9198a1);
  --line: light-dark(#d1d9e0, #3d444d); --link: light-dark(#0550ae, #79c0ff); --back: light-dark(#fff, #0d1117);
  --good: light-dark(#116329, #56d364); --bad: light-dark(#a40e26, #ff7b72); --wait: light-dark(#7d4e00, #e3b341); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 75rem; padding: 0 1.5rem 2rem; font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); }
header, footer { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; padding: .9rem 0; color: var(--dim); }
header { border-bottom: 1px solid var(--line); } header strong { font-size: 1.15rem; }
header .place { margin-left: auto; } footer { font-size: .85rem; }
a { color: var(--link); text-decoration: none; } a:hover, a:focus { text-decoration: underline; }
h1 { font-size: 1.4rem; margin: 1.2rem 0 .6rem; overflow-wrap: anywhere; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
nav.above { margin-top: 1rem; color: var(--dim); overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; margin: 0; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; color: var(--dim); font-size: .85rem; }
th, td { padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { min-width: 8rem; overflow-wrap: anywhere; } td:last-child { min-width: 11rem; }
td.number, th.number { min-width: 0; text-align: right; font-variant-numeric: tabular-nums; }
code { font: 13px/1.5 ui-monospace, monospace; }
.dim { color: var(--dim); } .good { color: var(--good); } .bad { color: var(--bad); } .wait { color: var(--wait); }
time, .word { white-space: nowrap; } .why { min-width: 16rem; }
`;

/** Nothing is loaded, run, sent or framed: even markup that got in could do nothing. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${hash("sha256", style, "base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": policy,
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export function reply(status: number, { title, above = [], body, isFinal = false }: Page, frame: Frame): Reply {
  const { account, region, version, revision, now, target, since } = frame;
  const still = isFinal || isStill(target);
  const trail = above.map(([name, path]) => html`<a href="${path}">${name}</a> / `);
  const text = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${still ? undefined : html`<meta http-equiv="refresh" content="${pace}">`}
<title>${title} · cloudmap</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header><strong>cloudmap</strong> <a href="/">Namespaces</a> <a href="/operations">Operations</a>
${isFinal ? undefined : turn(target)}
<span class="place">account ${account} · ${region}</span></header>
<main>
${since === undefined ? undefined : html`<p class="wait">◐ The store is not reached: what has changed after ${time(Date.parse(since) / 1000)} is not shown.</p>`}
${above.length > 0 ? html`<nav class="above" aria-label="where this is">${trail}</nav>` : undefined}
<h1>${title}</h1>
${body}
</main>
<footer><span>revision ${revision} of the registry, ${time(now / 1000)}</span>
<span>version ${version}</span></footer>
</body>
</html>
`.text;
  return { status, headers, body: text };
}

const stillParameter = "still";

function isStill(target: string): boolean {
  return new URLSearchParams(target.split("?")[1]).has(stillParameter);
}

/** Whether the page goes on, and the link by which it does the other. */
function turn(target: string): Markup {
  const [now, other] = isStill(target) ? ["held still", "go on"] : [`looked up every ${pace} s`, "hold still"];
  return html`<span>${now} · <a href="${turned(target)}">${other}</a></span>`;
}

/** The same page, held still or going on. */
function turned(target: string): string {
  const [path = "", query] = target.split("?");
  const parameters = new URLSearchParams(query);
  if (parameters.has(stillParameter)) parameters.delete(stillParameter);
  else parameters.set(stillParameter, "yes");
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

/** Seconds since 1970, to the second. */
export function time(seconds: number | undefined): Markup | undefined {
  if (seconds === undefined) return undefined;
  const text = new Date(Math.floor(seconds) * 1000).toISOString();
  return html`<time datetime="${text}">${text.slice(0, 10)} ${text.slice(11, 19)} UTC</time>`;
}

type Cell = Markup | string | number | undefined;

/** Names and values; those without a value are left out. */
export function facts(pairs: Readonly<Record<string, Cell>>): Markup {
  const given = Object.entries(pairs).filter(([, value]) => value !== undefined && value !== "");
  return html`<dl>${given.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** A table, without the columns in which no row has anything; of no rows, a sentence that says so. */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[], none: Markup | string): Markup {
  if (rows.length === 0) return html`<p class="dim">${none}</p>`;
  const columns = [...heads.keys()].filter((at) => rows.some((row) => row[at] !== undefined && row[at] !== ""));
  const kind = (value: Cell) => (typeof value === "number" ? html` class="number"` : undefined);
  const head = columns.map((at) => html`<th scope="col"${kind(rows[0]?.[at])}>${heads[at]}</th>`);
  const body = rows.map((row) => html`<tr>${columns.map((at) => html`<td${kind(row[at])}>${row[at]}</td>`)}</tr>\n`);
  return html`<div class="wide"><table><thead><tr>${head}</tr></thead>\n<tbody>\n${body}</tbody></table></div>`;
}

/** The link to what comes after this page of a list. */
export function next(path: string, { NextToken }: { readonly NextToken?: string | undefined }): Markup | undefined {
  if (NextToken === undefined) return undefined;
  return html`<p><a href="${path}?after=${encodeURIComponent(NextToken)}" rel="next">Next page</a></p>`;
}

/** A word that is never broken in two: of the API's own, which are short. */
export function word(text: string | undefined): Markup | undefined {
  return text === undefined ? undefined : html`<span class="word">${text}</span>`;
}

/** An id that the engine has made. */
export function code(id: string | undefined): Markup {
  return html`<code class="word">${id}</code>`;
}

/** A word for a state, with a sign that does not need its colour. */
export function state(name: string): Markup {
  const [kind, sign] = kinds[name] ?? ["dim", "○"];
  return html`<span class="word ${kind}">${sign} ${name}</span>`;
}

const kinds: Readonly<Record<string, readonly [kind: string, sign: string]>> = {
  HEALTHY: ["good", "●"],
  UNHEALTHY: ["bad", "✕"],
  SUCCESS: ["good", "●"],
  FAIL: ["bad", "✕"],
  PENDING: ["wait", "◐"],
  SUBMITTED: ["wait", "◐"],
};
