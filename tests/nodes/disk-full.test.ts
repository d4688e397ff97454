// The disk of etcd is full, to the last page: writers are told, readers go on, and nothing that was acknowledged is lost when there is room again.
import { expect } from "chai";
import { call, makeNamespace, makeService, post } from "../engine/running.ts";
import { until } from "../local/until.ts";
import { hasEtcd } from "../store/etcd-server.ts";
import { Cluster } from "./cluster.ts";
import { Disk } from "./disk.ts";
import type { Node } from "./node.ts";

describe("a node over etcd whose disk is full", function () {
  this.timeout(120_000);
  let disk: Disk | undefined;
  let cluster: Cluster;
  before(async function () {
    if (!hasEtcd()) return this.skip();
    disk = Disk.open(192);
    if (disk === undefined) {
      console.log("      only root can mount a small disk: a full one under etcd is not tested");
      return this.skip();
    }
    cluster = await Cluster.start(1, 1, {}, { disks: [disk] });
  });
  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
    disk?.[Symbol.dispose]();
  });

  /** Registers until it is refused so; answers what was acknowledged. */
  async function registered(node: Node, ServiceId: string, refused: RegExp): Promise<string[]> {
    const kept: string[] = [];
    for (let index = 0; index < 5_000; index += 1) {
      const input = { ServiceId, InstanceId: `i-${index}`, Attributes: { a: "x".repeat(1_000) } };
      const { status, text } = await post(node, "RegisterInstance", JSON.stringify(input));
      if (status === 200) kept.push(input.InstanceId);
      else {
        expect(JSON.parse(text)).to.include({ __type: "ServiceUnavailable" });
        expect(JSON.parse(text).Message).to.match(refused);
        return kept;
      }
    }
    throw new Error("the disk is never full");
  }

  it("tells writers, answers readers, and has all that it acknowledged when there is room again", async () => {
    const [node] = cluster.nodes as [Node];
    const [member] = cluster.etcd?.members ?? [];
    const service = await makeService(node, await makeNamespace(node, "n"), "s");
    await call(node, "RegisterInstance", { ServiceId: service, InstanceId: "before", Attributes: { a: "1" } });
    disk?.fill();
    const kept = await registered(node, service, /change was (not )?stored/);
    const here = await call(node, "GetInstance", { ServiceId: service, InstanceId: "before" });
    expect(here.Instance?.Attributes).to.deep.equal({ a: "1" });
    const query = { NamespaceName: "n", ServiceName: "s" };
    expect((await call(node, "DiscoverInstances", query)).Instances).to.have.length.above(0);
    await until("etcd has ended", () => member?.program.runs === false);

    disk?.free();
    member?.program.start();
    await node.ready();
    for (const InstanceId of ["before", ...kept]) await call(node, "GetInstance", { ServiceId: service, InstanceId });
    await call(node, "RegisterInstance", { ServiceId: service, InstanceId: "after", Attributes: {} });
    console.log(`      ${kept.length} were acknowledged on the full disk`);
  });
});
