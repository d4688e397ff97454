/** A zone: the names that exist in it, which of them only because there are names below them, and its SOA. */
import type { ZoneRecord } from "./change.ts";
import type { Client } from "./client.ts";
import type { DnsService } from "./service.ts";
import type { Target } from "./target.ts";
import { encodeName, folded, uint32, type WireName } from "./wire.ts";

/** A name that exists: a service, the target of SRV records, or an empty non-terminal (RFC 8020), which is neither. */
export interface Node {
  service: DnsService | undefined;
  targets: readonly Target[];
  /** How many services and targets are at this name or below it. */
  held: number;
}

/** Seconds; RFC 1912 2.2 has the ranges. Nobody transfers our zones, so that these tell no one anything. */
const timers = uint32(7_200) + uint32(900) + uint32(1_209_600);

export class Zone {
  readonly id: string;
  readonly name: WireName;
  readonly text: string;
  readonly vpc: string | undefined;
  readonly created: number;
  /** How long resolvers remember that something does not exist: the TTL of the SOA and its MINIMUM (RFC 2308 4). */
  negativeTtl: number;
  /** The registry's revision of its last change. */
  revision: number;
  readonly nodes = new Map<WireName, Node>();

  constructor({ Id, Name, Vpc, CreateDate, SoaTtl = 60 }: ZoneRecord, name: WireName, revision: number) {
    this.id = Id;
    this.text = Name;
    this.name = name;
    this.vpc = Vpc;
    this.created = CreateDate;
    this.negativeTtl = SoaTtl;
    this.revision = revision;
    this.nodes.set(name, { service: undefined, targets: [], held: 1 });
  }

  /** The data of the SOA record; the serial is the revision, in 32 bits. */
  soa(server: WireName): string {
    const mailbox = `${encodeName("hostmaster")}${this.name}`;
    const serial = uint32(this.revision % 2 ** 32);
    return `${server}\0${mailbox}\0${serial}${timers}${uint32(this.negativeTtl)}`;
  }

  /** Makes a name exist, and with it those between it and the zone's own; answers its node. */
  hold(name: WireName): Node {
    for (const above of this.#path(name)) {
      const node = this.nodes.get(above);
      if (node === undefined) this.nodes.set(above, { service: undefined, targets: [], held: 1 });
      else node.held += 1;
    }
    return this.nodes.get(name) as Node; // it was made above, or is the zone's own
  }

  release(name: WireName): void {
    for (const above of this.#path(name)) {
      const node = this.nodes.get(above);
      if (node !== undefined && --node.held === 0) this.nodes.delete(above);
    }
  }

  /** The name and those above it, without the zone's own, which is always there. */
  *#path(name: WireName): Generator<WireName> {
    let at = 0;
    while (name.length - at > this.name.length) {
      yield name.slice(at);
      at += name.charCodeAt(at) + 1;
    }
  }
}

/** Public zones are everyone's, private ones their VPC's and this machine's. */
export function sees({ isLoopback, vpcs }: Client, { vpc }: Zone): boolean {
  return vpc === undefined || isLoopback || vpcs.includes(vpc);
}

/** The name of a namespace; undefined for one that DNS cannot carry. */
export function zoneName(text: string): WireName | undefined {
  const name = encodeName(text);
  return name === undefined ? undefined : folded(name);
}
