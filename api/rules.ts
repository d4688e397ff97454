/** The rules that span several members of an input, shared by the provider's check and the engine. */
import { isIPv4, isIPv6 } from "node:net";
import {
  type Attributes,
  maxAttributesSize,
  maxCustomAttributes,
  requiredAttributes,
  type ServiceShape,
} from "./instance.ts";
import type { NamespaceType } from "./namespace.ts";
import type { Input } from "./operations.ts";
import type { DnsConfig } from "./service.ts";
import { maxTags, type Tag } from "./tags.ts";
import type { Problem } from "./validate.ts";

/** What is wrong with the attributes of a registration; `shape` is left out where the service is not known yet. */
export function attributeProblems(attributes: Attributes, shape?: ServiceShape): Problem[] {
  return [
    ...sizeProblems(attributes),
    ...formProblems(attributes),
    ...exclusionProblems(attributes, shape),
    ...(shape === undefined ? [] : requirementProblems(attributes, shape)),
  ];
}

function sizeProblems(attributes: Attributes): Problem[] {
  const entries = Object.entries(attributes);
  const custom = entries.filter(([key]) => !key.startsWith("AWS_")).length;
  const size = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const found: Problem[] = [];
  if (custom > maxCustomAttributes) {
    found.push(at([], `must have at most ${maxCustomAttributes} custom attributes, and has ${custom}`));
  }
  if (size > maxAttributesSize) {
    found.push(at([], `must have at most ${maxAttributesSize} characters in all keys and values, and has ${size}`));
  }
  return found;
}

const forms: { readonly [key: string]: { readonly valid: (value: string) => boolean; readonly reason: string } } = {
  AWS_INSTANCE_IPV4: { valid: isIPv4, reason: "must be an IPv4 address such as 192.0.2.44" },
  AWS_INSTANCE_IPV6: {
    valid: (value) => isIPv6(value) && !value.includes("%"),
    reason: "must be an IPv6 address such as 2001:db8::1",
  },
  AWS_INSTANCE_PORT: { valid: isPort, reason: "must be a port number, 0 to 65535" },
  AWS_INSTANCE_CNAME: { valid: isDomainName, reason: "must be a domain name such as example.com" },
  AWS_ALIAS_DNS_NAME: { valid: isDomainName, reason: "must be the domain name of a load balancer" },
  AWS_INIT_HEALTH_STATUS: {
    valid: (value) => value === "HEALTHY" || value === "UNHEALTHY",
    reason: "must be HEALTHY or UNHEALTHY",
  },
};

function formProblems(attributes: Attributes): Problem[] {
  return Object.entries(attributes).flatMap(([key, value]) => {
    const form = Object.hasOwn(forms, key) ? forms[key] : undefined;
    return form === undefined || form.valid(value)
      ? []
      : [at([key], `${form.reason}, and is ${JSON.stringify(value)}`)];
  });
}

function exclusionProblems(attributes: Attributes, shape: ServiceShape | undefined): Problem[] {
  if (Object.hasOwn(attributes, "AWS_ALIAS_DNS_NAME")) return aliasProblems(attributes, shape);
  if (Object.hasOwn(attributes, "AWS_EC2_INSTANCE_ID")) return ec2Problems(attributes, shape);
  return [];
}

/** "If you specify a value for AWS_ALIAS_DNS_NAME, don't specify values for any of the AWS_INSTANCE attributes." */
function aliasProblems(attributes: Attributes, shape: ServiceShape | undefined): Problem[] {
  const found = Object.keys(attributes)
    .filter((key) => key.startsWith("AWS_INSTANCE_") || key === "AWS_EC2_INSTANCE_ID")
    .map((key) => at([key], "cannot be given together with AWS_ALIAS_DNS_NAME"));
  if (shape !== undefined && !(aliasRecords(shape) && shape.routingPolicy === "WEIGHTED")) {
    found.push(at(["AWS_ALIAS_DNS_NAME"], "needs a service with A or AAAA records and the WEIGHTED routing policy"));
  }
  return found;
}

function aliasRecords({ records }: ServiceShape): boolean {
  return records.length > 0 && records.every((type) => type === "A" || type === "AAAA");
}

/** "HTTP namespaces only … the only other attribute that can be specified is AWS_INIT_HEALTH_STATUS." */
function ec2Problems(attributes: Attributes, shape: ServiceShape | undefined): Problem[] {
  const found = Object.keys(attributes)
    .filter((key) => key !== "AWS_EC2_INSTANCE_ID" && key !== "AWS_INIT_HEALTH_STATUS")
    .map((key) => at([key], "cannot be given together with AWS_EC2_INSTANCE_ID"));
  if (shape !== undefined && shape.namespaceType !== "HTTP") {
    found.push(at(["AWS_EC2_INSTANCE_ID"], "can only be given in a service of an HTTP namespace"));
  }
  return found;
}

function requirementProblems(attributes: Attributes, shape: ServiceShape): Problem[] {
  if (Object.hasOwn(attributes, "AWS_ALIAS_DNS_NAME") || Object.hasOwn(attributes, "AWS_EC2_INSTANCE_ID")) return [];
  return requiredAttributes
    .filter((rule) => rule.if(shape) && !rule.attributes.some((key) => Object.hasOwn(attributes, key)))
    .map(({ attributes: [first, other], when }) =>
      at([first], `is required${other === undefined ? "" : `, or ${other} instead`}: the service ${when}`),
    );
}

/** What is wrong with a service to be made; the namespace's type is left out where it is not known yet. */
export function serviceProblems(input: Partial<Input<"CreateService">>, namespaceType?: NamespaceType): Problem[] {
  return [
    ...healthCheckProblems(input, namespaceType),
    ...(input.DnsConfig === undefined ? [] : dnsProblems(input.DnsConfig, input)),
    ...(namespaceType === undefined ? [] : placeProblems(input, namespaceType)),
  ];
}

type ServiceInput = Partial<Input<"CreateService">>;

function healthCheckProblems(input: ServiceInput, namespaceType: NamespaceType | undefined): Problem[] {
  const { HealthCheckConfig, HealthCheckCustomConfig } = input;
  const found: Problem[] = [];
  if (HealthCheckConfig !== undefined && HealthCheckCustomConfig !== undefined) {
    found.push(
      at(["HealthCheckCustomConfig"], "cannot be given together with HealthCheckConfig", "keep one of the two"),
    );
  }
  if (HealthCheckConfig?.Type === "TCP" && HealthCheckConfig.ResourcePath !== undefined) {
    found.push(at(["HealthCheckConfig", "ResourcePath"], "cannot be given when Type is TCP", "leave it out"));
  }
  if (HealthCheckConfig !== undefined && namespaceType === "DNS_PRIVATE") {
    const remedy = "use HealthCheckCustomConfig and report the health yourself";
    found.push(at(["HealthCheckConfig"], "cannot probe instances in a private DNS namespace", remedy));
  }
  return found;
}

/** "You can create A, AAAA, A and AAAA, SRV, or CNAME": whichever is given, sorted and joined. */
const recordSets: ReadonlySet<string> = new Set(["A", "AAAA", "A AAAA", "SRV", "CNAME"]);

function dnsProblems({ DnsRecords, RoutingPolicy }: DnsConfig, { HealthCheckConfig, Type }: ServiceInput): Problem[] {
  const found: Problem[] = [];
  const types = DnsRecords.map((record) => record.Type).sort();
  if (!recordSets.has(types.join(" "))) {
    const given = types.length === 0 ? "has none" : `has ${types.join(" and ")}`;
    found.push(at(["DnsConfig", "DnsRecords"], `must be A, AAAA, A and AAAA, SRV, or CNAME, and ${given}`));
  }
  if (types.includes("CNAME") && RoutingPolicy !== "WEIGHTED") {
    found.push(at(["DnsConfig", "RoutingPolicy"], "must be WEIGHTED for CNAME records"));
  }
  if (types.includes("CNAME") && HealthCheckConfig !== undefined) {
    found.push(at(["HealthCheckConfig"], "cannot be given for CNAME records", "leave it out"));
  }
  if (Type === "HTTP") {
    found.push(at(["DnsConfig"], "cannot be given when Type is HTTP", "leave out one of the two"));
  }
  return found;
}

/** What the service's namespace does not allow. */
function placeProblems({ DnsConfig, Type, Name }: ServiceInput, namespaceType: NamespaceType): Problem[] {
  if (namespaceType === "HTTP") {
    const reason = "cannot be given: when you specify an HTTP service, you can't include a DnsConfig element";
    const remedy = "leave it out, or create the service in a DNS namespace";
    return DnsConfig === undefined ? [] : [at(["DnsConfig"], reason, remedy)];
  }
  if (DnsConfig === undefined && Type !== "HTTP") {
    const remedy = "give it, or Type HTTP for a service that is discovered by API calls only";
    return [at(["DnsConfig"], `is required for the service ${Name ?? ""} in a DNS namespace`, remedy)];
  }
  return [];
}

/** A private DNS name has no pattern of its own: what DNS cannot carry is refused here (RFC 1035 §2.3.4). */
export function namespaceNameProblems(name: string): Problem[] {
  return isDomainName(name) ? [] : [at(["Name"], "must be a DNS name: labels of 1 to 63 characters, joined by dots")];
}

/** What is wrong with tags, but for their number, which counts with those that the resource has. */
export function tagProblems(tags: readonly Tag[]): Problem[] {
  const seen = new Set<string>();
  return tags.flatMap(({ Key }, index) => {
    const repeated = seen.has(Key);
    seen.add(Key);
    if (Key.toLowerCase().startsWith("aws:")) {
      return [
        at([String(index), "Key"], `${JSON.stringify(Key)} begins with aws:, which is reserved for AWS's own tags`),
      ];
    }
    return repeated ? [at([String(index), "Key"], `${JSON.stringify(Key)} is given twice`)] : [];
  });
}

/** "You can add up to 50 tags": whether this many are too many. */
export function tooManyTags(count: number): boolean {
  return count > maxTags;
}

function at(path: readonly string[], reason: string, remedy?: string): Problem {
  return { path, reason, ...(remedy !== undefined && { remedy }) };
}

function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65535;
}

/** RFC 1035 §2.3.4: labels of 1 to 63 octets, 253 characters in all; a final dot is allowed. */
function isDomainName(value: string): boolean {
  const name = value.endsWith(".") ? value.slice(0, -1) : value;
  return name.length <= 253 && name.split(".").every((label) => /^[!-~]{1,63}$/.test(label));
}
