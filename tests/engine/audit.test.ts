/** The audit log: what is in it, of whom, and what must never be. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "cborg";
import { expect } from "chai";
import { targetPrefix } from "../../api/operations.ts";
import { sign } from "./auth/sign.ts";
import { call, makeNamespace, makeService, post, type Running, register, start } from "./running.ts";

const key = { accessKeyId: "AKIDEXAMPLE000000001", secretAccessKey: "a secret of sixteen and more/+=" };
const account = "123456789012";

interface Event {
  readonly eventName: string;
  readonly eventCategory: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: Record<string, unknown> | null;
  readonly responseElements: Record<string, unknown> | null;
  readonly userIdentity: Record<string, string>;
  readonly [field: string]: unknown;
}

describe("the audit log", () => {
  let folder: string;
  let auditLog: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-audit-"));
    auditLog = join(folder, "audit.log");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** What is in the file once the engine lets go of it. */
  async function events(engine: Running): Promise<Event[]> {
    await engine.engine.reopenLogs();
    const lines = readFileSync(auditLog, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }

  const keyFile = (): string => {
    const auth = join(folder, "keys.json");
    writeFileSync(auth, JSON.stringify({ keys: [{ ...key, name: "deploy" }] }), { mode: 0o600 });
    return auth;
  };
  const signed = (engine: Running, name: string, body: string, who = key) => {
    const headers = {
      ...{ host: new URL(engine.url).host, "content-type": "application/x-amz-json-1.1" },
      "x-amz-target": `${targetPrefix}.${name}`,
      "x-amz-security-token": "a session token that nobody must see",
    };
    const { host: _, ...rest } = sign(headers, body, { ...who, now: engine.clock.now });
    return post(engine, name, body, { ...rest, "user-agent": "my-cli/1.0" });
  };

  it("tells who did what to which resource, from where, with which answer, as CloudTrail does", async () => {
    await using engine = await start({ account, auditLog, auth: keyFile() });
    engine.clock.now = Date.UTC(2026, 6, 1, 12, 30, 5, 678);
    const answer = await signed(engine, "CreateHttpNamespace", '{"Name":"demo","CreatorRequestId":"r-1"}');
    expect(answer.status).to.equal(200);
    await signed(engine, "GetNamespace", '{"Id":"ns-none"}');
    const [made, refused] = await events(engine);
    const { eventID, ...rest }: Partial<Event> = made ?? {};
    expect(eventID).to.match(/^[0-9a-f-]{36}$/);
    expect(rest).to.deep.equal({
      eventVersion: "1.11",
      userIdentity: {
        type: "IAMUser",
        principalId: key.accessKeyId,
        arn: `arn:aws:iam::${account}:user/deploy`,
        accountId: account,
        accessKeyId: key.accessKeyId,
        userName: "deploy",
      },
      eventTime: "2026-07-01T12:30:05Z",
      eventSource: "servicediscovery.amazonaws.com",
      eventName: "CreateHttpNamespace",
      awsRegion: "us-east-1",
      sourceIPAddress: "127.0.0.1",
      userAgent: "my-cli/1.0",
      requestParameters: { name: "demo", creatorRequestId: "r-1" },
      responseElements: { operationId: JSON.parse(answer.text).OperationId },
      requestID: answer.headers.get("x-amzn-requestid"),
      readOnly: false,
      resources: [],
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: account,
      eventCategory: "Management",
    });
    expect(refused).to.deep.include({
      eventName: "GetNamespace",
      readOnly: true,
      errorCode: "NamespaceNotFound",
      errorMessage: "No namespace ns-none exists.",
      responseElements: null,
      resources: [
        {
          type: "AWS::ServiceDiscovery::Namespace",
          ARN: `arn:aws:servicediscovery:us-east-1:${account}:namespace/ns-none`,
          accountId: account,
        },
      ],
    });
  });

  it("holds no secret, signature or token, and no value that people put where secrets may be", async () => {
    await using engine = await start({ account, auditLog, auth: keyFile() });
    const namespace = JSON.parse((await signed(engine, "CreateHttpNamespace", '{"Name":"demo"}')).text).OperationId;
    const ns = JSON.parse((await signed(engine, "GetOperation", JSON.stringify({ OperationId: namespace }))).text);
    const NamespaceId = ns.Operation.Targets.NAMESPACE;
    const made = await signed(engine, "CreateService", JSON.stringify({ NamespaceId, Name: "web" }));
    const ServiceId = JSON.parse(made.text).Service.Id;
    const attributes = { AWS_INSTANCE_IPV4: "10.0.0.1", password: "hunter2" };
    const bodies = [
      { ServiceId, InstanceId: "i", Attributes: attributes },
      { ServiceId, InstanceId: "i", Attributes: { password: "hunter2\u0000", long: `hunter2${"\u0001".repeat(200)}` } },
      { ServiceId, InstanceId: "i", Attributes: { password: { of: "hunter2" } } },
      {
        ServiceId,
        InstanceId: "i",
        Attributes: Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`hunter2-${at}`, "hunter2"])),
      },
      { ServiceId, InstanceId: "i", Attributes: "hunter2" },
      { ServiceId, InstanceId: "i", Attributes: ["hunter2"] },
    ];
    for (const body of bodies) await signed(engine, "RegisterInstance", JSON.stringify(body));
    await signed(engine, "RegisterInstance", '{"Attributes":{"password":hunter2}}');
    await signed(engine, "UpdateServiceAttributes", JSON.stringify({ ServiceId, Attributes: { password: "hunter2" } }));
    const wrong = { ...key, secretAccessKey: "another secret, the wrong one" };
    expect((await signed(engine, "ListServices", "{}", wrong)).text).to.include("SignatureDoesNotMatch");

    const all = await events(engine);
    expect(all.map(({ errorCode = "OK" }) => errorCode)).to.deep.equal([
      ...["OK", "OK", "OK", "OK", "InvalidInput", "InvalidInput", "InvalidInput", "InvalidInput", "InvalidInput"],
      ...["SerializationException", "OK", "SignatureDoesNotMatch"],
    ]);
    expect(all[3]?.requestParameters).to.deep.equal({
      serviceId: ServiceId,
      instanceId: "i",
      attributes: { AWS_INSTANCE_IPV4: "10.0.0.1", password: "HIDDEN_DUE_TO_SECURITY_REASONS" },
    });
    expect(all.at(-1)?.userIdentity).to.deep.equal({ type: "Unknown" });
    const text = readFileSync(auditLog, "utf8").replaceAll(/"hunter2-\d+"/g, ""); // keys are told
    for (const secret of ["hunter2", key.secretAccessKey, wrong.secretAccessKey, "session token", "Signature="]) {
      expect(text.includes(secret), secret).to.equal(false);
    }
    expect(text).not.to.match(/[0-9a-f]{64}/); // a signature
  });

  it("can be printed: what would move a cursor or break a line is escaped", async () => {
    await using engine = await start({ account, auditLog });
    const nasty = "\u001b[2J\u009b1m\u2028\u202e\n\u007f";
    await post(engine, "CreateHttpNamespace", JSON.stringify({ Name: nasty, Description: nasty }));
    const [event] = await events(engine);
    expect(event?.requestParameters).to.deep.equal({ name: nasty, description: nasty });
    expect(readFileSync(auditLog, "utf8").slice(0, -1)).to.match(/^[\x20-\x7e]+$/);
  });

  it("keeps what is refused for its size small, and its keys what they were", async () => {
    await using engine = await start({ account, auditLog });
    await post(engine, "ListTagsForResource", JSON.stringify({ ResourceARN: "x".repeat(100_000), more: "y" }));
    await post(engine, "UntagResource", JSON.stringify({ ResourceARN: "x", TagKeys: Array(9_000).fill("k") }));
    const Attributes = '{"__proto__":"a","constructor":"b"}';
    await post(engine, "RegisterInstance", `{"ServiceId":"s","InstanceId":"i","Attributes":${Attributes}}`);
    const all = await events(engine);
    for (const event of all) expect(JSON.stringify(event)).to.have.length.below(4_000);
    expect(all[0]?.requestParameters).to.have.all.keys("resourceARN");
    const { attributes } = all[2]?.requestParameters ?? {};
    expect(Object.keys(attributes as object)).to.deep.equal(["__proto__", "constructor"]);
  });

  it("tells of what only CBOR can say", async () => {
    await using engine = await start({ account, auditLog });
    const body = encode({ ServiceId: 2n ** 63n, InstanceId: Number.NaN, Attributes: { AWS_INSTANCE_PORT: 2n ** 63n } });
    const answer = await fetch(`${engine.url}/service/${targetPrefix}/operation/RegisterInstance`, {
      method: "POST",
      headers: { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" },
      body: Buffer.from(body),
    });
    expect(answer.status).to.equal(400);
    const [event] = await events(engine);
    const big = 2 ** 63;
    expect(event?.requestParameters).to.deep.equal({
      serviceId: big,
      instanceId: null,
      attributes: { AWS_INSTANCE_PORT: big },
    });
    expect(engine.logged.filter((line) => line.includes("audit"))).to.deep.equal([]);
  });

  it("leaves discoveries out, unless it is told to have them", async () => {
    await using engine = await start({ account, auditLog });
    const service = await makeService(engine, await makeNamespace(engine, "demo"), "web");
    await register(engine, service, "i");
    const discover = () => call(engine, "DiscoverInstances", { NamespaceName: "demo", ServiceName: "web" });
    await discover();
    const names = async () => (await events(engine)).map(({ eventName }) => eventName);
    const managed = ["CreateHttpNamespace", "GetOperation", "CreateService", "RegisterInstance"];
    expect(await names()).to.deep.equal(managed);
    await engine.restart({ auditData: true });
    await discover();
    expect(await names()).to.deep.equal([...managed, "DiscoverInstances"]);
    const { managementEvent, eventCategory }: Partial<Event> = (await events(engine)).at(-1) ?? {};
    expect({ managementEvent, eventCategory }).to.deep.equal({ managementEvent: false, eventCategory: "Data" });
  });

  it("is not flooded by callers who cannot prove who they are", async () => {
    await using engine = await start({ account, auditLog, auth: keyFile() });
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 20 }, () => post(engine, "ListNamespaces", "{}")));
    }
    await signed(engine, "ListNamespaces", "{}");
    expect(await events(engine)).to.have.lengthOf(60 + 1);
    engine.clock.now += 5_000;
    await Promise.all(Array.from({ length: 20 }, () => post(engine, "ListNamespaces", "{}")));
    expect(await events(engine)).to.have.lengthOf(60 + 1 + 5);
  });

  it("is whole after a stop, and must be writable at the start", async () => {
    const engine = await start({ account, auditLog });
    await Promise.all(Array.from({ length: 200 }, () => call(engine, "ListNamespaces", {})));
    await engine.engine.stop();
    expect(readFileSync(auditLog, "utf8").split("\n")).to.have.lengthOf(201);
    const failure = await engine.restart({ auditLog: folder }).catch((error: Error) => error.message);
    expect(failure).to.match(/^--audit-log .*: it cannot be written: EISDIR/);
    await engine.restart();
    await engine[Symbol.asyncDispose]();
  });
});
