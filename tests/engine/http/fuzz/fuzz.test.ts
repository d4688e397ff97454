// Malformed requests by the thousand against a whole engine: each is refused for what is wrong with it, and it goes on.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { operations } from "../../../../api/operations.ts";
import { reads } from "../../../../engine/handlers.ts";
import { start } from "../../running.ts";
import { fuzz, share, show, stages } from "./fuzz.ts";
import { makeSeeds } from "./seeds.ts";
import { fuzzKey, startVictim, writeKey } from "./victim.ts";
import { build, exchange } from "./wire.ts";

const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 1e6));

describe("the fuzz", function () {
  this.timeout(120_000);

  it("starts from requests of all operations that come to their handlers, in both protocols", async () => {
    await using victim = await startVictim();
    const seeds = await makeSeeds(victim);
    expect(seeds.map(({ operation }) => operation)).to.deep.equal(Object.keys(operations));
    for (const asked of seeds) {
      const codes: string[] = [];
      for (const isCbor of [false, true]) {
        const { status, code, message } = await exchange(victim, build(victim, asked, isCbor));
        expect(message, asked.operation).not.to.match(/validation error/);
        codes.push(`${status} ${code}`);
      }
      expect(codes[0], `${asked.operation} ${codes}`).to.match(
        /^200 $|^400 (InvalidInput|ResourceInUse|NamespaceNotFound)$/,
      );
    }
  });

  it("finds nothing in 2,000 requests, and most come further than their first byte", async () => {
    await using victim = await startVictim();
    const report = await fuzz({ target: victim, requests: 2_000, seed });
    console.log(`${show(report)}\n(FUZZ_SEED=${seed} gives the same again)`.replaceAll(/^/gm, "      "));
    expect(report.wrong).to.deep.equal([]);
    expect(victim.errors()).to.deep.equal([]);
    expect(victim.isAlive()).to.equal(true);
    expect(victim.memory()).to.be.below(400);
    for (const stage of stages) expect(share(report, stage), stage).to.be.above(0.01);
    expect(share(report, "framing")).to.be.below(0.4);
  });

  it("finds a handler that throws on a value", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cloudmap-fuzz-"));
    await using engine = await start({ auth: writeKey(folder), now: Date.now });
    const { GetService } = reads;
    const planted = {
      ...reads,
      GetService: (...[registry, input, context]: Parameters<typeof GetService>) => {
        if (!input.Id.startsWith("srv-")) throw new TypeError("planted");
        return GetService(registry, input, context);
      },
    };
    Object.assign(reads, planted);
    try {
      const { wrong } = await fuzz({ target: { url: engine.url, key: fuzzKey }, requests: 2_000, seed: 7 });
      expect(wrong[0]).to.match(/^seed 7, request \d+ \(\w+\): 500 InternalFailure /);
      expect(engine.logged.join("\n")).to.include("planted");
    } finally {
      Object.assign(reads, { GetService });
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
