// Smithy RPC v2 CBOR: what is the same as in JSON, what only CBOR has, and bodies that nobody should send.
import { Tagged } from "cborg";
import { expect } from "chai";
import fc from "fast-check";
import { CloudMapError } from "../../../api/errors.ts";
import { operations } from "../../../api/operations.ts";
import type { Schema } from "../../../api/schema.ts";
import { cbor } from "../../../engine/http/cbor.ts";
import { json } from "../../../engine/http/json.ts";
import { call, makeNamespace, makeService, type Running, start } from "../running.ts";
import { callCbor, readCbor, sendCbor, valuesOf, writeCbor } from "./protocols.ts";

const bytes = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");
/** `{KEY: …}` of one member, of which the value is given in hexadecimal. */
const member = (name: string, value: string) => Buffer.concat([bytes("a1"), writeCbor(name), bytes(value)]);

/** What an operation may answer; a discovery always says its revision. */
function outputsOf(name: string, output: Schema): fc.Arbitrary<unknown> {
  const values = valuesOf(output);
  if (name !== "DiscoverInstances") return values;
  return values.map((value) => ({ Instances: [], InstancesRevision: 0, ...(value as object) }));
}

describe("the two protocols", () => {
  for (const [name, { input, output }] of Object.entries(operations)) {
    it(`say the same of ${name}`, () => {
      fc.assert(
        fc.property(output === undefined ? fc.constant(undefined) : outputsOf(name, output), (value) => {
          const [one, other] = [cbor.encode(name, value), json.encode(name, value)];
          expect(readCbor(Buffer.from(one))).to.deep.equal(other === "" ? undefined : JSON.parse(String(other)));
        }),
        { numRuns: 40 },
      );
      fc.assert(
        fc.property(valuesOf(input), (value) => {
          expect(cbor.decode(Buffer.from(writeCbor(value)))).to.deep.equal(
            json.decode(Buffer.from(JSON.stringify(value))),
          );
        }),
        { numRuns: 40 },
      );
    });
  }

  it("say the same of errors, each by its own name for them", () => {
    const error = new CloudMapError("NamespaceAlreadyExists", "é", { NamespaceId: "ns-1", CreatorRequestId: "c" });
    const { __type, ...rest } = JSON.parse(String(json.encodeError(error)));
    expect(__type).to.equal("NamespaceAlreadyExists");
    expect(readCbor(Buffer.from(cbor.encodeError(error)))).to.deep.equal({
      __type: "com.amazonaws.servicediscovery#NamespaceAlreadyExists",
      ...rest,
    });
  });
});

describe("CBOR", () => {
  let engine: Running;
  before(async () => {
    engine = await start();
  });
  after(() => engine[Symbol.asyncDispose]());

  /** Status and body of what is answered to a body. */
  const send = async (body: Uint8Array, operation = "ListNamespaces", headers = {}) => {
    const { status, value } = await sendCbor(engine, operation, body, headers);
    return { status, ...(value as object) };
  };
  const refused = (Message: string, code = "SerializationException", status = 400) => ({
    status,
    __type: `com.amazonaws.servicediscovery#${code}`,
    Message,
  });

  it("answers with its protocol, a request id, the content type and the revision", async () => {
    const { status, headers } = await callCbor(engine, "ListNamespaces", {});
    expect(status).to.equal(200);
    expect(headers.get("smithy-protocol")).to.equal("rpc-v2-cbor");
    expect(headers.get("content-type")).to.equal("application/cbor");
    expect(headers.get("x-amzn-requestid")).to.match(/^[0-9a-f-]{36}$/);
    expect(Number(headers.get("x-cloudmap-revision"))).to.be.above(0);
  });

  it("tags times, and JSON says the same ones", async () => {
    const Id = await makeNamespace(engine, "times");
    const { value } = await callCbor(engine, "GetNamespace", { Id });
    expect(value).to.deep.equal(await call(engine, "GetNamespace", { Id }));
    const { CreateDate = 0 } = (value as { Namespace: { CreateDate?: number } }).Namespace;
    const body = Buffer.from(cbor.encode("GetNamespace", value));
    const tagged = Buffer.from(writeCbor(new Tagged(1, CreateDate), { float64: true }));
    expect(body.includes(tagged)).to.equal(true);
    expect(tagged[0]).to.equal(0xc1);
    const begun = Buffer.from(cbor.encode("CreateHttpNamespace", { OperationId: "o", Operation: { CreateDate } }));
    expect(begun.includes(tagged)).to.equal(true);
  });

  it("answers an operation without output with neither body nor content type", async () => {
    const ServiceId = await makeService(engine, await makeNamespace(engine, "n"), "s", { HealthCheckCustomConfig: {} });
    await call(engine, "RegisterInstance", { ServiceId, InstanceId: "i", Attributes: {} });
    const input = { ServiceId, InstanceId: "i", Status: "HEALTHY" };
    const { status, headers, value } = await callCbor(engine, "UpdateInstanceCustomHealthStatus", input);
    expect([status, value, headers.get("content-type")]).to.deep.equal([200, undefined, null]);
  });

  it("answers discoveries of any number, and again when health is another", async () => {
    const ServiceId = await makeService(engine, await makeNamespace(engine, "d"), "s", { HealthCheckCustomConfig: {} });
    const names = { NamespaceName: "d", ServiceName: "s" };
    for (let count = 0; count < 30; count += 1) {
      for (const HealthStatus of ["ALL", "HEALTHY", "UNHEALTHY"] as const) {
        const [{ value }, wanted] = await Promise.all([
          callCbor(engine, "DiscoverInstances", { ...names, HealthStatus }),
          call(engine, "DiscoverInstances", { ...names, HealthStatus }),
        ]);
        const { Instances = [], InstancesRevision } = value as typeof wanted;
        expect(Instances).to.have.deep.members([...(wanted.Instances ?? [])]);
        expect(InstancesRevision).to.equal(wanted.InstancesRevision);
      }
      const Attributes = { n: String(count), AWS_INIT_HEALTH_STATUS: count % 3 === 0 ? "UNHEALTHY" : "HEALTHY" };
      await call(engine, "RegisterInstance", { ServiceId, InstanceId: `i-${count % 25}`, Attributes });
    }
  });

  it("keeps attributes of any name, and answers them in both protocols", async () => {
    const ServiceId = await makeService(engine, await makeNamespace(engine, "a"), "s");
    const Attributes = JSON.parse(
      '{"__proto__":"p","constructor":"c","toString":"t","hasOwnProperty":"h","valueOf":"v"}',
    );
    const { status } = await callCbor(engine, "RegisterInstance", { ServiceId, InstanceId: "i", Attributes });
    expect(status).to.equal(200);
    await call(engine, "RegisterInstance", { ServiceId, InstanceId: "j", Attributes });
    const entries = (value: object = {}) => Object.entries(value).toSorted();
    for (const restarted of [false, true]) {
      if (restarted) await engine.restart();
      for (const InstanceId of ["i", "j"]) {
        const input = { ServiceId, InstanceId };
        const { Instance } = await call(engine, "GetInstance", input);
        expect(entries(Instance?.Attributes)).to.deep.equal(entries(Attributes));
        const { value } = await callCbor(engine, "GetInstance", input);
        const answer = value as { Instance: { Attributes: object } };
        expect(entries(answer.Instance.Attributes)).to.deep.equal(entries(Attributes));
      }
    }
    const QueryParameters = JSON.parse('{"__proto__":"p","constructor":"c"}');
    const { value } = await callCbor(engine, "DiscoverInstances", {
      NamespaceName: "a",
      ServiceName: "s",
      QueryParameters,
    });
    expect((value as { Instances: object[] }).Instances).to.have.length(2);
  });

  it("takes an empty body for an empty map", async () => {
    expect((await send(bytes(""))).status).to.equal(200);
  });

  it("takes what may be written in several ways", async () => {
    const key = "6a 4d6178526573756c7473"; // MaxResults
    const ways = {
      "a map up to a break": `bf ${key} 01 ff`,
      "a text in chunks": "a1 7f 63 4d6178 67 526573756c7473 ff 01",
      "a length in more bytes than it needs": `b9 0001 7a 0000000a 4d6178526573756c7473 1b 0000000000000001`,
      "a whole number as a float of 16 bits": `a1 ${key} f9 3c00`,
      "a whole number as a float of 64 bits": `a1 ${key} fb 3ff0000000000000`,
      "tags that say nothing to the API": `d9d9f7 a1 ${key} d8 64 01`,
      "null, for a member that is left out": `a1 ${key} f6`,
      "undefined, for a member that is left out": `a1 ${key} f7`,
      "a list up to a break": "a1 67 46696c74657273 9f a2 64 4e616d65 64 54595045 66 56616c756573 9f 64 48545450 ff ff",
      "members that the API does not know": "a2 61 61 fb 7ff8000000000000 61 62 1b ffffffffffffffff",
    };
    for (const [way, hex] of Object.entries(ways)) expect((await send(bytes(hex))).status, way).to.equal(200);
  });

  it("keeps text exactly: of any language, with a byte-order mark, and in chunks", async () => {
    for (const [index, Description] of ["\ufeffключ 鍵 😀", "\ufeff", "x\ufeff\u0000", "\ufffd"].entries()) {
      const { value } = await callCbor(engine, "CreateHttpNamespace", { Name: `text-${index}`, Description });
      const { OperationId = "" } = value as { OperationId?: string };
      const { Operation } = await call(engine, "GetOperation", { OperationId });
      const { Namespace } = await call(engine, "GetNamespace", { Id: Operation?.Targets?.NAMESPACE ?? "" });
      expect(Namespace?.Description).to.equal(Description);
    }
    expect(cbor.decode(bytes("a1 7f 61 61 60 61 62 ff 7f ff"))).to.deep.equal({ ab: "" });
  });

  it("refuses what is no CBOR, or no map", async () => {
    const broken = [
      "a1", "a1 61", "a1 61 61", "bf", "bf 61 61", "ff", "a1 61 61 ff", "a0 00", "a1 1c", "bf 61 61 ff", "c1", "a1 61 61 c6 ff",
      "a1 61 61 7f 01 ff", "a1 61 61 7f 7f ff ff", "a1 61 61 7f 61", "a1 61 61 7b ffffffffffffffff", "a1 61 61 7a ffffffff",
      "a1 61 61 79 ff", "a1 61 61 7c", "bb ffffffffffffffff", "ba ffffffff 61 61 01", "a1 61 61 9b ffffffffffffffff 01",
      "a1 61 61 f8 20", "a1 61 61 e0", "a1 61 61 dc", "a1 61 61 fc", "a1 61 61 fb 00", "a1 61 61 1a 00", "01 02",
    ]; // biome-ignore format: one list
    for (const hex of broken) {
      const { status, __type, Message } = (await send(bytes(hex))) as ReturnType<typeof refused>;
      expect({ status, __type }, hex).to.deep.equal({ status, __type: refused("").__type });
      expect(status, hex).to.equal(400);
      expect(Message, hex).to.match(/^The body is not (CBOR: .+|a CBOR map)\.$/);
    }
    for (const hex of ["80", "81 a0", "01", "61 61", "f6", "f5", "f7", "fb 7ff8000000000000", "c1 01"]) {
      expect(await send(bytes(hex)), hex).to.deep.equal(refused("The body is not a CBOR map."));
    }
    expect(await send(bytes("a2 61 61 01 61 61 02"))).to.deep.equal(
      refused('The body is not CBOR: found repeat map key "a".'),
    );
    expect(await send(bytes("a1 01 02"))).to.deep.equal(
      refused("The body is not CBOR: non-string keys not supported (got number)."),
    );
    expect(await send(member("a", "62 c328"))).to.deep.equal(refused("The body is not CBOR: a text is not UTF-8."));
    expect(await send(member("a", "7f 61 c3 61 a9 ff"))).to.deep.equal(
      refused("The body is not CBOR: a text is not UTF-8."),
    );
  });

  it("refuses what the API has no use for", async () => {
    const noBytes = refused("The body has a string of bytes; the API has text only.");
    for (const hex of ["40", "41 00", "5f 41 00 ff", "c2 49 010000000000000000"]) {
      expect(await send(member("a", hex)), hex).to.deep.equal(noBytes);
    }
    const noTime = refused("The body has a time that is not a number.");
    for (const hex of ["c1 61 61", "c1 f6", "c1 a0", "c1 80"]) {
      expect(await send(member("a", hex)), hex).to.deep.equal(noTime);
    }
  });

  it("refuses a number that is none of the API's, whatever it is", async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1.5, 0, -1, 2n ** 64n - 1n, -(2n ** 64n)]) {
      const { status, value: answer } = await callCbor(engine, "ListNamespaces", { MaxResults: value });
      const { __type, Message } = answer as ReturnType<typeof refused>;
      expect([status, __type], String(value)).to.deep.equal([400, refused("", "InvalidInput").__type]);
      expect(Message).to.match(/^1 validation error detected: Value '.*' at 'maxResults' failed/);
    }
  });

  it("refuses a body that nests too deep or has too many values, before it builds any of it", async () => {
    const deep = refused("The body nests more than 32 deep.");
    const nested = (hex: string, times: number) => member("a", `${hex.repeat(times)} 00`);
    for (const hex of ["81", "a1 60", "9f", "bf 60"]) {
      expect(await send(nested(hex, 32)), hex).to.deep.equal(deep);
      expect(await send(nested(hex, 100_000 / hex.length)), hex).to.deep.equal(deep);
    }
    expect((await send(member("a", `${"81".repeat(31)} 00`))).status).to.equal(200);
    expect((await send(member("a", `${"9f".repeat(31)} ${"ff".repeat(31)}`))).status).to.equal(200);
    const many = refused("The body has more than 10000 values.");
    const chunks = `7f ${"60".repeat(10_001)} ff`;
    for (const hex of [
      `9a 00002710 ${"00".repeat(10_000)}`,
      `9f ${"00".repeat(10_000)} ff`,
      "c6".repeat(10_001),
      chunks,
    ]) {
      expect(await send(member("a", hex)), hex.slice(0, 10)).to.deep.equal(many);
    }
    expect((await send(member("a", `99 1388 ${"00".repeat(5_000)}`))).status).to.equal(200);
  });

  it("asks for its header and its content type, and refuses a second name for the operation", async () => {
    const header = (value: string) =>
      refused(`The header smithy-protocol must be rpc-v2-cbor, and is ${value}.`, "UnsupportedMediaType", 415);
    for (const value of ["rpc-v2-json", "rpc-v2-cbor2", "RPC-V2-CBOR"]) {
      expect(await send(bytes("a0"), "ListNamespaces", { "smithy-protocol": value })).to.deep.equal(header(value));
    }
    expect(await send(bytes("a0"), "ListNamespaces", { "smithy-protocol": "" })).to.include({ status: 415 });
    for (const type of ["application/x-amz-json-1.1", "application/cbor; charset=utf-8", "text/plain"]) {
      expect(await send(bytes("a0"), "ListNamespaces", { "content-type": type })).to.deep.equal(
        refused(`The content type must be application/cbor, and is ${type}.`, "UnsupportedMediaType", 415),
      );
    }
    const twice = { "x-amz-target": "Route53AutoNaming_v20170314.DeleteNamespace" };
    expect(await send(bytes("a0"), "ListNamespaces", twice)).to.include({ status: 400 });
  });

  it("refuses paths that are no operation of its own", async () => {
    for (const name of ["", "listNamespaces", "__proto__", "constructor", "ListNamespaces%20", "ListEverything"]) {
      expect(await send(bytes("a0"), name)).to.deep.equal(
        refused(`There is no operation ${name}.`, "UnknownOperationException"),
      );
    }
    const answer = await fetch(`${engine.url}/service/DynamoDB_20120810/operation/ListTables`, {
      method: "POST",
      headers: { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" },
      body: bytes("a0"),
    });
    expect({ status: answer.status, ...(readCbor(await answer.bytes()) as object) }).to.deep.equal(
      refused(
        "There is no service DynamoDB_20120810 here, but Route53AutoNaming_v20170314.",
        "UnknownOperationException",
      ),
    );
  });

  it("logs nothing of all this", () => {
    expect(engine.logged).to.deep.equal([]);
  });
});
