// Callers of an engine with --auth: who is let in, and what the others are told.
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignatureV4 } from "@smithy/signature-v4";
import { expect } from "chai";
import { startEngine } from "../../../engine/engine.ts";
import { Sha256 } from "../../../provider/sha256.ts";
import { type Running, start } from "../running.ts";
import { type Signing, sha256, sign } from "./sign.ts";

const key = { accessKeyId: "AKIDEXAMPLE0000000001", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const other = { accessKeyId: "AKIDEXAMPLE0000000002", secretAccessKey: "another secret of sixteen and more" };

describe("an engine with keys", () => {
  let folder: string;
  let file: string;
  let engine: Running;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-auth-"));
    file = join(folder, "keys.json");
    writeFileSync(file, JSON.stringify({ keys: [{ ...key, name: "first" }, other] }), { mode: 0o600 });
    engine = await start({ auth: file });
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const body = '{"MaxResults":1}';
  const plain = (target = "ListNamespaces") => ({
    host: new URL(engine.url).host,
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `Route53AutoNaming_v20170314.${target}`,
  });
  const signed = (options: Partial<Signing> = {}, text = body, headers: Record<string, string> = plain()) =>
    sign(headers, text, { ...key, now: engine.clock.now, ...options });
  const send = async (headers: Record<string, string>, text = body) => {
    const sent = request(engine.url, { method: "POST", headers });
    sent.end(text);
    const [response] = await once(sent, "response");
    const answer = (await response.toArray()).join("");
    const { __type, Message } = answer.startsWith("{") ? JSON.parse(answer) : { __type: answer, Message: "" };
    return { status: response.statusCode, code: __type, message: Message };
  };
  const refused = async (code: string, headers: Record<string, string>, text = body) => {
    const answer = await send(headers, text);
    expect({ status: answer.status, code: answer.code }).to.deep.equal({ status: 400, code });
    return answer.message;
  };

  it("lets in whoever signs with one of them", async () => {
    for (const who of [key, other]) expect(await send(signed(who))).to.include({ status: 200 });
  });

  it("lets in a request with more signed headers, blanks in them and a session token", async () => {
    const headers = { ...plain(), "x-amz-security-token": "abc", "user-agent": "a   b\tc", accept: "*/*" };
    expect(await send(signed({}, body, headers))).to.include({ status: 200 });
    const hashed = { ...plain(), "x-amz-content-sha256": sha256(body) };
    expect(await send(signed({}, body, hashed))).to.include({ status: 200 });
  });

  it("refuses who does not sign, or signs with what it does not know", async () => {
    expect(await refused("MissingAuthenticationToken", plain())).to.include("give the client an access key");
    const unknown = { accessKeyId: "AKIDUNKNOWN000000000", secretAccessKey: key.secretAccessKey };
    expect(await refused("InvalidClientTokenId", signed(unknown))).to.equal(
      "The access key AKIDUNKNOWN000000000 is not known to this engine.",
    );
    expect(await refused("SignatureDoesNotMatch", signed({ ...key, secretAccessKey: other.secretAccessKey }))).to.equal(
      `The signature is not that of this request with the secret of ${key.accessKeyId}.`,
    );
  });

  it("refuses what was changed after it was signed", async () => {
    await refused("SignatureDoesNotMatch", signed(), '{"MaxResults":2}');
    await refused("SignatureDoesNotMatch", signed(), "");
    const target = "Route53AutoNaming_v20170314.ListServices";
    await refused("SignatureDoesNotMatch", { ...signed(), "x-amz-target": target });
    await refused("SignatureDoesNotMatch", { ...signed(), host: "localhost" });
    const later = new Date(engine.clock.now + 1000).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
    await refused("SignatureDoesNotMatch", { ...signed(), "x-amz-date": later });
    const first = signed();
    const flipped = first.authorization?.replace(/.$/, (digit) => (digit === "0" ? "1" : "0")) ?? "";
    await refused("SignatureDoesNotMatch", { ...first, authorization: flipped });
  });

  it("refuses a body that is not the one whose hash was signed", async () => {
    const hashed = signed({}, body, { ...plain(), "x-amz-content-sha256": sha256(body) });
    await refused("SignatureDoesNotMatch", hashed, '{"MaxResults":2}');
    const unsigned = signed({}, body, { ...plain(), "x-amz-content-sha256": "UNSIGNED-PAYLOAD" });
    await refused("SignatureDoesNotMatch", unsigned);
    await refused("SignatureDoesNotMatch", unsigned, '{"MaxResults":2}');
  });

  it("refuses a signature that does not cover the host, the time and the operation", async () => {
    const names = ["content-type", "host", "x-amz-date", "x-amz-target"];
    for (const left of ["host", "x-amz-date", "x-amz-target"]) {
      const message = await refused("SignatureDoesNotMatch", signed({ signed: names.filter((name) => name !== left) }));
      expect(message).to.include(left);
    }
  });

  it("refuses a signature of another time, region or service, and says both", async () => {
    for (const minutes of [-6, 6, 60 * 24]) {
      const now = engine.clock.now + minutes * 60_000;
      const message = await refused("RequestExpired", signed({ now }));
      expect(message).to.include(new Date(engine.clock.now).toISOString());
    }
    for (const minutes of [-4.9, 4.9]) {
      expect(await send(signed({ now: engine.clock.now + minutes * 60_000 }))).to.include({ status: 200 });
    }
    expect(await refused("SignatureDoesNotMatch", signed({ region: "eu-west-1" }))).to.equal(
      "The request is signed for the region eu-west-1, and this engine is in us-east-1: set the client's region to us-east-1.",
    );
    expect(await refused("SignatureDoesNotMatch", signed({ service: "s3" }))).to.equal(
      "The request is signed for the service s3, not servicediscovery.",
    );
  });

  it("refuses a header that is no signature", async () => {
    const good = signed().authorization ?? "";
    const bad = [
      "",
      "Basic dTpw",
      "AWS4-HMAC-SHA256",
      `${good}0`,
      good.replace("aws4_request", "aws5_request"),
      good.toUpperCase(),
    ];
    for (const authorization of [
      ...bad,
      good.replace("SignedHeaders=", "SignedHeaders=;"),
      good.replace("SignedHeaders=", "SignedHeaders=__proto__;constructor;"),
      `AWS4-HMAC-SHA256 ${"a".repeat(8000)}`,
    ]) {
      const { status, code } = await send({ ...signed(), authorization });
      expect(status, authorization).to.equal(400);
      expect(code, authorization).to.be.oneOf(["IncompleteSignature", "SignatureDoesNotMatch"]);
    }
    const { "x-amz-date": _, ...undated } = signed();
    await refused("IncompleteSignature", undated);
    for (const date of ["", "yesterday", "20261399T996199Z", "2026-11-21T00:00:00Z"]) {
      const { status } = await send({ ...signed(), "x-amz-date": date });
      expect(status, date).to.equal(400);
    }
  });

  it("asks the same of callers of STS, whose signature is for sts", async () => {
    const form = "Action=GetCallerIdentity&Version=2011-06-15";
    const headers = {
      host: new URL(engine.url).host,
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    };
    expect(await send(signed({ service: "sts" }, form, headers), form)).to.include({ status: 200 });
    for (const wrong of [signed({}, form, headers), headers, signed({ service: "sts" }, `${form}&x=1`, headers)]) {
      expect(await send(wrong, form)).to.include({ status: 400 });
    }
  });

  it("takes a presigned request, with the signature in its query", async () => {
    const { accessKeyId, secretAccessKey } = key;
    const options = { region: "us-east-1", service: "servicediscovery", sha256: Sha256, applyChecksum: false };
    const signer = new SignatureV4({ credentials: { accessKeyId, secretAccessKey }, ...options });
    const { hostname, host } = new URL(engine.url);
    const request = { method: "POST", protocol: "http:", hostname, path: "/", headers: plain(), body };
    const { query = {} } = await signer.presign(request, {
      signingDate: new Date(engine.clock.now),
      expiresIn: 60,
      signableHeaders: new Set(["host", "content-type", "x-amz-target"]),
      unhoistableHeaders: new Set(["x-amz-target"]),
    });
    const url = `${engine.url}/?${new URLSearchParams(query as Record<string, string>)}`.replaceAll("+", "%20");
    const post = async (text: string, target = "ListNamespaces") => {
      const answer = await fetch(url, { method: "POST", headers: { ...plain(target), host }, body: text });
      return { status: answer.status, ...((await answer.json()) as object) };
    };
    expect(await post(body)).to.deep.equal({ status: 200, Namespaces: [] });
    expect(await post("{}")).to.include({ status: 400, __type: "SignatureDoesNotMatch" });
    expect(await post(body, "ListServices")).to.include({ status: 400, __type: "SignatureDoesNotMatch" });
    engine.clock.now += 61_000;
    expect(await post(body)).to.include({ status: 400, __type: "RequestExpired" });
    engine.clock.now -= 61_000;
  });

  it("does nothing for a caller that it refuses", async () => {
    const make = '{"Name":"made"}';
    await refused("MissingAuthenticationToken", plain("CreateHttpNamespace"), make);
    const wrong = { ...key, secretAccessKey: other.secretAccessKey };
    await refused("SignatureDoesNotMatch", signed(wrong, make, plain("CreateHttpNamespace")), make);
    const health = await (await fetch(`${engine.url}/healthz`)).json();
    expect(health).to.include({ revision: 1 });
  });

  it("never says a secret", async () => {
    const broken = signed({ ...key, secretAccessKey: other.secretAccessKey });
    const answers = [await send(broken), await send({ ...signed(), authorization: "x" }), await send(signed(), "{")];
    const said = JSON.stringify([answers, engine.logged]);
    for (const { secretAccessKey } of [key, other]) expect(said).not.to.include(secretAccessKey);
  });
});

describe("an engine without keys", () => {
  it("takes anyone on loopback, but says when a request is signed for another region", async () => {
    await using engine = await start();
    const headers = {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "Route53AutoNaming_v20170314.ListNamespaces",
    };
    const host = new URL(engine.url).host;
    const send = async (region: string) => {
      const { host: _, ...rest } = sign({ ...headers, host }, "{}", { ...key, now: 0, region });
      return (await fetch(engine.url, { method: "POST", headers: rest, body: "{}" })).json();
    };
    expect(await send("us-east-1")).to.deep.equal({ Namespaces: [] });
    expect(await send("mars-1")).to.include({ __type: "SignatureDoesNotMatch" });
  });

  it("does not start on any other address", async () => {
    for (const listen of ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0"]) {
      const error = await startEngine({ listen, data: "/nowhere" }).catch((reason) => reason);
      expect(String(error), listen).to.include("needs --auth FILE");
    }
  });
});

describe("the file of keys", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-keys-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const opened = async (text: string, mode = 0o600) => {
    const file = join(folder, "keys.json");
    writeFileSync(file, text);
    chmodSync(file, mode);
    const data = join(folder, "data");
    const error = await startEngine({ listen: "127.0.0.1:0", data, auth: file }).then(
      (engine) => engine.stop().then(() => "started"),
      (reason) => String(reason.message),
    );
    return error.replaceAll(file, "FILE");
  };
  const good = JSON.stringify({ keys: [key] });

  it("is refused when others can read it, with what to do", async () => {
    for (const mode of [0o644, 0o640, 0o604, 0o620, 0o610]) {
      expect(await opened(good, mode)).to.equal("FILE has secrets in it and others can read it: chmod 600 FILE");
    }
    expect(await opened(good, 0o400)).to.equal("started");
  });

  it("is refused when it is none, without a word of what is in it", async () => {
    const secret = "hunter2-hunter2-hunter2";
    const wrong = [
      "",
      `{"keys":[{"accessKeyId":"AKIDEXAMPLE000000001","secretAccessKey":"${secret}"`,
      `{"keys":[{"accessKeyId":"AKIDEXAMPLE000000001","secretAccessKey":"${secret}","more":1}]}`,
      `{"keys":[{"accessKeyId":"short","secretAccessKey":"${secret}"}]}`,
      `{"keys":[]}`,
      "[]",
    ];
    for (const text of wrong) {
      const message = await opened(text);
      expect(message, text).to.match(/^FILE is not /);
      expect(message).not.to.include("hunter2");
    }
  });
});
