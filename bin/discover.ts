/** `cloudmap discover`: the instances of a service, as DiscoverInstances answers them. */
import type { HttpInstanceSummary } from "../api/discovery.ts";
import type { Attributes } from "../api/instance.ts";
import type { Input } from "../api/operations.ts";
import { connect } from "./connect.ts";
import { table } from "./text.ts";

type Health = NonNullable<Input<"DiscoverInstances">["HealthStatus"]>;

/** More attributes than this do not fit beside each other. */
const maxColumns = 6;

interface DiscoverOptions {
  readonly health: Health;
  readonly json?: boolean;
}

export async function discover(namespace: string, service: string, { health, json }: DiscoverOptions): Promise<void> {
  const { call } = await connect();
  const found = await call("DiscoverInstances", {
    NamespaceName: namespace,
    ServiceName: service,
    HealthStatus: health,
    MaxResults: 1000,
  });
  if (json) return console.log(JSON.stringify(found));
  const { Instances = [] } = found;
  const which = health === "ALL" ? "" : ` that is ${health}`;
  console.log(
    Instances.length === 0 ? `${service} in ${namespace} has no instance${which}.` : instanceTable(Instances),
  );
}

/** An instance a row; its own attributes in columns, if these are few enough to be read. */
export function instanceTable(instances: readonly HttpInstanceSummary[]): string {
  const sorted = instances.toSorted((a, b) => (a.InstanceId ?? "").localeCompare(b.InstanceId ?? ""));
  const own = [...new Set(sorted.flatMap(({ Attributes = {} }) => Object.keys(Attributes).filter(isOwn)))].sort();
  const columns = own.length <= maxColumns ? own : undefined;
  const rows = sorted.map(({ InstanceId = "", HealthStatus = "", Attributes = {} }) => {
    const values = columns?.map((key) => readAttribute(Attributes, key) ?? "-") ?? [pairsOf(Attributes)];
    return [InstanceId, addressOf(Attributes), Attributes.AWS_INSTANCE_PORT ?? "-", HealthStatus, ...values];
  });
  return table([["INSTANCE", "ADDRESS", "PORT", "HEALTH", ...(columns ?? ["ATTRIBUTES"])], ...rows]);
}

/** Attributes may have the names of what every object has: constructor, __proto__. */
function readAttribute(attributes: Attributes, key: string): string | undefined {
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined;
}

function pairsOf(attributes: Attributes): string {
  const own = Object.entries(attributes).filter(([key]) => isOwn(key));
  return own
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(" ");
}

function isOwn(key: string): boolean {
  return !key.startsWith("AWS_");
}

function addressOf(attributes: Attributes): string {
  const { AWS_INSTANCE_IPV4, AWS_INSTANCE_IPV6, AWS_INSTANCE_CNAME, AWS_ALIAS_DNS_NAME } = attributes;
  return AWS_INSTANCE_IPV4 ?? AWS_INSTANCE_IPV6 ?? AWS_INSTANCE_CNAME ?? AWS_ALIAS_DNS_NAME ?? "-";
}
