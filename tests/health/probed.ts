// An engine whose probes go round when the test says so, and what is told of the health of its instances.
import { expect } from "chai";
import type { Input } from "../../api/operations.ts";
import type { EngineOptions } from "../../engine/engine.ts";
import { call, makeNamespace, makeService, type Running, register, start } from "../engine/running.ts";
import { turn } from "../engine/trial.ts";
import { until } from "../local/until.ts";
import { type StandingClock, standingClock } from "./clock.ts";

type Check = NonNullable<Input<"CreateService">["HealthCheckConfig"]>;

export const probeInterval = 10_000;

export class Probed implements AsyncDisposable {
  readonly engine: Running;
  readonly clock: StandingClock;
  readonly namespace: string;
  readonly side: string;

  private constructor(engine: Running, clock: StandingClock, namespace: string, side: string) {
    this.engine = engine;
    this.clock = clock;
    this.namespace = namespace;
    this.side = side;
  }

  static async start(options: Partial<EngineOptions> = {}): Promise<Probed> {
    const clock = standingClock();
    const engine = await start({ now: clock.now, after: clock.after, probeInterval, ...options });
    const namespace = await makeNamespace(engine, "n");
    return new Probed(engine, clock, namespace, await makeService(engine, namespace, "side"));
  }

  get counts() {
    return this.engine.engine.probes();
  }

  /** A service `s` whose instances are probed. */
  service(check: Check, more: Partial<Input<"CreateService">> = {}): Promise<string> {
    return makeService(this.engine, this.namespace, "s", { HealthCheckConfig: check, ...more });
  }

  async register(service: string, port: number, attributes: Record<string, string> = {}, id = "i"): Promise<void> {
    const at = { AWS_INSTANCE_IPV4: "127.0.0.1", AWS_INSTANCE_PORT: String(port) };
    await register(this.engine, service, id, { ...at, ...attributes });
  }

  /** Moves the clock until some more probes have told what they found, and what they wrote is there. */
  async probes(count = 1): Promise<void> {
    const made = () => this.counts.passed + this.counts.failed + this.counts.undecided;
    const wanted = made() + count;
    for (let left = 2 * count * probeInterval; made() < wanted; left -= 1) {
      if (left === 0) throw new Error(`no ${count} probes were made: ${JSON.stringify(this.counts)}`);
      this.clock.advance(1);
      for (let turns = 0; this.counts.inFlight > 0 && turns < 100_000; turns += 1) await turn();
    }
    await this.flush();
  }

  /** Waits until a probe is under way. */
  async begun(): Promise<void> {
    for (let left = 2 * probeInterval; this.counts.inFlight === 0 && left > 0; left -= 1) this.clock.advance(1);
    expect(this.counts.inFlight).to.equal(1);
  }

  /** Whatever was to be written before is written when this is: the pipeline keeps the order. */
  async flush(): Promise<void> {
    await register(this.engine, this.side, "flush", { at: String(Math.random()) });
  }

  /** The status of an instance, which is told in several ways, and always the same. */
  async status(ServiceId: string, id = "i"): Promise<string | undefined> {
    const asked = { NamespaceName: "n", ServiceName: "s" };
    const { Instances = [] } = await call(this.engine, "DiscoverInstances", { ...asked, HealthStatus: "ALL" });
    const { Status = {} } = await call(this.engine, "GetInstancesHealthStatus", { ServiceId });
    const found = Instances.find(({ InstanceId }) => InstanceId === id)?.HealthStatus;
    expect(Status[id]).to.equal(found);
    if (found === "UNKNOWN") return found;
    const healthy = await call(this.engine, "DiscoverInstances", asked);
    const isAnswered = healthy.Instances?.some(({ InstanceId }) => InstanceId === id);
    expect(isAnswered).to.equal(found === "HEALTHY");
    return found;
  }

  /** Polls, for what is not written in the order of the pipeline. */
  async turns(service: string, wanted: string, id = "i"): Promise<void> {
    await until(`${id} is ${wanted}`, async () => (await this.status(service, id)) === wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
  }
}
