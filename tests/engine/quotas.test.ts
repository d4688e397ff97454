/** Quotas: refused where they are used up, exactly, also among requests that arrive at once, and free again after. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readQuotas } from "../../engine/quotas.ts";
import { call, makeNamespace, makeService, post, type Running, refusal, register, start } from "./running.ts";

const folder = mkdtempSync(join(tmpdir(), "cloudmap-quotas-"));

function file(content: string): string {
  const path = join(folder, "quotas.json");
  writeFileSync(path, content);
  return path;
}

/** Sends requests at once; answers how many were taken, and the codes of the others. */
async function atOnce(engine: Running, name: string, inputs: readonly object[]) {
  const answers = await Promise.all(inputs.map((input) => post(engine, name, JSON.stringify(input))));
  const refused = answers.filter(({ status }) => status !== 200).map(({ text }) => JSON.parse(text).__type);
  return { taken: answers.length - refused.length, refused: [...new Set(refused)] };
}

const named = (count: number, prefix = "n") => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

describe("quotas", () => {
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("refuse the 51st namespace as AWS does, and take it once one is deleted", async () => {
    await using engine = await start({ quotas: "aws" });
    const inputs = named(60).map((Name) => ({ Name }));
    const result = await atOnce(engine, "CreateHttpNamespace", inputs);
    expect(result).to.deep.equal({ taken: 50, refused: ["ResourceLimitExceeded"] });
    const refused = await refusal(engine, "CreatePrivateDnsNamespace", { Name: "x.test", Vpc: "vpc-1" });
    expect(refused.__type).to.equal("ResourceLimitExceeded");
    expect(refused.Message).to.match(/quota namespaces allows: 50/);
    const { Namespaces = [] } = await call(engine, "ListNamespaces", { MaxResults: 1 });
    await call(engine, "DeleteNamespace", { Id: Namespaces[0]?.Id ?? "" });
    await makeNamespace(engine, "late");
    expect((await refusal(engine, "CreateHttpNamespace", { Name: "later" })).__type).to.equal("ResourceLimitExceeded");
  });

  it("refuse instances beyond those of their service and of their namespace, but not what is registered again", async () => {
    await using engine = await start({
      quotas: file('{"instancesPerService":3,"instancesPerNamespace":5,"servicesPerNamespace":2}'),
    });
    const namespaceId = await makeNamespace(engine, "demo");
    const [a, b] = [await makeService(engine, namespaceId, "a"), await makeService(engine, namespaceId, "b")];
    const more = await refusal(engine, "CreateService", { NamespaceId: namespaceId, Name: "c" });
    expect(more.__type).to.equal("ResourceLimitExceeded");
    const registrations = (ServiceId: string, ids: readonly string[]) =>
      ids.map((InstanceId) => ({ ServiceId, InstanceId, Attributes: {} }));

    const inA = await atOnce(engine, "RegisterInstance", [
      ...registrations(a, named(3)),
      ...registrations(a, named(3)),
      ...registrations(a, named(4, "m")),
    ]);
    expect(inA).to.deep.equal({ taken: 6, refused: ["ResourceLimitExceeded"] });
    const inB = await atOnce(engine, "RegisterInstance", registrations(b, named(8)));
    expect(inB).to.deep.equal({ taken: 2, refused: ["ResourceLimitExceeded"] });
    const refused = await refusal(engine, "RegisterInstance", registrations(b, ["z"])[0]);
    expect(refused.Message).to.match(/The namespace ns-.* instancesPerNamespace allows: 5/);

    await call(engine, "DeregisterInstance", { ServiceId: a, InstanceId: "n0" });
    await register(engine, b, "z");
    await engine.restart();
    expect((await atOnce(engine, "RegisterInstance", registrations(a, ["n0"]))).taken).to.equal(0);
    await register(engine, a, "n1");
    await call(engine, "DeregisterInstance", { ServiceId: b, InstanceId: "z" });
    await register(engine, a, "n0");
    expect((await atOnce(engine, "RegisterInstance", registrations(a, ["n3"]))).taken).to.equal(0);
  });

  it("are counted anew where a service is deleted with others and made again", async () => {
    await using engine = await start({ quotas: file('{"servicesPerNamespace":1,"instancesPerNamespace":1}') });
    const namespaceId = await makeNamespace(engine, "demo");
    for (let round = 0; round < 3; round += 1) {
      const id = await makeService(engine, namespaceId, `s${round % 2}`);
      await register(engine, id, "i");
      expect(
        (await atOnce(engine, "RegisterInstance", [{ ServiceId: id, InstanceId: "j", Attributes: {} }])).taken,
      ).to.equal(0);
      await call(engine, "DeregisterInstance", { ServiceId: id, InstanceId: "i" });
      await call(engine, "DeleteService", { Id: id });
    }
  });

  it("fail an operation that was begun within them and ends when they are used up", async () => {
    await using engine = await start({ quotas: file('{"namespaces":1}'), operationDelay: 20 });
    const begun = await Promise.all(named(2).map((Name) => call(engine, "CreateHttpNamespace", { Name })));
    const ended = await Promise.all(begun.map(({ OperationId = "" }) => untilEnded(engine, OperationId)));
    expect(ended.map(({ Status }) => Status).sort()).to.deep.equal(["FAIL", "SUCCESS"]);
    expect(ended.find(({ Status }) => Status === "FAIL")?.ErrorCode).to.equal("ResourceLimitExceeded");
  });

  it("are none where nothing is said", async () => {
    await using engine = await start();
    expect(
      (
        await atOnce(
          engine,
          "CreateHttpNamespace",
          named(60).map((Name) => ({ Name })),
        )
      ).taken,
    ).to.equal(60);
  });

  it("come from a file that is understood, or the engine says why not", async () => {
    expect(readQuotas(file('{"namespaces":0}'))).to.deep.equal({ namespaces: 0 });
    for (const [content, reason] of [
      ["{", /the file is not JSON/],
      ['{"namespace":1}', /there is no quota "namespace"/],
      ['{"namespaces":-1}', /namespaces must be >= 0/],
      ['{"namespaces":"50"}', /namespaces must be integer/],
      ["[]", /the file must be object/],
    ] as const) {
      expect(() => readQuotas(file(content)), content).to.throw(reason);
    }
    expect(() => readQuotas("AWS")).to.throw(/--quotas takes none, aws or a file of quotas: ENOENT/);
  });
});

async function untilEnded(engine: Running, OperationId: string) {
  for (;;) {
    const { Operation } = await call(engine, "GetOperation", { OperationId });
    if (Operation?.Status !== "PENDING") return Operation ?? {};
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
