// Registries of any content that the API allows: odd names, texts that look like code, keys that every object has.
import fc from "fast-check";
import { call, makeService, type Running, register } from "../engine/running.ts";

export interface RandomService {
  readonly name: string;
  readonly dns: readonly { readonly Type: "A" | "AAAA"; readonly TTL: number }[];
  readonly weighted: boolean;
  readonly check: "none" | "custom" | "probe";
  readonly text: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>>;
  readonly instances: readonly { readonly id: string; readonly attributes: Readonly<Record<string, string>> }[];
}

export interface RandomNamespace {
  readonly name: string;
  readonly form: "Http" | "PrivateDns" | "PublicDns";
  readonly ttl: number;
  readonly text: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly services: readonly RandomService[];
}

const odd = fc.constantFrom("`", "$", "{x}", '"', "\\", "'", "*/", "//", "\u202e", "\u2028", "ü", "\n", "a", " b");
const text = fc.oneof(
  fc.constant(""),
  fc.array(odd, { maxLength: 5 }).map((parts) => parts.join("")),
);
const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,6}[a-z0-9])?$/);
/** Few, so that an HTTP and a DNS namespace have one name now and then, and their services too. */
const domain = fc.constantFrom("a.example.com", "b.example.com", "1.example.com");
const printable = fc.stringMatching(/^[!-~]{1,12}$/).filter((name) => !/^arn:/i.test(name));
const tagKey = fc.oneof(fc.constantFrom("__proto__x", "constructor", "a b", "team", "de-fault"), label);
const tags = fc.dictionary(tagKey, fc.stringMatching(/^[a-z =:/.@+-]{0,8}$/), { maxKeys: 3 });
const key = fc.oneof(fc.constantFrom("__proto__", "constructor", "zone", "a!b", "1"), label);
const value = fc.stringMatching(/^[!-~]([ -~]{0,8}[!-~])?$/);
const instance = fc.record({
  id: fc.stringMatching(/^[0-9a-zA-Z_/:.@-]{1,12}$/),
  attributes: fc.array(fc.tuple(key, value), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)),
});
const records = fc.uniqueArray(
  fc.record({ Type: fc.constantFrom("A" as const, "AAAA" as const), TTL: fc.integer({ min: 0, max: 2147483647 }) }),
  { selector: ({ Type }) => Type, maxLength: 2 },
);
const service = fc.record({
  name: fc.oneof(label, fc.constantFrom("web", "class")),
  dns: records,
  weighted: fc.boolean(),
  check: fc.constantFrom("none" as const, "custom" as const, "probe" as const),
  text,
  tags,
  attributes: fc.dictionary(fc.constantFrom("zone", "constructor", "a!b"), value, { maxKeys: 2 }),
  instances: fc.uniqueArray(instance, { selector: ({ id }) => id, maxLength: 2 }),
});
const services = fc.uniqueArray(service, { selector: ({ name }) => name, maxLength: 3 });
const form = fc.constantFrom("Http" as const, "PrivateDns" as const, "PublicDns" as const);

export const namespaces: fc.Arbitrary<readonly RandomNamespace[]> = fc.uniqueArray(
  form.chain((of) =>
    fc.record({
      form: fc.constant(of),
      name: of === "Http" ? fc.oneof(printable, domain) : domain,
      ttl: fc.constantFrom(15, 60, 77),
      text,
      tags,
      services,
    }),
  ),
  { selector: ({ form: of, name }) => `${of} ${name}`.toLowerCase(), minLength: 1, maxLength: 4 },
);

/** Makes it all; answers the number of resources. */
export async function populate(running: Running, wanted: readonly RandomNamespace[]): Promise<number> {
  let count = 0;
  for (const namespace of wanted) {
    const id = await makeNamespace(running, namespace);
    count++;
    for (const each of namespace.services) {
      const ServiceId = await makeService(running, id, each.name, serviceInput(each, namespace.form));
      count++;
      const { attributes: Attributes } = each;
      if (Object.keys(Attributes).length > 0) await call(running, "UpdateServiceAttributes", { ServiceId, Attributes });
      for (const { id: InstanceId, attributes } of each.instances) {
        await register(running, ServiceId, InstanceId, { ...addressesOf(each, namespace.form), ...attributes });
        count++;
      }
    }
  }
  return count;
}

const addresses = { A: { AWS_INSTANCE_IPV4: "10.0.0.1" }, AAAA: { AWS_INSTANCE_IPV6: "2001:db8::1" } };

/** What records and probes ask for: of an address that no record uses there would be a warning. */
function addressesOf({ dns }: RandomService, of: RandomNamespace["form"]) {
  const types = of === "Http" || dns.length === 0 ? (["A", "AAAA"] as const) : dns.map(({ Type }) => Type);
  return Object.assign({ AWS_INSTANCE_PORT: "80" }, ...types.map((type) => addresses[type]));
}

async function makeNamespace(running: Running, { form: of, name, ttl, text: Description, tags: own }: RandomNamespace) {
  const Properties = { DnsProperties: { SOA: { TTL: ttl } } };
  const Tags = tagList(own);
  const { OperationId = "" } = await (of === "Http"
    ? call(running, "CreateHttpNamespace", { Name: name, Description, Tags })
    : of === "PrivateDns"
      ? call(running, "CreatePrivateDnsNamespace", { Name: name, Description, Tags, Properties, Vpc: "vpc-1" })
      : call(running, "CreatePublicDnsNamespace", { Name: name, Description, Tags, Properties }));
  const { Operation } = await call(running, "GetOperation", { OperationId });
  return Operation?.Targets?.NAMESPACE ?? "";
}

function serviceInput(
  { dns, weighted, check, text: Description, tags: own }: RandomService,
  of: RandomNamespace["form"],
) {
  const hasRecords = of !== "Http" && dns.length > 0;
  const RoutingPolicy = weighted ? ("WEIGHTED" as const) : ("MULTIVALUE" as const);
  const canProbe = of === "PublicDns" && hasRecords;
  return {
    Description,
    Tags: tagList(own),
    ...(hasRecords && { DnsConfig: { RoutingPolicy, DnsRecords: [...dns] } }),
    ...(of !== "Http" && !hasRecords && { Type: "HTTP" as const }),
    ...(check === "custom" && { HealthCheckCustomConfig: {} }),
    ...(check === "probe" && canProbe && { HealthCheckConfig: { Type: "TCP" as const, FailureThreshold: 2 } }),
  };
}

function tagList(own: Readonly<Record<string, string>>) {
  return Object.entries(own).map(([Key, Value]) => ({ Key, Value }));
}
