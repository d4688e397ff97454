// Watches, over HTTP on a whole engine: what moves a service's counter, and what does not.
import { expect } from "chai";
import type { Watched } from "../../api/extensions.ts";
import { call, makeNamespace, makeService, type Running, register, start } from "../engine/running.ts";
import { until } from "../local/until.ts";
import { type StandingClock, standingClock } from "./clock.ts";
import { Probed } from "./probed.ts";
import { serveHttp } from "./targets.ts";
import { ask, watch } from "./watching.ts";

describe("a watch", () => {
  let clock: StandingClock;
  let engine: Running;
  let namespace: string;
  let service: string;
  beforeEach(async () => {
    clock = standingClock();
    engine = await start({ now: clock.now, after: clock.after });
    namespace = await makeNamespace(engine, "n");
    service = await makeService(engine, namespace, "s", { HealthCheckCustomConfig: {} });
  });
  afterEach(() => engine[Symbol.asyncDispose]());

  const counter = async () => (await watch(engine)).Counter;
  const waiting = (count: number) => until(`${count} watch`, () => engine.engine.watches() === count);
  /** Watches from now on; the promise is of the answer. */
  const begin = async (wait = "10m"): Promise<{ readonly from: number; readonly answer: Promise<Watched> }> => {
    const [from, before] = [await counter(), engine.engine.watches()];
    const answer = watch(engine, { after: from, wait });
    await waiting(before + 1);
    return { from, answer };
  };
  const report = (Status: "HEALTHY" | "UNHEALTHY", InstanceId = "i") =>
    call(engine, "UpdateInstanceCustomHealthStatus", { ServiceId: service, InstanceId, Status });
  const status = async () => {
    const { Status = {} } = await call(engine, "GetInstancesHealthStatus", { ServiceId: service });
    return Status.i;
  };
  /** What comes of it moves the counter, and answers who waits. */
  const moves = async (change: () => unknown) => {
    const { from, answer } = await begin();
    await change();
    const { Counter, Changed } = await answer;
    expect(Changed).to.equal(true);
    expect(Counter).to.be.above(from);
    expect(await counter()).to.equal(Counter);
  };
  /** What comes of it leaves who waits waiting, and the counter where it is. */
  const staysFor = async (change: () => unknown) => {
    const { from, answer } = await begin();
    await change();
    await register(engine, await makeService(engine, namespace, `s-${from}-${Math.random()}`), "i"); // and another service too
    expect([await counter(), engine.engine.watches()]).to.deep.equal([from, 1]);
    clock.advance(600_000);
    expect(await answer).to.include({ Counter: from, Changed: false });
  };

  it("is answered at once where no counter is given, or an old one, with the counter and AWS's revision", async () => {
    await register(engine, service, "i");
    const asked = { NamespaceName: "n", ServiceName: "s" };
    const { InstancesRevision = 0 } = await call(engine, "DiscoverInstancesRevision", asked);
    const now = { Counter: InstancesRevision, InstancesRevision, Changed: true };
    expect(await watch(engine)).to.deep.equal(now);
    expect(await watch(engine, { after: InstancesRevision - 1 })).to.deep.equal(now);
    expect(await watch(engine, { after: InstancesRevision, wait: "0" })).to.deep.equal({ ...now, Changed: false });
  });

  it("is answered when an instance is registered, is registered again, and goes", async () => {
    await moves(() => register(engine, service, "i"));
    await moves(() => register(engine, service, "i", { v: "2" }));
    await moves(() => call(engine, "DeregisterInstance", { ServiceId: service, InstanceId: "i" }));
  });

  it("is answered when its time is over, not earlier, at most after ten minutes", async () => {
    for (const [wait, after] of [
      ["30s", 30_000],
      ["1500ms", 1_500],
      ["2m", 120_000],
      ["900m", 600_000],
    ] as const) {
      const { from, answer } = await begin(wait);
      clock.advance(after - 1);
      expect(engine.engine.watches()).to.equal(1);
      clock.advance(1);
      expect(await answer).to.include({ Counter: from, Changed: false });
    }
    expect(clock.pending).to.equal(0);
  });

  it("is answered when a reported UNHEALTHY takes effect, not when it is reported", async () => {
    await register(engine, service, "i");
    await moves(async () => {
      await report("UNHEALTHY");
      clock.advance(29_999);
      expect([await status(), engine.engine.watches()]).to.deep.equal(["HEALTHY", 1]);
      clock.advance(1);
      expect(await status()).to.equal("UNHEALTHY");
    });
    await staysFor(() => report("UNHEALTHY"));
    await moves(() => report("HEALTHY"));
    await staysFor(() => report("HEALTHY"));
  });

  it("is not answered by an UNHEALTHY that is taken back in its window", async () => {
    await register(engine, service, "i");
    await staysFor(async () => {
      await report("UNHEALTHY");
      clock.advance(20_000);
      await report("HEALTHY");
      clock.advance(40_000);
    });
  });

  it("is answered once by the registration of an UNHEALTHY instance", async () => {
    await moves(() => register(engine, service, "i", { AWS_INIT_HEALTH_STATUS: "UNHEALTHY" }));
    await staysFor(() => clock.advance(60_000));
    await moves(() => report("HEALTHY"));
  });

  it("is answered at once by UNHEALTHY where there is no window", async () => {
    await engine.restart({ healthWindow: 0 });
    await register(engine, service, "i");
    await moves(() => report("UNHEALTHY"));
    await staysFor(() => clock.advance(60_000));
  });

  it("is answered when a window ends that was open before a restart", async () => {
    await register(engine, service, "i");
    await report("UNHEALTHY");
    clock.advance(10_000);
    const from = await counter();
    await engine.restart();
    expect(await counter()).to.equal(from);
    await moves(() => clock.advance(20_000));
    clock.advance(60_000);
    const after = await counter();
    await engine.restart();
    await staysFor(() => clock.advance(60_000));
    expect(await counter()).to.equal(after);
  });

  it("is answered when a window ends while the engine is down", async () => {
    await register(engine, service, "i");
    await report("UNHEALTHY");
    const from = await counter();
    await engine.engine.stop();
    clock.advance(60_000);
    await engine.restart();
    clock.advance(1);
    expect((await watch(engine, { after: from, wait: "10m" })).Counter).to.be.above(from);
  });

  it("is not answered early by a timer, or late by a clock that is set back", async () => {
    await register(engine, service, "i");
    await moves(async () => {
      await report("UNHEALTHY");
      clock.set(clock.now() - 5_000);
      clock.advance(34_999);
      expect([await status(), engine.engine.watches()]).to.deep.equal(["HEALTHY", 1]);
      clock.advance(1);
      expect(await status()).to.equal("UNHEALTHY");
    });
  });

  it("is not woken by other services, nor by what does not touch its instances", async () => {
    const other = await makeService(engine, namespace, "other");
    const { Service } = await call(engine, "GetService", { Id: service });
    await staysFor(async () => {
      await register(engine, other, "i");
      const ResourceARN = Service?.Arn ?? "";
      await call(engine, "TagResource", { ResourceARN, Tags: [{ Key: "a", Value: "b" }] });
      await call(engine, "UpdateServiceAttributes", { ServiceId: service, Attributes: { a: "b" } });
    });
  });

  it("goes on after a restart from the counter that it had, which never falls", async () => {
    await register(engine, service, "i");
    await report("UNHEALTHY");
    clock.advance(30_000);
    await until("it has moved", async () => (await watch(engine)).Counter > (await watch(engine)).InstancesRevision);
    const before = await counter();
    await call(engine, "DeregisterInstance", { ServiceId: service, InstanceId: "i" });
    const last = await counter();
    await engine.restart();
    expect(await counter()).to.equal(last);
    expect(await watch(engine, { after: before })).to.deep.include({ Counter: last, Changed: true });
    await staysFor(() => {});
    await moves(() => register(engine, service, "j"));
  });

  it("is told at once that the service is deleted, and goes on with one that is made again", async () => {
    await register(engine, service, "i");
    await report("UNHEALTHY");
    clock.advance(30_000);
    await call(engine, "DeregisterInstance", { ServiceId: service, InstanceId: "i" });
    const from = await counter();
    const answer = ask(engine, `namespace=n&service=s&after=${from}&wait=10m`);
    await waiting(1);
    await call(engine, "DeleteService", { Id: service });
    expect((await answer).status).to.equal(400);
    expect((await answer).body.__type).to.equal("ServiceNotFound");
    expect((await ask(engine, "namespace=n&service=s")).body.__type).to.equal("ServiceNotFound");
    expect((await ask(engine, "namespace=m&service=s")).body.__type).to.equal("NamespaceNotFound");
    expect(await makeService(engine, namespace, "s", { HealthCheckCustomConfig: {} })).to.equal(service);
    expect((await watch(engine, { after: from, wait: "10m" })).Counter).to.be.above(from);
  });

  it("is answered at once where its counter is none of this registry's, as of one that was restored", async () => {
    const { Counter, Changed } = await watch(engine, { after: 1_000_000, wait: "10m" });
    expect([Counter, Changed]).to.deep.equal([await counter(), true]);
  });

  it("ends with its client", async () => {
    const left = new AbortController();
    const query = `namespace=n&service=s&after=${await counter()}&wait=10m`;
    const answer = fetch(`${engine.url}/watch?${query}`, { signal: left.signal });
    answer.catch(() => {}); // it is given up below
    await waiting(1);
    left.abort();
    await waiting(0);
    expect(clock.pending).to.equal(0);
  });

  it("is answered when the engine stops, which does not wait for it", async () => {
    const { from, answer } = await begin();
    const started = performance.now();
    await engine.engine.stop();
    expect(await answer).to.include({ Counter: from, Changed: false });
    expect(performance.now() - started).to.be.below(2_500);
    expect([engine.engine.watches(), clock.pending]).to.deep.equal([0, 0]);
  });
});

describe("a watch of probed instances", () => {
  it("is answered when probes change a status, and not by InstancesRevision", async () => {
    await using probed = await Probed.start();
    let code = 200;
    await using target = await serveHttp((_request, response) => response.writeHead(code).end());
    const service = await probed.service({ Type: "HTTP" });
    await probed.register(service, target.port);
    const before = await watch(probed.engine);
    await probed.probes(2);
    expect(await watch(probed.engine, { after: before.Counter, wait: "0" })).to.include({ Changed: false });
    for (const next of [500, 200]) {
      const { Counter, InstancesRevision } = await watch(probed.engine);
      code = next;
      await probed.probes();
      const now = await watch(probed.engine, { after: Counter, wait: "0" });
      expect(now.Changed).to.equal(true);
      expect(now.InstancesRevision).to.equal(InstancesRevision);
    }
  });
});
