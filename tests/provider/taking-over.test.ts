// `adopt`: a resource that exists already is taken over where the program says so, and never another stack's.
import { randomUUID } from "node:crypto";
import { expect } from "chai";
import type { Props } from "../../provider/casing.ts";
import { instance } from "../../provider/instance.ts";
import type { Kind } from "../../provider/kind.ts";
import { httpNamespace, privateDnsNamespace, publicDnsNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { engineInTemp, failureOf, openWorkbench, type TestEngine, type Workbench } from "./workbench.ts";

const attributes = { AWS_INSTANCE_IPV4: "192.0.2.1", zone: "a" };

interface Case {
  readonly kind: Kind;
  /** What the program wants. */
  news(name: string): Props;
  /** What somebody made before, by the API and this token. */
  make(name: string, token: string): Promise<unknown>;
}

describe("A resource that exists already", () => {
  let engine: TestEngine;
  let bench: Workbench;
  let namespaceId: string;
  let serviceId: string;
  let count = 0;
  const call: Workbench["session"]["client"]["call"] = (...args) => bench.session.client.call(...args);
  const cases: Record<string, Case> = {
    HttpNamespace: {
      kind: httpNamespace,
      news: (name) => ({ name, description: "ours", tags: { a: "1" } }),
      make: (Name, CreatorRequestId) => call("CreateHttpNamespace", { Name, CreatorRequestId }),
    },
    PublicDnsNamespace: {
      kind: publicDnsNamespace,
      news: (name) => ({ name: `${name}.example.com`, description: "ours", tags: { a: "1" } }),
      make: (name, CreatorRequestId) =>
        call("CreatePublicDnsNamespace", { Name: `${name}.example.com`, CreatorRequestId }),
    },
    PrivateDnsNamespace: {
      kind: privateDnsNamespace,
      news: (name) => ({ name: `${name}.internal`, vpc: "vpc-1", description: "ours", tags: { a: "1" } }),
      make: async (name, CreatorRequestId) => {
        const Name = `${name}.internal`;
        await call("CreatePrivateDnsNamespace", {
          Name,
          Vpc: "vpc-2",
          CreatorRequestId: `elsewhere-${CreatorRequestId}`,
        });
        await call("CreatePrivateDnsNamespace", { Name, Vpc: "vpc-1", CreatorRequestId });
      },
    },
    Service: {
      kind: service,
      news: (name) => ({ name, namespaceId, tags: { a: "1" }, attributes: { tier: "front" } }),
      make: (Name, CreatorRequestId) => call("CreateService", { Name, NamespaceId: namespaceId, CreatorRequestId }),
    },
    Instance: {
      kind: instance,
      news: (name) => ({ serviceId, instanceId: name, attributes }),
      make: (InstanceId, CreatorRequestId) =>
        call("RegisterInstance", { ServiceId: serviceId, InstanceId, Attributes: { zone: "z" }, CreatorRequestId }),
    },
  };

  before(async () => {
    engine = await engineInTemp();
    bench = await openWorkbench(engine.url);
    namespaceId = (await bench.make(httpNamespace, { name: "home" })).id;
    serviceId = (await bench.make(service, { name: "home", namespaceId })).id;
  });
  after(() => engine.stop());

  for (const [title, { kind, news, make }] of Object.entries(cases)) {
    describe(title, () => {
      const fresh = () => `there-${++count}`;

      it("is refused, with all ways to take it over", async () => {
        const name = fresh();
        await make(name, randomUUID());
        const later = await openWorkbench(engine.url);
        const { message } = await failureOf(later.make(kind, news(name)));
        expect(message).to.match(/exists already: [^ ]+, made by another program or person/);
        expect(message)
          .to.match(/`adopt: true`/)
          .and.to.match(/cloudmap:adopt/)
          .and.to.match(/aliases/);
      });

      it("is taken over where adopt is true, says so, and becomes as the program wants it", async () => {
        const [name, token] = [fresh(), randomUUID()];
        await make(name, token);
        const later = await openWorkbench(engine.url);
        const wanted = { ...news(name), adopt: true };
        const made = await later.make(kind, wanted);
        expect(later.said.join("\n")).to.match(/exists already and is taken over: its adopt is true\./);
        const { adopt, ...given } = wanted;
        expect(made.props).to.deep.include({ ...given, adopt });
        const refreshed = await openWorkbench(engine.url);
        expect((await refreshed.look(kind, made))?.props).to.deep.include(given);
        expect(bench.plan(kind, made, news(name)).changed, "adopt may go again").to.deep.equal([]);
        if (kind === privateDnsNamespace) {
          const { Namespace } = await call("GetNamespace", { Id: made.id });
          expect(Namespace?.CreatorRequestId, "the one in its VPC").to.equal(token);
        }
        await later.remove(kind, made);
      });

      it("is made where there is none, adopt or not", async () => {
        const later = await openWorkbench(engine.url);
        await later.make(kind, { ...news(fresh()), adopt: true });
        expect(later.said).to.deep.equal([]);
      });

      it("stays another stack's, adopt or not, unless cloudmap:adopt names it", async () => {
        const name = fresh();
        const theirs = await openWorkbench(engine.url);
        const made = await theirs.make(kind, news(name));
        const ours = await openWorkbench(engine.url);
        const request = { owner: "an0therown" };
        const error = await failureOf(ours.make(kind, { ...news(name), adopt: true }, request));
        expect(error.message)
          .to.match(/made by another stack or resource/)
          .and.to.contain(`cloudmap:adopt ${made.id}`);
        expect(error.message).not.to.contain("adopt: true");
        const told = await openWorkbench(engine.url, {}, { adopt: new Set([made.id]) });
        expect((await told.make(kind, news(name), request)).id).to.equal(made.id);
      });
    });
  }

  it("of a private name in another VPC is left alone, for it is in nobody's way", async () => {
    await cases.PrivateDnsNamespace?.make("apart", randomUUID());
    const other = await openWorkbench(engine.url);
    const made = await other.make(privateDnsNamespace, { name: "apart.internal", vpc: "vpc-3", adopt: true });
    expect(other.said).to.deep.equal([]);
    await other.remove(privateDnsNamespace, made);
  });

  it("is judged by the program's word only where that is true or false", () => {
    const { failures } = service.check({ olds: {}, news: { namespaceId, name: "x", adopt: "yes" }, defaultTags: {} });
    expect(failures).to.deep.equal([{ property: "adopt", reason: "adopt must be true or false." }]);
  });
});
