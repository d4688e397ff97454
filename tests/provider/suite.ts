// What the kinds promise of any registry that answers the API: the same scenarios for the engine and for moto.
import { expect } from "chai";
import type { Props } from "../../provider/casing.ts";
import { functions } from "../../provider/functions.ts";
import { instance } from "../../provider/instance.ts";
import { httpNamespace, privateDnsNamespace, publicDnsNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { address, home, inDns, inHttp, lives, records, register, type Scenario, zone } from "./scenario.ts";
import { failureOf } from "./workbench.ts";

const namespaces: readonly Scenario[] = [
  {
    title: "an HTTP namespace is made and removed",
    run: (bench, name) => lives(bench, httpNamespace, { name, description: "one", tags: { a: "1" } }),
  },
  {
    title: "a private DNS namespace is made and removed",
    run: (bench, name) => lives(bench, privateDnsNamespace, { name, vpc: `vpc-${name}`, properties: zone(30) }),
  },
  {
    title: "a public DNS namespace is made and removed",
    run: (bench, name) =>
      lives(bench, publicDnsNamespace, { name: `${name}.example.com`, properties: zone(30), tags: { a: "1" } }),
  },
  {
    title: "the description of an HTTP namespace is set, changed and cleared",
    run: (bench, name) =>
      lives(bench, httpNamespace, { name }, { name, description: "one" }, { name, description: "two" }, { name }),
    moto: "it answers UpdateHttpNamespace with `operationId`, which is no member of the output",
  },
  {
    title: "description and SOA TTL of a DNS namespace are changed",
    run: (bench, name) => {
      const args = { name, vpc: `vpc-${name}` };
      const both = { ...args, description: "one", properties: zone(5) };
      return lives(bench, privateDnsNamespace, { ...args, properties: zone(30) }, both, {
        ...args,
        properties: zone(7),
      });
    },
    moto: "UpdatePrivateDnsNamespace takes the id of the hosted zone away",
  },
  {
    title: "tags are added, changed and removed",
    run: (bench, name) =>
      lives(bench, httpNamespace, { name }, { name, tags: { a: "1", b: "1" } }, { name, tags: { a: "2" } }, { name }),
  },
  {
    title: "a namespace is read by its id and by its ARN alone",
    run: async (bench, name) => {
      const made = await inHttp(bench, name, { description: "one" });
      for (const id of [made.id, String(made.props.arn)]) {
        expect(await bench.look(httpNamespace, { id, props: {} }), id).to.deep.equal(made);
      }
    },
    moto: "it knows namespaces by their ids only",
  },
  {
    title: "a namespace that an earlier run made and did not record is taken over",
    run: async (bench, name) => {
      const lost = await inHttp(bench, name, { tags: { a: "1" } });
      const found = await inHttp(bench, name, { tags: { b: "2" } });
      expect(found.id).to.equal(lost.id);
      expect(await bench.look(httpNamespace, found)).to.deep.equal(found);
    },
    moto: "it makes a second namespace of the same name",
  },
  {
    title: "somebody else's namespace is not taken over",
    run: async (bench, name) => {
      await bench.make(httpNamespace, { name }, { owner: "somebody" });
      expect((await failureOf(inHttp(bench, name))).message).to.include(
        `an HTTP namespace named ${name} exists already`,
      );
    },
    moto: "it makes a second namespace of the same name",
  },
];

const services: readonly Scenario[] = [
  {
    title: "a service with a custom check is made, tagged and removed",
    run: async (bench, name) => {
      const args = { name, namespaceId: (await inHttp(bench, name)).id, healthCheckCustomConfig: {} };
      await lives(bench, service, { ...args, tags: { a: "1" } }, { ...args, tags: { b: "2" } });
    },
  },
  {
    title: "TTLs and description of a DNS service are changed",
    run: async (bench, name) => {
      const args = { name, namespaceId: (await inDns(bench, name)).id };
      const both = { ...args, dnsConfig: records(20), description: "one" };
      await lives(bench, service, { ...args, dnsConfig: records(10) }, both, { ...both, dnsConfig: records(30) });
    },
  },
  {
    title: "the description of a DNS service is cleared",
    run: async (bench, name) => {
      const args = { name, namespaceId: (await inDns(bench, name)).id, dnsConfig: records(10) };
      await lives(bench, service, { ...args, description: "one" }, args);
    },
  },
  {
    title: "a probe is set, changed and removed",
    run: async (bench, name) => {
      const { id: namespaceId } = await bench.make(publicDnsNamespace, { name: `${name}.example.com` });
      const args = { name, namespaceId, dnsConfig: records(10) };
      const probed = { ...args, healthCheckConfig: { type: "HTTP", resourcePath: "/a", failureThreshold: 2 } };
      const later = { ...args, healthCheckConfig: { type: "HTTP", resourcePath: "/b", failureThreshold: 3 } };
      await lives(bench, service, args, probed, later, args);
    },
    moto: "an UpdateService that leaves the HealthCheckConfig out keeps it",
  },
  {
    title: "a service that an earlier run made and did not record is taken over",
    run: async (bench, name) => {
      const lost = await home(bench, name);
      const found = await bench.make(service, { name, namespaceId: lost.props.namespaceId, tags: { a: "1" } });
      expect(found.id).to.equal(lost.id);
      expect(await bench.look(service, found)).to.deep.equal(found);
    },
    moto: "it makes a second service of the same name",
  },
  {
    title: "somebody else's service is not taken over",
    run: async (bench, name) => {
      const { id: namespaceId } = await inHttp(bench, name);
      await bench.make(service, { name, namespaceId }, { owner: "somebody" });
      const error = await failureOf(bench.make(service, { name, namespaceId }));
      expect(error.message).to.include(`a service named ${name} exists already`);
    },
    moto: "it makes a second service of the same name",
  },
  {
    title: "a service is gone with its namespace",
    run: async (bench, name) => {
      const made = await home(bench, name);
      await bench.remove(service, made);
      await bench.remove(httpNamespace, { id: String(made.props.namespaceId), props: {} });
      expect(await bench.look(service, made)).to.equal(undefined);
      await bench.remove(service, made);
    },
  },
];

const instances: readonly Scenario[] = [
  {
    title: "an instance is made and removed",
    run: async (bench, name) =>
      lives(bench, instance, { serviceId: (await home(bench, name)).id, instanceId: "web", attributes: address }),
  },
  {
    title: "attributes are added and changed",
    run: async (bench, name) => {
      const args = { serviceId: (await home(bench, name)).id, instanceId: "web" };
      const attributes = { ...address, zone: "a" };
      await lives(bench, instance, { ...args, attributes: address }, { ...args, attributes });
    },
    moto: "RegisterInstance of what is registered changes nothing",
  },
  {
    title: "attributes are removed",
    run: async (bench, name) => {
      const args = { serviceId: (await home(bench, name)).id, instanceId: "web" };
      await lives(
        bench,
        instance,
        { ...args, attributes: { ...address, zone: "a" } },
        { ...args, attributes: address },
      );
    },
    moto: "RegisterInstance of what is registered changes nothing",
  },
  {
    title: "an instance that an earlier run registered and did not record is taken over",
    run: async (bench, name) => {
      const news = { serviceId: (await home(bench, name)).id, instanceId: "web", attributes: address };
      const lost = await bench.make(instance, news);
      bench.said.splice(0);
      expect(await bench.make(instance, news)).to.deep.equal(lost);
      expect(bench.said.join()).to.include("taken over");
    },
  },
  {
    title: "somebody else's instance is not taken over",
    run: async (bench, name) => {
      const { id } = await home(bench, name);
      await register(bench, id, "web");
      const error = await failureOf(bench.make(instance, { serviceId: id, instanceId: "web", attributes: address }));
      expect(error.message).to.include("an instance named web exists already");
    },
  },
  {
    title: "more instances than a page holds are found again",
    run: async (bench, name) => {
      const { id: serviceId } = await home(bench, name);
      const names = Array.from({ length: 120 }, (_, index) => `web-${index}`);
      const made = await Promise.all(
        names.map((instanceId) => bench.make(instance, { serviceId, instanceId, attributes: address })),
      );
      const found = await Promise.all(made.map((each) => bench.look(instance, each)));
      expect(found).to.deep.equal(made);
    },
  },
];

const removals: readonly Scenario[] = [
  {
    title: "a service that others use is waited for, and they are named",
    run: async (bench, name) => {
      const made = await home(bench, name);
      await register(bench, made.id, "theirs");
      expect((await failureOf(bench.remove(service, made, 800))).message).to.match(
        /ResourceInUse.*still in it: theirs/,
      );
    },
    moto: "it deletes services that have instances",
  },
  {
    title: "a namespace that others use is waited for, and they are named",
    run: async (bench, name) => {
      const { id, props } = await home(bench, name);
      const space = { id: String(props.namespaceId), props: { name } };
      const error = await failureOf(bench.remove(httpNamespace, space, 800));
      expect(error.message)
        .to.match(/ResourceInUse.*still in it: /)
        .and.include(id);
    },
    moto: "it deletes namespaces that have services",
  },
  {
    title: "forceDestroy removes the instances of a service, whoever registered them",
    run: async (bench, name) => {
      const made = await home(bench, name, { forceDestroy: true });
      await Promise.all(["a", "b", "c"].map((each) => register(bench, made.id, each)));
      await bench.remove(service, made);
      expect(await bench.look(service, made)).to.equal(undefined);
    },
  },
  {
    title: "forceDestroy removes the services of a namespace with their instances",
    run: async (bench, name) => {
      const space = await inHttp(bench, name, { forceDestroy: true });
      const { id } = await bench.make(service, { name, namespaceId: space.id });
      await register(bench, id, "theirs");
      await bench.remove(httpNamespace, space);
      expect(await bench.look(httpNamespace, space)).to.equal(undefined);
    },
  },
];

const lookups: readonly Scenario[] = [
  {
    title: "functions find namespaces, services and instances",
    run: async (bench, name) => {
      const made = await home(bench, name);
      await register(bench, made.id, "web");
      const { client } = bench.session;
      const space = await functions.getNamespace.answer({ name }, client);
      expect(space.id).to.equal(made.props.namespaceId);
      expect((await functions.getService.answer({ name, namespaceId: space.id }, client)).id).to.equal(made.id);
      const { instances: found } = await functions.getInstances.answer({ serviceId: made.id }, client);
      expect((found as readonly Props[]).map(({ instanceId }) => instanceId)).to.deep.equal(["web"]);
    },
  },
  {
    title: "what is registered is discovered",
    run: async (bench, name) => {
      const made = await home(bench, name);
      await register(bench, made.id, "web");
      const asked = { namespaceName: name, serviceName: name };
      const { instances: found } = await functions.discoverInstances.answer(asked, bench.session.client);
      expect((found as readonly Props[]).map(({ instanceId }) => instanceId)).to.deep.equal(["web"]);
    },
  },
];

export const suite: readonly Scenario[] = [...namespaces, ...services, ...instances, ...removals, ...lookups];
