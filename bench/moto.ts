// Measures moto_server's discoveries beside ours: another registry that people test against.
import { spawn, spawnSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { targetPrefix } from "../api/operations.ts";
import { freePort } from "../tests/local/port.ts";
import type { Row } from "./row.ts";

const name = "DiscoverInstances of 10 by moto_server, one core";
/** It closes each connection after its answer: more clients only wait longer. */
const clients = 8;
const patience = 60_000;
const instances = 10;

/** A row that says so where it is not installed. */
export async function motoRow(seconds: number, prefix: readonly string[], attributes: object): Promise<Row> {
  if (spawnSync("moto_server", ["--help"]).status !== 0) {
    return { name, value: "not measured: moto_server is not installed (pip install 'moto[server]')" };
  }
  const port = await freePort();
  const [command = "", ...args] = [...prefix, "moto_server", "-H", "127.0.0.1", "-p", String(port)];
  const child = spawn(command, args, { stdio: "ignore" });
  try {
    const ask = asker(`http://127.0.0.1:${port}/`);
    await populate(ask, attributes);
    return { name, value: await measured(ask, seconds) };
  } finally {
    child.kill();
  }
}

type Ask = (operation: string, input: object) => Promise<string>;

/** Which service is meant it learns from the signature's scope; it checks no signature. */
function asker(url: string): Ask {
  const scope = "20260101/us-east-1/servicediscovery/aws4_request";
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=host, Signature=0`,
  };
  return async (operation, input) => {
    const target = { "x-amz-target": `${targetPrefix}.${operation}` };
    const body = JSON.stringify(input);
    const answer = await fetch(url, { method: "POST", headers: { ...headers, ...target }, body });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`moto_server: ${operation}: ${answer.status} ${text}`);
    return text;
  };
}

async function populate(ask: Ask, Attributes: object): Promise<void> {
  await listening(ask);
  await ask("CreateHttpNamespace", { Name: "n" });
  const NamespaceId = JSON.parse(await ask("ListNamespaces", {})).Namespaces[0].Id;
  const { Service } = JSON.parse(await ask("CreateService", { Name: "s", NamespaceId }));
  for (let index = 0; index < instances; index += 1) {
    await ask("RegisterInstance", { ServiceId: Service.Id, InstanceId: `i-${index}`, Attributes });
  }
}

/** Python takes its time to load. */
async function listening(ask: Ask): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return void (await ask("ListNamespaces", {}));
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await wait(100);
    }
  }
}

async function measured(ask: Ask, seconds: number): Promise<string> {
  const [started, times]: [number, number[]] = [performance.now(), []];
  const one = async () => {
    while (performance.now() < started + seconds * 1000) {
      const sent = performance.now();
      const found = JSON.parse(await ask("DiscoverInstances", { NamespaceName: "n", ServiceName: "s" }));
      if (found.Instances.length !== instances)
        throw new Error(`moto_server answers ${found.Instances.length} instances`);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: clients }, one));
  const rate = (times.length * 1000) / (performance.now() - started);
  const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  return `${rate.toFixed(0)}/s, half within ${median.toFixed(1)} ms (${clients} clients)`;
}
