// What goes wrong while something is deleted: what is in the way is named, what is gone is done, and what was begun goes on.
import { expect } from "chai";
import type { Props } from "../../provider/casing.ts";
import { startDeadline } from "../../provider/deadline.ts";
import { instance } from "../../provider/instance.ts";
import type { Resource } from "../../provider/kind.ts";
import { httpNamespace, publicDnsNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { allowing } from "../local/until.ts";
import { refusal, TestProxy } from "./proxy.ts";
import { engineInTemp, failureOf, openWorkbench, type TestEngine, type Workbench } from "./workbench.ts";

describe("A removal", () => {
  let engine: TestEngine;
  let proxy: TestProxy;
  /** By the proxy. */
  let bench: Workbench;
  /** By the engine itself, as others do. */
  let others: Workbench;
  let count = 0;
  const fresh = () => `space-${++count}`;

  before(async () => {
    engine = await engineInTemp();
    others = await openWorkbench(engine.url);
  });
  beforeEach(async () => {
    proxy = await TestProxy.start(engine.url);
    bench = await openWorkbench(proxy.url);
  });
  afterEach(() => proxy[Symbol.asyncDispose]());
  after(() => engine.stop());

  const register = (ServiceId: string, InstanceId: string) =>
    others.session.client.call("RegisterInstance", { ServiceId, InstanceId, Attributes: {} });
  const deregister = (ServiceId: string, InstanceId: string) =>
    others.session.client.call("DeregisterInstance", { ServiceId, InstanceId });

  /** A namespace with services, each with instances that others registered. */
  async function full(services: number, instances: number, args: Props = {}): Promise<Resource> {
    const space = await bench.make(httpNamespace, { name: fresh(), ...args });
    for (let each = 0; each < services; each += 1) {
      const { id } = await bench.make(service, { name: `api-${each}`, namespaceId: space.id });
      await Promise.all(Array.from({ length: instances }, (_, index) => register(id, `web-${index}`)));
    }
    return space;
  }

  it("is done when what it removes goes by itself while its instances are listed", async () => {
    const space = await full(1, 1);
    const [api] = await servicesOf(space);
    proxy.answering = (operation) =>
      operation === "ListInstances" ? refusal("ServiceNotFound", "it has just gone") : undefined;
    await bench.remove(service, { id: api?.Id ?? "", props: {} });
    expect(proxy.counts.get("ListInstances")).to.equal(1);
  });

  it("names what is in the way, also when its time is up while it asks", async () => {
    const space = await full(1, 2);
    const [api] = await servicesOf(space);
    proxy.answering = (operation, _, times) =>
      operation === "DeleteService" && times > 1 ? new Promise(() => {}) : undefined;
    const error = await failureOf(bench.remove(service, { id: api?.Id ?? "", props: { name: "api" } }, 1000));
    expect(error.message).to.match(
      /ResourceInUse.* After \S+ s these instances were still in it: web-0, web-1\..*forceDestroy/,
    );
  });

  it("says what took too long where nothing was in the way", async () => {
    const space = await full(1, 0);
    const [api] = await servicesOf(space);
    proxy.answering = (operation) => (operation === "DeleteService" ? new Promise(() => {}) : undefined);
    const error = await failureOf(bench.remove(service, { id: api?.Id ?? "", props: {} }, 500));
    expect(error.message).to.match(/the removal of the service srv-\S+ was not done after .*; allowed were/);
  });

  it("of a namespace with forceDestroy goes on where an earlier one has stopped, and says what it removes", async () => {
    const space = await full(6, 20, { forceDestroy: true });
    proxy.answering = (operation, _, times) =>
      operation === "DeregisterInstance" && times > 50 ? refusal("AccessDeniedException", "no longer") : undefined;
    expect((await failureOf(bench.remove(httpNamespace, space))).message).to.include("AccessDenied");
    const left = await Promise.all(
      (await servicesOf(space)).map(async ({ Id = "" }) => (await instancesOf(Id)).length),
    );
    expect(left.reduce((sum, each) => sum + each, 0)).to.equal(70);
    const told = bench.said.join("\n");
    expect(told).to.match(
      /Removing what the HTTP namespace space-\d+ \(ns-\S+\) holds, as forceDestroy says: the services api-\d \(srv-/,
    );
    expect(told).to.match(
      /Deregistering what is left in the service srv-\S+, as forceDestroy says: web-0, .* and 15 more/,
    );

    proxy.answering = () => undefined;
    await bench.remove(httpNamespace, space);
    expect(await others.look(httpNamespace, space)).to.equal(undefined);
    expect(proxy.peak).to.be.above(4).and.at.most(32);
  });

  it("of a namespace takes services that others remove at the same time for removed", async () => {
    const space = await full(3, 1, { forceDestroy: true });
    const [first] = await servicesOf(space);
    let gone = false;
    proxy.rewriting = (operation) => {
      if (operation !== "ListServices" || gone) return undefined;
      gone = true;
      void deregister(first?.Id ?? "", "web-0").then(() =>
        others.session.client.call("DeleteService", { Id: first?.Id ?? "" }),
      );
      return undefined;
    };
    await bench.remove(httpNamespace, space);
    expect(await others.look(httpNamespace, space)).to.equal(undefined);
  });

  it("takes a second removal of each kind for done", async () => {
    const space = await bench.make(publicDnsNamespace, { name: `${fresh()}.example.com` });
    const api = await bench.make(service, { name: "api", namespaceId: space.id, type: "HTTP" });
    const attributes = { zone: "a" };
    const web = await bench.make(instance, { serviceId: api.id, instanceId: "web", attributes });
    for (const [kind, made] of [
      [instance, web] as const,
      [service, api] as const,
      [publicDnsNamespace, space] as const,
    ]) {
      await bench.remove(kind, made);
      await bench.remove(kind, made);
    }
    await bench.remove(service, api); // its namespace is gone as well
    await bench.remove(instance, web);
  });

  it("and a change wait while the API says that the resource is in use", async () => {
    const space = await full(1, 0);
    const [{ Id: serviceId = "" } = {}] = await servicesOf(space);
    const busy = new Set(["RegisterInstance", "DeregisterInstance", "UpdateHttpNamespace"]);
    const refused = new Map<string, number>();
    proxy.answering = (operation) => {
      const times = (refused.get(operation) ?? 0) + 1;
      refused.set(operation, times);
      return busy.has(operation) && times < 3 ? refusal("ResourceInUse", "something else is at it") : undefined;
    };
    const web = await bench.make(instance, { serviceId, instanceId: "web", attributes: { zone: "a" } });
    await bench.remove(instance, web);
    await bench.change(httpNamespace, space, { name: space.props.name, description: "waited for" });
    for (const operation of busy) expect(refused.get(operation), operation).to.equal(3);

    proxy.answering = (operation) => (busy.has(operation) ? refusal("ResourceInUse", "for good") : undefined);
    const inputs = { name: space.props.name, description: "never" };
    const deadline = startDeadline(allowing(300));
    const error = await failureOf(bench.change(httpNamespace, space, inputs, { deadline }));
    expect(error.message).to.match(/ResourceInUse: for good.* was not done after/);
  });

  async function servicesOf({ id }: Resource) {
    const Filters = [{ Name: "NAMESPACE_ID", Values: [id] }] as const;
    return (await others.session.client.call("ListServices", { Filters })).Services ?? [];
  }

  async function instancesOf(ServiceId: string) {
    return (await others.session.client.call("ListInstances", { ServiceId })).Instances ?? [];
  }
});
