/** The names of the engine itself: its name servers, and the hosts that clients of its API call, with `data-` before them. */
import { isIPv4 } from "node:net";
import type { Client } from "./client.ts";
import { encodeName, folded, octetsOfIPv4, octetsOfIPv6, type WireName } from "./wire.ts";

/** A name server as an operator gives it, with the address that its name has where we are to answer it. */
export interface NameServer {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** The octets of a host's addresses. */
export interface Host {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

export interface OwnNames {
  /** What NS records answer. */
  readonly servers: readonly WireName[];
  /** The first of them: MNAME of each SOA. */
  readonly primary: WireName;
  /** The host of a name that no zone has, where it is one of ours. */
  find(name: WireName, client?: Client): Host | undefined;
}

/** ".invalid" resolves nowhere (RFC 6761 6.4): nobody told us a name. */
const unnamed = `${encodeName("ns.cloudmap.invalid")}`;
const thisMachine = hostOf(["127.0.0.1", "::1"]);
export function ownNames(nameServers: readonly NameServer[]): OwnNames {
  const servers = nameServers.flatMap(({ name }) => encodeName(name) ?? []);
  const hosts = new Map<WireName, Host>();
  for (const { name, addresses } of nameServers) {
    if (addresses.length === 0) continue;
    for (const each of [name, `data-${name}`]) hosts.set(folded(encodeName(each) ?? ""), hostOf(addresses));
  }
  return {
    servers,
    primary: servers[0] ?? unnamed,
    find: (name, client) => hosts.get(name) ?? (client?.isLoopback && isLocal(name) ? thisMachine : undefined),
  };
}

function hostOf(addresses: readonly string[]): Host {
  return {
    ipv4: addresses.filter((each) => isIPv4(each)).map(octetsOfIPv4),
    ipv6: addresses.filter((each) => !isIPv4(each)).map(octetsOfIPv6),
  };
}

/** `localhost` and what is below it (RFC 6761 6.3), and the former with the `data-` that SDKs put before a host. */
function isLocal(name: WireName): boolean {
  let last = 0;
  for (let at = 0; at < name.length; at += name.charCodeAt(at) + 1) last = at;
  const label = name.slice(last + 1);
  return label === "localhost" || (last === 0 && label === "data-localhost");
}
