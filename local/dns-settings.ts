/** What an operator says of the engine's DNS, by flags or by CLOUDMAP_… variables: read and checked. */
import { isIP, isIPv4 } from "node:net";
import type { EngineOptions } from "../engine/engine.ts";

export type DnsSettings = NonNullable<EngineOptions["dns"]>;

/** Each may be given several times, or once with commas. */
export interface DnsTexts {
  readonly dns?: readonly string[] | undefined;
  readonly dnsThreads?: string | undefined;
  readonly dnsRate?: string | undefined;
  readonly vpc?: readonly string[] | undefined;
  readonly aliasResolver?: readonly string[] | undefined;
  readonly nameServer?: readonly string[] | undefined;
  readonly queryLog?: string | undefined;
  readonly queryLogShare?: string | undefined;
}

/** The variables that say the same as a flag. */
export const dnsVariables = {
  dns: "CLOUDMAP_DNS",
  dnsThreads: "CLOUDMAP_DNS_THREADS",
  dnsRate: "CLOUDMAP_DNS_RATE",
  vpc: "CLOUDMAP_VPC",
  aliasResolver: "CLOUDMAP_ALIAS_RESOLVER",
  nameServer: "CLOUDMAP_NAME_SERVER",
  queryLog: "CLOUDMAP_QUERY_LOG",
  queryLogShare: "CLOUDMAP_QUERY_LOG_SHARE",
} as const;

/** Where DNS listens unless somebody says otherwise; another port of this address, where that one is taken. */
export const defaultDns = "127.0.0.1:7753";

export function dnsTextsFrom(env: Readonly<Record<string, string | undefined>>): DnsTexts {
  return {
    dns: listOf(env[dnsVariables.dns]),
    dnsThreads: env[dnsVariables.dnsThreads],
    dnsRate: env[dnsVariables.dnsRate],
    vpc: listOf(env[dnsVariables.vpc]),
    aliasResolver: listOf(env[dnsVariables.aliasResolver]),
    nameServer: listOf(env[dnsVariables.nameServer]),
    queryLog: env[dnsVariables.queryLog],
    queryLogShare: env[dnsVariables.queryLogShare],
  };
}

/** The values of a list in one text, after those that were there before. */
export function listOf(text: string | undefined, before: readonly string[] = []): readonly string[] | undefined {
  return text ? [...before, ...text.split(",").map((each) => each.trim())] : undefined;
}

/** Reads the texts; undefined where there is to be no DNS. `otherwise` is where it listens if nothing is said. */
export function readDns(texts: DnsTexts, otherwise: string = defaultDns): DnsSettings | undefined {
  const { dns, dnsThreads, dnsRate, vpc = [], aliasResolver = [], nameServer = [], queryLog, queryLogShare } = texts;
  if (dns?.join() === "none") return undefined;
  return {
    listen: dns ?? [otherwise],
    elsewhere: dns === undefined,
    vpcs: vpc.map(readVpc),
    nameServers: nameServer.map(readNameServer),
    aliases: readAliases(aliasResolver),
    ...(dnsThreads && { threads: numberIn("--dns-threads", dnsThreads, 1, 64) }),
    ...(dnsRate && { rate: numberIn("--dns-rate", dnsRate, 0, 1_000_000) }),
    ...(queryLog && { queryLog: { file: queryLog, share: readShare(queryLogShare) } }),
  };
}

function readVpc(text: string): NonNullable<DnsSettings["vpcs"]>[number] {
  const [, vpc, network, size] = /^(vpc-[0-9a-zA-Z-]+|[^=]+)=([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const prefix = Number(size);
  if (vpc === undefined || network === undefined || isIP(network) === 0 || prefix > (isIPv4(network) ? 32 : 128)) {
    throw new Error(`--vpc takes ID=CIDR, such as vpc-1a2b3c4d=10.0.0.0/8, and not ${JSON.stringify(text)}`);
  }
  return { vpc, network, prefix };
}

const isName = (text: string) => text.length <= 253 && /^([a-zA-Z0-9_-]{1,63}\.)*[a-zA-Z0-9_-]{1,63}\.?$/.test(text);

/** The addresses of a name that comes more than once belong together. */
function readNameServer(text: string): NonNullable<DnsSettings["nameServers"]>[number] {
  const [name = "", ...rest] = text.split("=");
  const addresses = rest.join("=").split("+").filter(Boolean);
  if (!isName(name) || isIP(name) !== 0 || addresses.some((each) => isIP(each) === 0)) {
    throw new Error(
      `--name-server takes NAME or NAME=ADDRESS, such as ns1.example.com=192.0.2.53, and not ${JSON.stringify(text)}`,
    );
  }
  return { name, addresses };
}

/** What has a `=` is an entry of the table, what has none a resolver. */
function readAliases(texts: readonly string[]): NonNullable<DnsSettings["aliases"]> {
  const servers: string[] = [];
  const table: { name: string; addresses: readonly string[] }[] = [];
  for (const text of texts) {
    const [name = "", addresses] = text.split("=");
    const listed = addresses?.split("+") ?? [];
    const isEntry = addresses !== undefined && isName(name) && listed.every((each) => isIP(each) !== 0);
    const isResolver =
      addresses === undefined && isIP(name.replace(/^\[(.*)\](:\d+)?$|^(\d[\d.]+):\d+$/, "$1$3")) !== 0;
    if (!isEntry && !isResolver) {
      throw new Error(
        `--alias-resolver takes a resolver's ADDRESS or ADDRESS:PORT, or NAME=ADDRESS, and not ${JSON.stringify(text)}`,
      );
    }
    if (isEntry) table.push({ name, addresses: listed });
    else servers.push(name);
  }
  return { servers, table };
}

function readShare(text: string | undefined): number {
  const share = text ? Number(text) : 1;
  if (share > 0 && share <= 1) return share;
  throw new Error(
    `--query-log-share takes a number above 0 and up to 1, such as 0.01, and not ${JSON.stringify(text)}`,
  );
}

function numberIn(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`${flag} takes a number from ${least} to ${most}, and not ${JSON.stringify(text)}`);
}
