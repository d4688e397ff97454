/** From a packet to its reply: reads, answers, limits, counts, logs; knows nothing of sockets. */
import { answer, type Outcome, type World } from "./answer.ts";
import type { Client } from "./client.ts";
import { type Cookies, clientCookie } from "./cookie.ts";
import type { Counters } from "./counters.ts";
import { type Extras, notReady, staleAnswer } from "./edns.ts";
import { emptyQuery, type Query, readQuery, silence } from "./query.ts";
import type { RateLimit } from "./rate.ts";
import { Reply, type Transport } from "./reply.ts";
import { rcodes, type WireName } from "./wire.ts";

export interface ResponderOptions {
  readonly world: World;
  readonly cookies: Cookies;
  readonly rate: RateLimit;
  readonly counters: Counters;
  readonly now: () => number;
  /** Takes in the changes that were announced before this moment: what was acknowledged is visible. */
  readonly catchUp: () => void;
  /** Waits until an alias is known, or cannot be. */
  readonly lookUp: (name: WireName, type: number) => Promise<void>;
  /** Is told of each answer, where there is a query log. */
  readonly log: ((query: Query, client: Client, transport: Transport, rcode: number, size: number) => void) | undefined;
  readonly failed: (error: unknown) => void;
}

/** A reply is written; or none is to be sent; or it takes a look elsewhere first. */
export type Response = "written" | "none" | { readonly alias: WireName; readonly type: number };

/** Tenths of a second that a client on TCP may stay idle (RFC 7828). */
export const keepaliveTenths = 100;
/** How many aliases one answer may wait for: each try may draw another instance. */
const maxLookUps = 4;

export class Responder {
  readonly reply = new Reply();
  /** The view is not complete yet. */
  ready = false;
  /** Since when the store cannot be reached, so that answers may be old. */
  staleSince: string | undefined;
  readonly #options: ResponderOptions;
  readonly #query = emptyQuery();
  readonly #extras: Extras = { cookie: "", error: undefined, keepalive: 0 };

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  /** Writes the reply to a packet into `reply`, from `start` to `at`. */
  respond(packet: Buffer, client: Client, transport: Transport, last = false): Response {
    try {
      return this.#respond(packet, client, transport, last);
    } catch (error) {
      this.#options.failed(error);
      this.#options.counters.failed += 1;
      return "none";
    }
  }

  /** The same, having looked up what it waits for; `send` is called at once, before another reply is written. */
  async respondLater(
    packet: Buffer,
    client: Client,
    transport: Transport,
    first: Response,
    send: () => void,
  ): Promise<void> {
    let response = first;
    for (let tries = 1; typeof response === "object"; tries += 1) {
      await this.#options.lookUp(response.alias, response.type);
      response = this.respond(packet, client, transport, tries >= maxLookUps);
    }
    if (response === "written") send();
  }

  #respond(packet: Buffer, client: Client, transport: Transport, last: boolean): Response {
    const { world, counters, now, catchUp, log } = this.#options;
    const query = this.#query;
    const extras = this.#extras;
    const { reply } = this;
    const read = readQuery(packet, query);
    if (read === silence) {
      counters.ignored += 1;
      return "none";
    }
    catchUp();
    const time = now();
    extras.error =
      this.staleSince === undefined ? undefined : staleAnswer(`the store is not reached since ${this.staleSince}`);
    extras.keepalive = query.keepalive && transport === "tcp" ? keepaliveTenths : 0;
    const known = query.cookieAt > 0 && this.#cookie(client, time);
    reply.begin(query, transport, extras);
    if (read !== rcodes.NOERROR) reply.rcode = read;
    else if (!this.ready) this.#notReady();
    else {
      const outcome = answer(world, query, client, time, reply);
      if (outcome !== undefined && "alias" in outcome) {
        if (!last) {
          reply.clear(query);
          reply.at = reply.start;
          return outcome;
        }
        reply.rcode = rcodes.SERVFAIL;
      } else this.#explain(outcome);
    }
    const verdict = transport === "udp" && !known ? this.#limit(client, time) : "send";
    if (verdict === "drop") {
      counters.dropped += 1;
      reply.at = reply.start;
      return "none";
    }
    reply.end(query, extras);
    extras.cookie = "";
    counters[transport] += 1;
    if (reply.truncated) counters.truncated += 1;
    counters.count(reply.zone === undefined ? "" : reply.zone.text, query.type, reply.rcode);
    log?.(query, client, transport, reply.rcode, reply.at - reply.start);
    return "written";
  }

  #notReady(): void {
    this.reply.rcode = rcodes.SERVFAIL;
    this.#extras.error = notReady("the registry is being read");
  }

  #explain(outcome: Outcome): void {
    if (outcome !== undefined && "error" in outcome) this.#extras.error = outcome.error;
  }

  /** Answers a cookie with a cookie, and whether the client had one of ours. */
  #cookie({ address }: Client, now: number): boolean {
    const { packet, cookieAt, cookieSize } = this.#query;
    const cookie = packet.toString("latin1", cookieAt, cookieAt + cookieSize);
    this.#extras.cookie = this.#options.cookies.answer(clientCookie(cookie), address, now);
    return this.#options.cookies.isOurs(cookie, address, now);
  }

  /** Equal answers are counted together: those of a name and type, all that say of a zone that something is not there. */
  #limit(client: Client, now: number) {
    const { rate, counters } = this.#options;
    if (!rate.covers(client)) return "send";
    const { reply } = this;
    const { name, type } = this.#query;
    const isAnswer = reply.rcode === rcodes.NOERROR && reply.hasAnswers;
    const verdict = rate.judge(client, isAnswer ? `${type} ${name}` : `${reply.rcode} ${reply.zone?.id}`, now);
    if (verdict !== "slip") return verdict;
    counters.slipped += 1;
    reply.clear(this.#query);
    reply.truncated = true;
    return verdict;
  }
}
