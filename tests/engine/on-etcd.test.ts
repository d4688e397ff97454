// What clients are promised is the same where etcd keeps the registry: some suites of the engine, over etcd. All of them: bench/suites.ts.
import { expect } from "chai";
import { hasEtcd } from "../store/etcd-server.ts";
import { runOnEtcd } from "./suites-on-etcd.ts";

const suites = ["namespace", "service", "instance", "operation", "discovery", "health-status", "tags"];

describe("the suites of the engine", function () {
  this.timeout(240_000);

  it("pass over etcd", async function () {
    if (!hasEtcd()) return this.skip();
    const { passed, failed, registries, said } = await runOnEtcd(suites.map((name) => `tests/engine/${name}.test.ts`));
    console.log(`      ${passed} tests, ${registries} registries in etcd`);
    expect(failed, said).to.equal(0);
    expect(passed, said).to.be.above(100);
    expect(registries).to.be.at.least(suites.length);
  });
});
