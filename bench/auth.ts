// Measures what it costs to check who asks: signatures by themselves, and discoveries that are signed, with policies or without.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SignatureV4 } from "@smithy/signature-v4";
import { targetPrefix } from "../api/operations.ts";
import { keyHolders } from "../engine/auth/authenticator.ts";
import { Sha256 } from "../provider/sha256.ts";
import { sign } from "../tests/engine/auth/sign.ts";
import { spawnEngine } from "../tests/engine/crash/process.ts";
import { makeNamespace, makeService, post, register } from "../tests/engine/running.ts";
import { attributes, besideBare, onCore } from "./engine.ts";
import type { Row } from "./row.ts";

const keys = ["anything", "reader"].map((name) => ({
  name,
  accessKeyId: `CLOUDMAPBENCH${name.toUpperCase()}`,
  secretAccessKey: "a secret that is long enough for a signature",
}));
const body = JSON.stringify({ NamespaceName: "n", ServiceName: "s" });

export async function bench(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-bench-auth-"));
  try {
    return [...(await signatures()), ...(await discoveries(join(folder, "data")))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function signedHeaders(key: (typeof keys)[number], host: string): Record<string, string> {
  const type = "application/x-amz-json-1.1";
  const headers = { host, "content-type": type, "x-amz-target": `${targetPrefix}.DiscoverInstances` };
  return sign(headers, body, { ...key, now: Date.now() });
}

/** By ours and by the library, of the same request. */
async function signatures(): Promise<Row[]> {
  const [key] = keys;
  if (key === undefined) return [];
  const { accessKeyId, secretAccessKey } = key;
  const headers = signedHeaders(key, "127.0.0.1:7700");
  const request = { method: "POST", target: "/", headers, body: Buffer.from(body), address: "127.0.0.1" };
  const place = { region: "us-east-1", account: "123456789012", now: Date.now };
  const check = keyHolders(() => ({ keys: new Map([[accessKeyId, key]]) }), place);
  const service = "servicediscovery";
  const options = { region: "us-east-1", service, sha256: Sha256, applyChecksum: false };
  const signer = new SignatureV4({ credentials: { accessKeyId, secretAccessKey }, ...options });
  const { authorization: _, ...unsigned } = headers;
  const sent = { method: "POST", protocol: "http:", hostname: "127.0.0.1", path: "/", headers: unsigned, body };
  const ours = await microseconds(20_000, async () => check(request, service));
  const theirs = await microseconds(5_000, () => signer.sign(sent, { signingDate: new Date() }));
  return [
    { name: "a signature checked", value: `${ours.toFixed(1)} µs (the library signs in ${theirs.toFixed(1)} µs)` },
  ];
}

/** The shorter of three rounds. */
async function microseconds(times: number, work: () => Promise<unknown>): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const started = performance.now();
    for (let time = 0; time < times; time += 1) await work();
    rounds.push(((performance.now() - started) * 1000) / times);
  }
  return Math.min(...rounds);
}

async function discoveries(data: string): Promise<Row[]> {
  const answer = await populate(data);
  const { policies } = JSON.parse(readFileSync(new URL("../docs/access-roles.json", import.meta.url), "utf8"));
  const [anything, reader] = keys;
  const file = { keys: [anything, { ...reader, policies: ["reader"] }], policies };
  writeFileSync(`${data}.access.json`, JSON.stringify(file), { mode: 0o600 });
  const guarded = fileURLToPath(new URL("guarded.ts", import.meta.url));
  const engine = await spawnEngine(data, onCore(0), guarded);
  const rows: Row[] = [];
  for (const key of keys) {
    const headers = signedHeaders(key, new URL(engine.url).host);
    const { ratio, value, cost } = await besideBare(engine, answer, {
      operation: "DiscoverInstances",
      bodies: [body],
      headers,
    });
    const name = `DiscoverInstances of 10, signed${key.name === "reader" ? ", with a policy" : ""}, one core each`;
    rows.push({ name, value, goal: ">= 0.4", met: ratio >= 0.4 }, { name: `${name}, processor time`, value: cost });
  }
  await engine.kill("SIGTERM");
  return rows;
}

/** Makes a registry; the answer to a discovery in it. */
async function populate(data: string): Promise<string> {
  const engine = await spawnEngine(data);
  const service = await makeService(engine, await makeNamespace(engine, "n"), "s", { HealthCheckCustomConfig: {} });
  for (let index = 0; index < 10; index += 1) await register(engine, service, `i-${index}`, attributes);
  const { text } = await post(engine, "DiscoverInstances", body);
  await engine.kill("SIGTERM");
  const answer = `${data}.answer.json`;
  writeFileSync(answer, text);
  return answer;
}
