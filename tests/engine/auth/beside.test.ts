// What the engine answers beside the operations: metrics, watches and hosted zones ask for rights too.
import { SignatureV4 } from "@smithy/signature-v4";
import { expect } from "chai";
import { tokenFor } from "../../../engine/auth/token.ts";
import { Sha256 } from "../../../provider/sha256.ts";
import { callAs, type Gated, home, keyOf, startGated, type TestKey, targetOf } from "./gated.ts";

const root = keyOf("root");
const limited = keyOf("limited");
const allowed = keyOf("allowed");
const consumer = { ...keyOf("consumer"), account: "111111111111" };
const stranger = { ...keyOf("stranger"), account: "222222222222" };

describe("what is answered beside the operations", () => {
  let gated: Gated;
  let zone: string;
  before(async () => {
    const allow = (...Action: string[]) => [{ Statement: { Effect: "Allow", Action, Resource: "*" } }];
    const actions = ["cloudmap:GetMetrics", "route53:GetHostedZone", "servicediscovery:DiscoverInstancesRevision"];
    const keys = [
      root,
      { ...limited, policies: allow("servicediscovery:DiscoverInstances") },
      { ...allowed, policies: allow(...actions) },
      consumer,
      stranger,
    ];
    gated = await startGated({ keys });
    const input = { Name: "shop.internal", Vpc: "vpc-1" };
    const namespace = await targetOf(gated, root, await callAs(gated, root, "CreatePrivateDnsNamespace", input));
    await callAs(gated, root, "CreateService", { NamespaceId: namespace, Name: "web", Type: "HTTP" });
    const { Namespace } = await callAs(gated, root, "GetNamespace", { Id: namespace });
    zone = Namespace?.Properties?.DnsProperties?.HostedZoneId ?? "";
    gated.write({ keys, shares: [{ namespace, accounts: [consumer.account] }] });
    await gated.engine.restart();
  });
  after(() => gated[Symbol.asyncDispose]());

  /** Presigned: what a key's holder is told at a path. */
  const get = async (
    { accessKeyId, secretAccessKey }: TestKey,
    path: string,
    query: Record<string, string> = {},
    service = "servicediscovery",
  ) => {
    const { hostname, host } = new URL(gated.engine.url);
    const options = { region: "us-east-1", service, sha256: Sha256, applyChecksum: false };
    const signer = new SignatureV4({ credentials: { accessKeyId, secretAccessKey }, ...options });
    const request = { method: "GET", protocol: "http:", hostname, path, query, headers: { host } };
    const signed = await signer.presign(request, { signingDate: new Date(gated.engine.clock.now), expiresIn: 60 });
    const pairs = Object.entries(signed.query ?? {}).map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
    );
    const answer = await fetch(`${gated.engine.url}${path}?${pairs.join("&")}`);
    return { status: answer.status, text: await answer.text() };
  };
  const action = (name: string) => `is not authorized to perform: ${name} on resource: `;

  it("is metrics to who may get them", async () => {
    const read = async (key: TestKey) => {
      const authorization = `Bearer ${key.accessKeyId}.${tokenFor("cloudmap:GetMetrics", key)}`;
      const answer = await fetch(`${gated.engine.url}/metrics`, { headers: { authorization } });
      return { status: answer.status, text: await answer.text() };
    };
    for (const key of [root, allowed]) expect(await read(key)).to.include({ status: 200 });
    const refused = await read(limited);
    expect(refused.status).to.equal(403);
    expect(refused.text).to.include(`user/limited ${action("cloudmap:GetMetrics")}* because`);
  });

  it("is watches to who may ask for the revision", async () => {
    const names = { namespace: "shop.internal", service: "web", wait: "0" };
    for (const key of [root, allowed]) expect(await get(key, "/watch", names)).to.include({ status: 200 });
    const refused = await get(limited, "/watch", names);
    expect(refused.status).to.equal(400);
    expect(refused.text).to.include(`user/limited ${action("servicediscovery:DiscoverInstancesRevision")}arn:`);
  });

  it("is watches of shared namespaces to those with whom they are shared", async () => {
    const names = { namespace: "shop.internal", service: "web", wait: "0" };
    expect(await get(consumer, "/watch", { ...names, owner: home })).to.include({ status: 200 });
    for (const [key, query] of [
      [consumer, names],
      [stranger, names],
      [stranger, { ...names, owner: home }],
    ] as const) {
      const { status, text } = await get(key, "/watch", query);
      expect({ status, code: JSON.parse(text).__type }).to.deep.equal({ status: 400, code: "NamespaceNotFound" });
    }
  });

  it("is the hosted zones of one's own account, to who may get them", async () => {
    const path = `/2013-04-01/hostedzone/${zone}`;
    for (const key of [root, allowed]) expect(await get(key, path, {}, "route53")).to.include({ status: 200 });
    const refused = await get(limited, path, {}, "route53");
    expect(refused.text).to.include("<Code>AccessDeniedException</Code>");
    expect(refused.text).to.include(`${action("route53:GetHostedZone")}arn:aws:route53:::hostedzone/${zone} because`);
    for (const key of [consumer, stranger]) {
      expect((await get(key, path, {}, "route53")).text).to.include("<Code>NoSuchHostedZone</Code>");
    }
  });
});
