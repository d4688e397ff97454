/** Who asks: which networks an address is in, and so which private zones it sees. */
import { BlockList, isIPv4 } from "node:net";
import { isLoopback } from "../http/guard.ts";

/** The network of a VPC, as an operator gives it. */
export interface VpcNetwork {
  readonly vpc: string;
  readonly network: string;
  readonly prefix: number;
}

export interface Client {
  readonly address: string;
  /** This machine: it sees everything. */
  readonly isLoopback: boolean;
  /** The VPCs that it is in, those of the narrowest network first. */
  readonly vpcs: readonly string[];
  /** What its rate is counted by: the /24 or /56 that it is in. */
  readonly network: string;
}

/** More addresses than this at once are forgotten, and looked up again. */
const maxKnown = 20_000;

/** Looks clients up by their address, and remembers them. */
export function clientsOf(networks: readonly VpcNetwork[]): (address: string) => Client {
  const lists = networks
    .toSorted((a, b) => b.prefix - a.prefix)
    .map(({ vpc, network, prefix }) => {
      const list = new BlockList();
      list.addSubnet(network, prefix, familyOf(network));
      return { vpc, list };
    });
  const known = new Map<string, Client>();
  return (address) => {
    const found = known.get(address);
    if (found !== undefined) return found;
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
    const vpcs = lists.filter(({ list }) => list.check(plain, familyOf(plain))).map(({ vpc }) => vpc);
    const client = { address: plain, isLoopback: isLoopback(plain), vpcs, network: networkOf(plain) };
    if (known.size >= maxKnown) known.clear();
    known.set(address, client);
    return client;
  };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv4(address) ? "ipv4" : "ipv6";
}

/** Whoever can choose an address of a network can choose any: /24 for IPv4, /56 for IPv6. */
function networkOf(address: string): string {
  if (isIPv4(address)) return address.slice(0, address.lastIndexOf("."));
  const [head = "", tail] = address.split("::");
  const groups = head.split(":");
  if (tail !== undefined) while (groups.length < 4) groups.push("0");
  const [a, b, c, d = "0"] = groups;
  return [a, b, c, d.padStart(4, "0").slice(0, 2)].join(":");
}
