// What Route 53 tells of the zone of a DNS namespace, and Cloud Map does not: its name servers, its VPCs.
import type { Client } from "./client.ts";
import { CallError } from "./failure.ts";
import type { Answer } from "./transport.ts";

export interface HostedZone {
  /** Of a public zone. */
  readonly nameServers: readonly string[];
  /** Of a private zone. */
  readonly vpcs: readonly string[];
}

/** What is only worth knowing must not hold anybody up: behind a firewall, Route 53 does not answer. */
const patience = 10_000;

/** undefined where the caller may not ask, the endpoint knows no Route 53, or there is no such zone. */
export async function findHostedZone({ send, settings }: Client, id: string): Promise<HostedZone | undefined> {
  const base = settings.route53Endpoint ?? settings.endpoint;
  try {
    return await send({
      action: "GetHostedZone",
      endpoint: new URL(`2013-04-01/hostedzone/${encodeURIComponent(id)}`, base).href,
      method: "GET",
      service: "route53",
      headers: {},
      body: "",
      read: readZone,
      signal: AbortSignal.timeout(patience),
    });
  } catch {
    return undefined;
  }
}

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html */
function readZone({ status, body, retryAfter }: Answer): HostedZone | undefined {
  if (/<Code>\s*Throttling\s*</.test(body)) {
    throw new CallError("Throttling", "GetHostedZone was throttled", { status, retry: "throttled", retryAfter });
  }
  if (status !== 200 || !body.includes("<GetHostedZoneResponse")) return undefined;
  return { nameServers: texts(body, "NameServer"), vpcs: texts(body, "VPCId") };
}

function texts(xml: string, element: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${element}>\\s*([\\w.-]{1,255})\\s*</${element}>`, "g"))].map(
    ([, text = ""]) => text,
  );
}
