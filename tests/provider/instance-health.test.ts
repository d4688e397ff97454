// The health that a program declares of an instance, and waiting until it is healthy, against a real engine.
import { createServer } from "node:net";
import { expect } from "chai";
import type { Props } from "../../provider/casing.ts";
import { startDeadline } from "../../provider/deadline.ts";
import { PartialFailure } from "../../provider/failure.ts";
import { instance } from "../../provider/instance.ts";
import type { Resource } from "../../provider/kind.ts";
import { httpNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { freePort } from "../local/port.ts";
import { allowing } from "../local/until.ts";
import { TestProxy } from "./proxy.ts";
import {
  checked,
  engineInTemp,
  failureOf,
  openWorkbench,
  owner,
  type TestEngine,
  type Workbench,
} from "./workbench.ts";

describe("Health of an instance", () => {
  let engine: TestEngine;
  let bench: Workbench;
  let home: Resource;
  let probed: Resource;
  let count = 0;
  const fresh = (more: Props = {}): Props => ({
    serviceId: home.id,
    instanceId: `web-${++count}`,
    attributes: { AWS_INSTANCE_IPV4: "127.0.0.1", AWS_INSTANCE_PORT: "9" },
    ...more,
  });
  const statusOf = async ({ id }: Resource) => {
    const [ServiceId = "", InstanceId = ""] = id.split("/");
    const { Status = {} } = await bench.session.client.call("GetInstancesHealthStatus", {
      ServiceId,
      Instances: [InstanceId],
    });
    return Status[InstanceId];
  };
  const report = (Status: "HEALTHY" | "UNHEALTHY", { id }: Resource) => {
    const [ServiceId = "", InstanceId = ""] = id.split("/");
    return bench.session.client.call("UpdateInstanceCustomHealthStatus", { ServiceId, InstanceId, Status });
  };

  before(async () => {
    engine = await engineInTemp({ healthWindow: 300, probeInterval: 50, probeAllow: ["127.0.0.0/8"] });
    bench = await openWorkbench(engine.url);
    const namespace = await bench.make(httpNamespace, { name: "shop" });
    home = await bench.make(service, { name: "api", namespaceId: namespace.id, healthCheckCustomConfig: {} });
    probed = await bench.make(service, {
      name: "probed",
      namespaceId: namespace.id,
      healthCheckConfig: { type: "TCP" },
    });
  });
  after(() => engine.stop());

  it("is as declared when the instance is made, also UNHEALTHY, which takes a while", async () => {
    for (const customHealthStatus of ["HEALTHY", "UNHEALTHY"]) {
      const news = fresh({ customHealthStatus });
      const made = await bench.make(instance, news);
      expect(made.props).to.include({ customHealthStatus });
      expect(await statusOf(made)).to.equal(customHealthStatus);
      const again = await openWorkbench(engine.url);
      expect(await again.look(instance, made)).to.deep.equal(made);
      expect(bench.plan(instance, made, news).changed).to.deep.equal([]);
    }
  });

  it("is changed in place without registering the instance again, and left alone once it is declared no more", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const via = await openWorkbench(proxy.url);
    const news = fresh({ customHealthStatus: "HEALTHY" });
    const made = await via.make(instance, news);
    const later = await via.change(instance, made, { ...news, customHealthStatus: "UNHEALTHY" });
    expect(await statusOf(made)).to.equal("UNHEALTHY");
    const { customHealthStatus: _, ...undeclared } = news;
    const last = await via.change(instance, later, undeclared);
    expect(last.props).to.not.have.property("customHealthStatus");
    expect(await statusOf(made)).to.equal("UNHEALTHY");
    expect(proxy.counts.get("RegisterInstance")).to.equal(1);
    expect(proxy.counts.get("UpdateInstanceCustomHealthStatus")).to.equal(2);
  });

  it("stays as declared when the attributes change, whatever their first status", async () => {
    const attributes = { AWS_INIT_HEALTH_STATUS: "HEALTHY", zone: "a" };
    const news = fresh({ customHealthStatus: "UNHEALTHY", attributes });
    const made = await bench.make(instance, news);
    const later = await bench.change(instance, made, { ...news, attributes: { ...attributes, zone: "b" } });
    expect(await statusOf(later)).to.equal("UNHEALTHY");
    expect(await bench.look(instance, later)).to.deep.equal(later);
  });

  it("is drift where it is declared, and others' business where it is not", async () => {
    const declared = await bench.make(instance, fresh({ customHealthStatus: "UNHEALTHY" }));
    const free = await bench.make(instance, fresh({ attributes: { AWS_INIT_HEALTH_STATUS: "UNHEALTHY" } }));
    await report("HEALTHY", declared);
    await report("HEALTHY", free);
    await using proxy = await TestProxy.start(engine.url);
    const via = await openWorkbench(proxy.url); // a refresh is another process
    expect(await via.look(instance, free)).to.deep.equal(free);
    expect(proxy.counts.has("GetInstancesHealthStatus")).to.equal(false);
    const read = await via.look(instance, declared);
    expect(read?.props).to.deep.equal({ ...declared.props, customHealthStatus: "HEALTHY" });
    const other = await bench.make(instance, fresh({ customHealthStatus: "HEALTHY" }));
    const more = await openWorkbench(proxy.url);
    await Promise.all([declared, other].map((each) => more.look(instance, each)));
    expect(proxy.counts.get("GetInstancesHealthStatus")).to.equal(2); // one list for each of the two processes
  });

  it("fails where the service has no custom check, with the instance recorded", async () => {
    const news = fresh({ serviceId: probed.id, customHealthStatus: "HEALTHY" });
    const error = await failureOf(bench.make(instance, news));
    if (!(error instanceof PartialFailure)) throw error;
    expect(error.message).to.match(/CustomHealthNotFound/);
    expect(error.id).to.equal(`${probed.id}/${news.instanceId}`);
    expect(error.properties).not.to.have.property("customHealthStatus");
  });

  it("is waited for, with lines of progress, until it is reported", async () => {
    const told: string[] = [];
    const news = fresh({ attributes: { AWS_INIT_HEALTH_STATUS: "UNHEALTHY" }, waitUntilHealthy: true });
    const id = `${home.id}/${news.instanceId}`;
    const deadline = startDeadline(allowing(10_000), undefined, (line) => {
      told.push(line);
      if (line.startsWith("waiting until it is HEALTHY: it is UNHEALTHY, ")) void report("HEALTHY", { id, props: {} });
    });
    const made = await bench.make(instance, news, { owner, deadline });
    expect(await statusOf(made)).to.equal("HEALTHY");
    expect(told.join("\n")).to.match(/^\[1\/2\] RegisterInstance\n.*waiting until it is HEALTHY/s);
  });

  it("is waited for until the probes find the instance healthy", async () => {
    const port = await freePort();
    const attributes = { AWS_INSTANCE_IPV4: "127.0.0.1", AWS_INSTANCE_PORT: String(port) };
    const news = fresh({ serviceId: probed.id, attributes });
    const made = await bench.make(instance, news);
    while ((await statusOf(made)) !== "UNHEALTHY"); // the test's time-out bounds it
    const listener = createServer();
    const deadline = startDeadline(allowing(10_000), undefined, (line) => {
      if (line.startsWith("waiting") && !listener.listening) listener.listen(port, "127.0.0.1");
    });
    const later = await bench.change(instance, made, { ...news, waitUntilHealthy: true }, { owner, deadline });
    expect(await statusOf(later)).to.equal("HEALTHY");
    listener.close();
  });

  it("is waited for no longer than allowed, and the failure tells the last status; the instance is recorded", async () => {
    const news = fresh({ attributes: { AWS_INIT_HEALTH_STATUS: "UNHEALTHY" }, waitUntilHealthy: true });
    const told: string[] = [];
    const deadline = startDeadline(allowing(400), undefined, (line) => told.push(line));
    const error = await failureOf(bench.make(instance, news, { owner, deadline }));
    if (!(error instanceof PartialFailure)) throw error;
    expect(error.message).to.match(
      /web-\d+ is registered, but was not HEALTHY after .*: its last status was UNHEALTHY/,
    );
    expect(error.message).to.match(/customTimeouts/);
    expect(told.join("\n")).to.match(/waiting until it is HEALTHY: it is UNHEALTHY, /);
    const half = { id: error.id, props: error.properties };
    await report("HEALTHY", half);
    const whole = await bench.change(instance, half, news); // the next `up` goes on
    expect(await bench.look(instance, whole)).to.deep.equal(whole);
  });

  it("is refused at preview where the service has no such check, or what is asked for cannot be", () => {
    const told = (more: Props, parent: Props) => {
      const { failures } = instance.check({ olds: {}, news: fresh(more), parent, defaultTags: {} });
      return failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n");
    };
    const custom = { healthCheckCustomConfig: {} };
    const probes = { healthCheckConfig: { type: "TCP" } };
    expect(told({ customHealthStatus: "HEALTHY" }, custom)).to.equal("");
    expect(told({ customHealthStatus: "HEALTHY" }, probes)).to.match(/^customHealthStatus: .*healthCheckCustomConfig/);
    expect(told({ waitUntilHealthy: true }, probes)).to.equal("");
    expect(told({ waitUntilHealthy: true }, {})).to.match(/^waitUntilHealthy: .*health check/);
    expect(told({ waitUntilHealthy: true, customHealthStatus: "UNHEALTHY" }, custom)).to.match(/^waitUntilHealthy: /);
    expect(told({ waitUntilHealthy: "yes" }, custom)).to.equal(
      "waitUntilHealthy: waitUntilHealthy must be true or false.",
    );
    expect(() => checked(instance, fresh({ customHealthStatus: "SICK" }))).to.throw(/^customHealthStatus: .*HEALTHY/);
  });
});
