// What probes find is told alike by the API, by DNS in its own thread or the engine's, and to those who watch.
import { expect } from "chai";
import { ask } from "../dns/ask.ts";
import { call, makeService, namespaceOf, register } from "../engine/running.ts";
import { until } from "../local/until.ts";
import { Probed } from "./probed.ts";
import { serveHttp } from "./targets.ts";
import { watch } from "./watching.ts";

const addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];

for (const threads of [0, 1]) {
  describe(`the health of an instance, with ${threads === 0 ? "DNS in the engine's thread" : "a thread for DNS"}`, () => {
    it("is the same in DiscoverInstances, in GetInstancesHealthStatus, in DNS, and when a watch is answered", async () => {
      await using probed = await Probed.start({ dns: { listen: ["127.0.0.1:0"], threads } });
      const { engine } = probed;
      const down = new Set<string>();
      await using a = await target(down, addresses[0]);
      await using b = await target(down, addresses[1]);
      await using c = await target(down, addresses[2]);
      const made = await call(engine, "CreatePublicDnsNamespace", { Name: "example.com" });
      const ServiceId = await makeService(engine, await namespaceOf(engine, made), "api", {
        DnsConfig: { RoutingPolicy: "MULTIVALUE", DnsRecords: [{ Type: "A", TTL: 0 }] },
        HealthCheckConfig: { Type: "HTTP" },
      });
      for (const [index, { port }] of [a, b, c].entries()) {
        const AWS_INSTANCE_IPV4 = addresses[index] ?? "";
        await register(engine, ServiceId, AWS_INSTANCE_IPV4, { AWS_INSTANCE_IPV4, AWS_INSTANCE_PORT: String(port) });
      }
      const names = { NamespaceName: "example.com", ServiceName: "api" };
      const discovered = async () => {
        const { Instances = [] } = await call(engine, "DiscoverInstances", names);
        return Instances.map(({ InstanceId }) => InstanceId).sort();
      };
      const reported = async () => {
        const { Status = {} } = await call(engine, "GetInstancesHealthStatus", { ServiceId });
        return Object.keys(Status).filter((id) => Status[id] === "HEALTHY");
      };
      const resolved = async () => {
        const { answers = [] } = await ask(engine.engine.dns.addresses[0] ?? "", "api.example.com", "A");
        return answers.map((answer) => ("data" in answer ? String(answer.data) : "")).sort();
      };
      const agree = async (healthy: readonly string[], inDns = healthy) => {
        expect([(await discovered()).sort(), (await reported()).sort()]).to.deep.equal([healthy, healthy]);
        const last: string[][] = [];
        await until(`DNS answers ${inDns.join()}`, async () => {
          last[0] = await resolved();
          return String(last[0]) === String(inDns);
        }).catch((error) => expect(last[0], error).to.deep.equal(inDns));
      };
      await agree(addresses);
      for (const [which, healthy, inDns] of [
        [["127.0.0.2"], ["127.0.0.1", "127.0.0.3"], ["127.0.0.1", "127.0.0.3"]],
        [["127.0.0.1", "127.0.0.3"], ["127.0.0.2"], ["127.0.0.2"]],
        [addresses, [], addresses], // "none healthy: as if all were"
        [[], addresses, addresses],
      ] as const) {
        const watched = { namespace: "example.com", service: "api" };
        const { Counter: after } = await watch(engine, watched);
        down.clear();
        for (const address of which) down.add(address);
        await probed.probes(12); // three instances, each of which has its turn within these
        await agree(healthy, inDns);
        expect((await watch(engine, { ...watched, after, wait: "0" })).Changed).to.equal(true);
      }
    });
  });
}

function target(down: ReadonlySet<string>, address = "") {
  return serveHttp((_request, response) => response.writeHead(down.has(address) ? 503 : 200).end(), address);
}
