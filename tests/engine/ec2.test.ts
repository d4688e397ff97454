/** Instances by their EC2 id: the table that the operator gives, and the address that is filled in. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { call, makeNamespace, makeService, namespaceOf, type Running, refusal, register, start } from "./running.ts";

const known = "i-0abcd1234ef567890";

describe("instances by their EC2 id", () => {
  let folder: string;
  let file: string;
  let engine: Running;
  let service: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-ec2-"));
    file = join(folder, "ec2.json");
    write({ [known]: "10.0.0.7" });
    engine = await start({ ec2: file });
    service = await makeService(engine, await makeNamespace(engine, "n"), "s", { HealthCheckCustomConfig: {} });
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  /** As an operator's tool would: the new file in the place of the old one. */
  const write = (content: unknown) => {
    writeFileSync(`${file}.new`, typeof content === "string" ? content : JSON.stringify(content));
    renameSync(`${file}.new`, file);
  };
  const request = (id: string, more = {}) => ({
    ServiceId: service,
    InstanceId: "i",
    Attributes: { AWS_EC2_INSTANCE_ID: id, ...more },
  });
  const attributes = async () =>
    (await call(engine, "GetInstance", { ServiceId: service, InstanceId: "i" })).Instance?.Attributes;

  it("get their private address, in every answer", async () => {
    await call(engine, "RegisterInstance", request(known, { AWS_INIT_HEALTH_STATUS: "UNHEALTHY" }));
    const wanted = { AWS_EC2_INSTANCE_ID: known, AWS_INIT_HEALTH_STATUS: "UNHEALTHY", AWS_INSTANCE_IPV4: "10.0.0.7" };
    expect(await attributes()).to.deep.equal(wanted);
    const { Instances: listed } = await call(engine, "ListInstances", { ServiceId: service });
    const asked = { NamespaceName: "n", ServiceName: "s", HealthStatus: "UNHEALTHY" } as const;
    const { Instances: found } = await call(engine, "DiscoverInstances", asked);
    expect([listed?.[0]?.Attributes, found?.[0]?.Attributes]).to.deep.equal([wanted, wanted]);
  });

  it("are registered once by a request that is sent twice, the filled-in address notwithstanding", async () => {
    const input = { ...request(known), CreatorRequestId: "twice" };
    const first = await call(engine, "RegisterInstance", input);
    expect(await call(engine, "RegisterInstance", input)).to.deep.equal(first);
    const other = { ...input, Attributes: { AWS_INSTANCE_IPV4: "10.0.0.7" } };
    expect((await refusal(engine, "RegisterInstance", other)).__type).to.equal("InvalidInput");
  });

  it("are refused where the table does not have them, as is an address beside the id", async () => {
    expect(await refusal(engine, "RegisterInstance", request("i-0none"))).to.deep.equal({
      __type: "InvalidInput",
      Message:
        "The EC2 instance i-0none is not known here: the table of them does not have it (--ec2). Give AWS_INSTANCE_IPV4 instead, or have it added.",
    });
    const both = request(known, { AWS_INSTANCE_IPV4: "10.0.0.7" });
    expect((await refusal(engine, "RegisterInstance", both)).Message).to.include("AWS_EC2_INSTANCE_ID");
    for (const id of ["__proto__", "constructor"]) {
      expect((await refusal(engine, "RegisterInstance", request(id))).__type).to.equal("InvalidInput");
    }
  });

  it("are refused in a DNS namespace, and everywhere by an engine without a table", async () => {
    const Id = await namespaceOf(engine, await call(engine, "CreatePublicDnsNamespace", { Name: "example.com" }));
    const DnsConfig = { DnsRecords: [{ Type: "A", TTL: 5 }] } as const;
    const dns = await makeService(engine, Id, "web", { DnsConfig });
    const refused = await refusal(engine, "RegisterInstance", { ...request(known), ServiceId: dns });
    expect(refused.Message).to.include("can only be given in a service of an HTTP namespace");
    await using without = await start();
    const other = await makeService(without, await makeNamespace(without, "n"), "s");
    const { Message } = await refusal(without, "RegisterInstance", { ...request(known), ServiceId: other });
    expect(Message).to.include("none is, for there is no table of them (--ec2)");
  });

  it("follow the file when it changes; a file that cannot be read changes nothing, and is complained of once", async () => {
    await register(engine, service, "i", { AWS_EC2_INSTANCE_ID: known });
    write({ [known]: "10.0.0.8", "i-0new": "10.0.0.9" });
    expect((await attributes())?.AWS_INSTANCE_IPV4, "until it is registered again").to.equal("10.0.0.7");
    await call(engine, "RegisterInstance", request("i-0new"));
    expect((await attributes())?.AWS_INSTANCE_IPV4).to.equal("10.0.0.9");
    const complaints = () => engine.logged.filter((line) => line.startsWith("error --ec2"));
    for (const broken of ["{", { [known]: "not an address" }]) {
      const before = complaints().length;
      write(broken);
      for (const _ of [1, 2]) await call(engine, "RegisterInstance", request(known));
      expect((await attributes())?.AWS_INSTANCE_IPV4).to.equal("10.0.0.8");
      expect(complaints()).to.have.length(before + 1);
    }
    rmSync(file);
    await call(engine, "RegisterInstance", request(known));
    expect(complaints().at(-1)).to.include("no such file");
    write({ [known]: "10.0.0.10" });
    await call(engine, "RegisterInstance", request(known));
    expect((await attributes())?.AWS_INSTANCE_IPV4).to.equal("10.0.0.10");
  });

  it("keep an engine from starting with a table that makes no sense", async () => {
    const wrong: [unknown, RegExp][] = [
      ["[1", /is not JSON/],
      [[], /must be a JSON object/],
      ["null", /must be a JSON object/],
      [{ [known]: "::1" }, new RegExp(`${known} must have an IPv4 address, and has "::1"`)],
      [{ [known]: 7 }, /must have an IPv4 address, and has 7/],
      [{ "i with blanks": "10.0.0.1" }, /"i with blanks" is not the id of an instance/],
    ];
    for (const [content, message] of wrong) {
      write(content);
      const failure = await start({ ec2: file }).then(
        () => "it started",
        (error: Error) => error.message,
      );
      expect(failure).to.match(message).and.to.include(`--ec2 ${file}`);
    }
  });
});
