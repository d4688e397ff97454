/** A responder without sockets, for what depends on who asks and when: packets in, packets out. */
import type { AliasOptions } from "../../engine/dns/alias.ts";
import { Aliases } from "../../engine/dns/alias.ts";
import type { Change } from "../../engine/dns/change.ts";
import { clientsOf, type VpcNetwork } from "../../engine/dns/client.ts";
import { Cookies } from "../../engine/dns/cookie.ts";
import { Counters } from "../../engine/dns/counters.ts";
import { type NameServer, ownNames } from "../../engine/dns/own-names.ts";
import { RateLimit } from "../../engine/dns/rate.ts";
import { Responder } from "../../engine/dns/responder.ts";
import { View } from "../../engine/dns/view.ts";

export interface Pure {
  readonly view: View;
  readonly responder: Responder;
  readonly counters: Counters;
  readonly clock: { now: number };
  readonly failures: unknown[];
  /** The reply to a packet from an address; undefined where there is none. */
  respond(packet: Buffer, from: string, transport?: "udp" | "tcp"): Buffer | undefined;
  apply(...changes: Change[]): void;
}

export interface PureOptions {
  readonly vpcs?: readonly VpcNetwork[];
  readonly nameServers?: readonly NameServer[];
  readonly aliases?: AliasOptions;
  readonly rate?: number;
  readonly random?: () => number;
}

export function pure(options: PureOptions = {}): Pure {
  const { vpcs = [], nameServers = [], aliases = { servers: [], table: [] }, rate = 0, random = Math.random } = options;
  const view = new View();
  const counters = new Counters();
  const clock = { now: 1_700_000_000_000 };
  const known = new Aliases(aliases, () => clock.now);
  const failures: unknown[] = [];
  const responder = new Responder({
    world: { view, own: ownNames(nameServers), alias: (name, type) => known.get(name, type), random },
    cookies: new Cookies(Buffer.from("e5e973e5a6b2a43f48e7dc849e37bfcf", "hex")),
    rate: new RateLimit(rate),
    counters,
    now: () => clock.now,
    catchUp: () => {},
    lookUp: (name, type) => known.lookUp(name, type),
    log: undefined,
    failed: (error) => failures.push(error),
  });
  responder.ready = true;
  const clientOf = clientsOf(vpcs);
  return {
    view,
    responder,
    counters,
    clock,
    failures,
    respond: (packet, from, transport = "udp") => {
      const { reply } = responder;
      const response = responder.respond(packet, clientOf(from), transport);
      return response === "written" ? Buffer.from(reply.out.subarray(reply.start, reply.at)) : undefined;
    },
    apply: (...changes) => view.apply({ revision: view.revision + 1, changes }),
  };
}

/** A zone with a service `web` that has one address. */
export function zoneWith(
  id: string,
  Name: string,
  address: string,
  more: { Vpc?: string; web?: string } = {},
): Change[] {
  const { web = "web", ...rest } = more;
  const DnsConfig = { RoutingPolicy: "MULTIVALUE", DnsRecords: [{ Type: "A", TTL: 60 }] } as const;
  return [
    { zone: id, record: { Id: id, Name, SoaTtl: 15, CreateDate: 1, ...rest } },
    { service: `srv-${id}`, record: { Id: `srv-${id}`, Name: web, NamespaceId: id, DnsConfig } },
    { instance: "i", of: `srv-${id}`, state: { attributes: { AWS_INSTANCE_IPV4: address }, health: undefined } },
  ];
}
