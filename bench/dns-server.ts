// An engine with DNS over so many services of eight addresses each, read from a store in memory.
import { startEngine } from "../engine/engine.ts";
import { healthKey, instanceKey, namespaceKey, serviceKey } from "../engine/records.ts";
import type { Entry, Store, Write } from "../engine/store/store.ts";
import { Memory, openMemory } from "../tests/store/memory.ts";

const services = Number(process.argv[2] ?? 10);
const threads = Number(process.argv[3] ?? 1);
const CreateDate = 1_700_000_000;
const Id = "ns-aaaaaaaaaaaaaaaa";

function entry(key: string, record: object): Write {
  return { key, value: JSON.stringify(record) };
}

function* entries(): Generator<Write[]> {
  yield [
    entry(namespaceKey(Id), {
      Id,
      Name: "demo.internal",
      Type: "DNS_PRIVATE",
      HttpName: "demo.internal",
      SoaTtl: 15,
      Vpc: "vpc-1",
      CreateDate,
      Tags: [],
    }),
  ];
  const DnsConfig = { RoutingPolicy: "MULTIVALUE", DnsRecords: [{ Type: "A", TTL: 60 }] };
  for (let number = 0; number < services; number += 1) {
    const service = `srv-${String(number).padStart(16, "a")}`;
    const record = {
      Id: service,
      Name: `s${number}`,
      NamespaceId: Id,
      Type: "DNS_HTTP",
      DnsConfig,
      HealthCheckCustomConfig: { FailureThreshold: 1 },
      CreateDate,
      Tags: [],
    };
    const instances = Array.from({ length: 8 }, (_, index) =>
      entry(instanceKey(service, `i-${index}`), {
        Attributes: { AWS_INSTANCE_IPV4: `10.${(number >> 8) & 255}.${number & 255}.${index}` },
        OperationId: "o",
      }),
    );
    yield [
      entry(serviceKey(service), record),
      ...instances,
      entry(healthKey(service, "i-0"), { Status: "HEALTHY", Since: 0 }),
    ];
  }
}

const memory = new Memory();
for (const writes of entries()) memory.write({ expectations: [], writes });
const kept = openMemory(memory);
async function* pages(): AsyncGenerator<Entry[]> {
  yield [...memory.entries.values()];
}
const store: Store = {
  ...kept,
  load: async () => ({ revision: memory.revision, pages: pages() }),
};
const engine = await startEngine({ listen: "127.0.0.1:0", store, dns: { listen: ["127.0.0.1:0"], threads } });
console.log(JSON.stringify({ url: engine.url, dns: engine.dns.addresses[0], pid: process.pid }));
process.on("SIGTERM", () => void engine.stop().then(() => process.exit(0)));
