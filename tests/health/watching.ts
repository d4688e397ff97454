// How a service is watched in tests: over HTTP, as by anyone.
import type { Watched } from "../../api/extensions.ts";

export interface Answered {
  readonly status: number;
  readonly body: Watched & { readonly __type?: string; readonly Message?: string };
}

export interface Asking {
  readonly namespace?: string;
  readonly service?: string;
  readonly after?: number;
  readonly wait?: string;
}

/** Asks as it is given. */
export async function ask(to: { url: string }, query: string, headers: Record<string, string> = {}): Promise<Answered> {
  const answer = await fetch(`${to.url}/watch?${query}`, { headers });
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

/** Watches the service `s` of the namespace `n`, unless another is named. */
export async function watch(to: { url: string }, asking: Asking = {}): Promise<Watched> {
  const { namespace = "n", service = "s", ...rest } = asking;
  const given = new URLSearchParams({ namespace, service });
  for (const [name, value] of Object.entries(rest)) given.set(name, String(value));
  const { status, body } = await ask(to, given.toString());
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}
