// The transcripts in docs/dns.md, run as they are written.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { register } from "../engine/running.ts";
import { addressOf } from "./ask.ts";
import { type Served, serve } from "./served.ts";
import { has, run } from "./tool.ts";

const text = readFileSync(new URL("../../docs/dns.md", import.meta.url), "utf8");
/** A command after `$`, and what it prints, both indented; a blank line ends it. */
const transcripts = [...text.matchAll(/^ {4}\$ (.*)\n((?: {4}.*\n)*)/gm)].map(([, command = "", output = ""]) => ({
  command,
  output: lines(output),
}));

/** The lines, with one blank wherever there are several: dig aligns by tabs. */
function lines(output: string): string[] {
  return output
    .split("\n")
    .map((line) => line.trim().replace(/\s+/g, " "))
    .filter((line) => line !== "");
}

describe("docs/dns.md", () => {
  let engine: Served;
  before(async () => {
    engine = await serve();
    const zone = await engine.makePrivate("demo.internal");
    const payments = await engine.makeRecords(zone, "payments", ["A 60"]);
    await register(engine, payments, "payments-1", { AWS_INSTANCE_IPV4: "10.0.1.11" });
    const shop = await engine.makeRecords(zone, "_http._tcp.shop", ["SRV 10"]);
    await register(engine, shop, "shop-1", { AWS_INSTANCE_IPV4: "10.0.1.21", AWS_INSTANCE_PORT: "8080" });
    const old = await engine.makeRecords(zone, "old", ["CNAME 300"], { routing: "WEIGHTED" });
    await register(engine, old, "one", { AWS_INSTANCE_CNAME: "payments.demo.internal" });
  });
  after(() => engine[Symbol.asyncDispose]());

  it("has transcripts", () => {
    expect(transcripts.length).to.be.greaterThan(5);
  });

  for (const { command, output } of transcripts) {
    it(`shows what dig prints: ${command}`, async function () {
      if (!(await has("dig", "-v"))) return this.skip();
      const { port } = addressOf(engine.dns);
      const done = await run("sh", ["-c", command.replace("-p 7753", `-p ${port}`)]);
      expect(lines(done?.out ?? "")).to.deep.equal(output);
    });
  }
});
