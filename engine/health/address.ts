/** Where a probe may go: not to this machine, nor to what only this machine is trusted with, unless the operator allows it. */
import { BlockList, isIP, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { isLoopback } from "../http/guard.ts";

/** An address and port that something of the engine listens on. */
export interface Listener {
  readonly host: string;
  readonly port: number;
}

export interface ProbeRules {
  /** What the engine itself listens on. */
  readonly own: readonly Listener[];
  /** `--probe-allow`: networks that are probed whatever else is said here. */
  readonly allow?: readonly string[];
}

/** Why a probe must not go to an address and port; undefined where it may. */
export type Refuse = (address: string, port: number) => string | undefined;

/** Never the address of an instance; nor may an instance's attributes make the engine talk to these. */
const everRefused: readonly { readonly what: string; readonly networks: readonly string[] }[] = [
  // The first connects to this machine (RFC 1122 §3.2.1.3); RFC 4291 §2.5.2 has the same for IPv6.
  { what: "unspecified", networks: ["0.0.0.0/8", "::/128"] },
  { what: "link-local", networks: ["169.254.0.0/16", "fe80::/10"] },
  { what: "multicast or broadcast", networks: ["224.0.0.0/4", "255.255.255.255/32", "ff00::/8"] },
  {
    what: "a cloud's metadata",
    // EC2 (IPv6), Alibaba Cloud, Oracle Cloud, Azure's platform, Google Cloud (IPv6), Scaleway (IPv6); all else is link-local.
    networks: [
      ...["fd00:ec2::/32", "100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32"],
      ...["fd20:ce::254/128", "fd00:42::42/128"],
    ],
  },
  // RFC 8215: which IPv4 address one of these leads to is known only to the network.
  { what: "local NAT64", networks: ["64:ff9b:1::/48"] },
];
const loopback = listOf(["127.0.0.0/8", "::1/128"]);
const refused = everRefused.map(({ what, networks }) => ({ what, list: listOf(networks) }));

/** Reads networks as `--probe-allow` takes them: CIDRs, or single addresses. */
export function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const { address, prefix } = parseNetwork(network);
    list.addSubnet(address, prefix, isIPv6(address) ? "ipv6" : "ipv4");
  }
  return list;
}

function parseNetwork(text: string): { readonly address: string; readonly prefix: number } {
  const [address = "", bits, ...more] = text.split("/");
  const most = isIPv6(address) ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  const isSound = isIP(address) !== 0 && !address.includes("%") && /^\d{1,3}$/.test(bits ?? "0") && prefix <= most;
  if (!isSound || more.length > 0) {
    throw new Error(`--probe-allow takes a network such as 10.0.0.0/8 or fd00::/8, and not ${JSON.stringify(text)}`);
  }
  return { address, prefix };
}

/** The rules of an engine: it may probe loopback where that is all it listens on, since its callers are there too. */
export function probeRules({ own, allow = [] }: ProbeRules): Refuse {
  const allowed = listOf(allow);
  const atHome = own.every(({ host }) => isLoopback(host));
  return (address, port) => {
    if (address.includes("%")) return "its address has a zone, and so is link-local";
    const forms = formsOf(address);
    if (forms.some((form) => has(allowed, form))) return undefined;
    for (const form of forms) {
      const what = refused.find(({ list }) => has(list, form))?.what;
      if (what !== undefined) return `its address is ${what}`;
      if (has(loopback, form) && !atHome) return "its address is loopback";
      if (own.some((listener) => listener.port === port && reaches(form, listener.host))) {
        return "it is this engine itself";
      }
    }
    return undefined;
  };
}

function has(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** Whether what listens on `host` is reached by an address: on all addresses of the machine, where it listens on all. */
function reaches(address: string, host: string): boolean {
  if (host === "0.0.0.0" || host === "::") return has(loopback, address) || isOfThisMachine(address);
  if (isIP(host) === 0) return has(loopback, address); // localhost, by name
  return sameAddress(address, host);
}

function isOfThisMachine(address: string): boolean {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  return interfaces.some((each) => sameAddress(each.address, address));
}

function sameAddress(a: string, b: string): boolean {
  return isIPv6(a) === isIPv6(b) && (isIPv6(a) ? bytesOf(a).equals(bytesOf(b)) : a === b);
}

/** IPv6 addresses that stand for an IPv4 address: by their first bytes, and where in them it is. */
const embeddings: readonly { readonly prefix: Buffer; readonly at: number }[] = [
  { prefix: Buffer.alloc(12), at: 12 }, // IPv4-compatible, RFC 4291 §2.5.5.1; `::` and `::1` are not
  { prefix: Buffer.from("00000000000000000000ffff", "hex"), at: 12 }, // IPv4-mapped, RFC 4291 §2.5.5.2
  { prefix: Buffer.from("0064ff9b0000000000000000", "hex"), at: 12 }, // NAT64, RFC 6052 §2.1
  { prefix: Buffer.from("2002", "hex"), at: 2 }, // 6to4, RFC 3056 §2
];

/** The address; and the IPv4 address that it stands for, where it is one of IPv6 that does. */
function formsOf(address: string): string[] {
  if (!isIPv6(address)) return [address];
  const bytes = bytesOf(address);
  const found = embeddings.find(({ prefix }) => bytes.subarray(0, prefix.length).equals(prefix));
  const isPlain = bytes.readBigUInt64BE(0) === 0n && bytes.readBigUInt64BE(8) <= 1n;
  if (found === undefined || isPlain) return [address];
  return [address, bytes.subarray(found.at, found.at + 4).join(".")];
}

function bytesOf(address: string): Buffer {
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const [left = [], right = []] = [head, tail ?? ""].map((text) => (text === "" ? [] : text.split(":")));
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}
