// What the quickstart shows of DNS: the addresses that the engine answers for the service's name, and how to ask for them.
import { Resolver } from "node:dns/promises";
import { setTimeout as wait } from "node:timers/promises";

/** The engine's DNS and the name to ask it for. */
export interface Question {
  /** `host:port` */
  readonly server: string;
  readonly name: string;
}

/** How often to ask until a name that was just made is there, and for how long between, in milliseconds. */
const tries = 20;
const between = 100;

/** The dig command for a question. */
export function dig({ server, name }: Question): string {
  const colon = server.lastIndexOf(":");
  const host = server.slice(0, colon).replace(/^\[|\]$/g, "");
  return `dig @${host} -p ${server.slice(colon + 1)} ${name}`;
}

/** The IPv4 addresses of a name, in the order of their numbers, a line each. */
export async function resolved(question: Question): Promise<string> {
  const addresses = await ask(question);
  return addresses.toSorted((a, b) => number(a) - number(b)).join("\n");
}

async function ask({ server, name }: Question): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([server]);
  for (let tried = 1; ; tried++) {
    try {
      return await resolver.resolve4(name);
    } catch (error) {
      if (tried === tries)
        throw new Error(`the engine's DNS at ${server} does not answer for ${name}: ${reason(error)}`);
      await wait(between);
    }
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function number(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
