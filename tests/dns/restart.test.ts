// DNS threads that die: another one takes the place, and whoever asks for it is told.
import type { Worker } from "node:worker_threads";
import { expect } from "chai";
import { call, register } from "../engine/running.ts";
import { until } from "../local/until.ts";
import { ask } from "./ask.ts";
import { type Served, serve } from "./served.ts";

const canShare = process.platform === "linux" || process.platform === "freebsd";

describe("a DNS thread that dies", () => {
  const workers: Worker[] = [];
  const note = (worker: Worker) => void workers.push(worker);
  let engine: Served | undefined;
  before(() => void process.on("worker", note));
  after(() => void process.off("worker", note));
  afterEach(async () => {
    await engine?.[Symbol.asyncDispose]();
    workers.length = 0;
  });

  /** Of all threads of this process, those that have a port of ours. */
  const die = async (count: number) => {
    const dying = workers.slice(-count); // the store's own thread is started before those of DNS
    workers.length = 0;
    for (const worker of dying) await worker.terminate();
  };
  const address = async ({ dns }: Served) => {
    const { answers = [] } = await ask(dns, "web.demo.internal", "A", { patience: 300 });
    return answers.map((each) => "data" in each && each.data).join();
  };
  const metric = async ({ url }: Served, name: string) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, "m").exec(text)?.[1]);
  };
  const begin = async (threads: number) => {
    engine = await serve({ threads }, { now: Date.now });
    const ServiceId = await engine.makeRecords(await engine.makePrivate("demo.internal"), "web", ["A 0"]);
    await register(engine, ServiceId, "i", { AWS_INSTANCE_IPV4: "10.0.0.1" });
    return { running: engine, ServiceId };
  };

  it("is replaced at its port, by one that knows what was registered meanwhile; the log and the metrics say so", async () => {
    const { running, ServiceId } = await begin(1);
    const { dns } = running;
    expect(await address(running)).to.equal("10.0.0.1");
    const answered = await metric(running, "cloudmap_dns_answers_total");
    expect(answered).to.equal(1);
    await die(1);
    await register(running, ServiceId, "i", { AWS_INSTANCE_IPV4: "10.0.0.2" });
    await call(running, "ListServices", {}); // the engine itself goes on
    await until("another thread answers", async () => (await address(running).catch(() => "")) === "10.0.0.2");
    expect(running.dns).to.equal(dns);
    expect(running.logged.filter((line) => line.startsWith("error the DNS thread 0 ended"))).to.have.lengthOf(1);
    await until("that is said", async () => running.logged.some((line) => line.includes("thread 0 answers again")));
    expect(await metric(running, "cloudmap_dns_thread_restarts_total")).to.equal(1);
    expect(await metric(running, "cloudmap_dns_answers_total"), "counts go on").to.be.above(answered);
  });

  it("leaves its questions to the others, and is replaced beside them", async function () {
    if (!canShare) this.skip();
    const { running } = await begin(3);
    await die(1);
    // The system may still have packets for the one that is gone: who asks again gets an answer.
    const tries = async (left = 5): Promise<string> =>
      address(running).catch((error) => (left > 1 ? tries(left - 1) : Promise.reject(error)));
    for (let round = 0; round < 20; round += 1) expect(await tries()).to.equal("10.0.0.1");
    await until("it is replaced", async () => running.logged.some((line) => /thread \d answers again/.test(line)));
    expect(running.engine.dns.restarts()).to.equal(1);
  });
});
