/** A row of an instance: how it is, where it is, and what else is said of it. */
import type { Attributes, InstanceSummary } from "../../api/instance.ts";
import { html, type Markup } from "./html.ts";
import { state } from "./page.ts";
import { pairsOf } from "./tags.ts";

/** The attributes that say where an instance is, but for its port. */
const places = [
  "AWS_INSTANCE_IPV4",
  "AWS_INSTANCE_IPV6",
  "AWS_INSTANCE_CNAME",
  "AWS_ALIAS_DNS_NAME",
  "AWS_EC2_INSTANCE_ID",
];
const port = "AWS_INSTANCE_PORT";

export function instanceRow({ Id = "", Attributes = {} }: InstanceSummary, health?: string): (Markup | undefined)[] {
  const shown = health === undefined ? undefined : state(health);
  const others = Object.entries(Attributes).filter(([name]) => name !== port && !places.includes(name));
  return [html`<code>${Id}</code>`, shown, addressOf(Attributes), pairsOf(others.sort())];
}

/** `10.0.0.7:8080`, one line for each address. */
function addressOf(attributes: Attributes): Markup | undefined {
  const given = new Map(Object.entries(attributes));
  const behind = given.has(port) ? `:${given.get(port)}` : "";
  const lines = places.flatMap((name) => {
    const place = given.get(name);
    return place === undefined ? [] : [name.endsWith("IPV6") && behind !== "" ? `[${place}]` : place];
  });
  if (lines.length === 0) return behind === "" ? undefined : html`<code>${behind}</code>`;
  return html`${lines.map((line) => html`<div><code>${line}${behind}</code></div>`)}`;
}
