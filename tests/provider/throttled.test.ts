// Throttling as a client meets it: when it comes again, how often, and that many creates get through in the end.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { createClient } from "../../provider/client.ts";
import { CallError } from "../../provider/failure.ts";
import { engineInTemp, settingsFor } from "./workbench.ts";

/** Asks a server that refuses everything with these headers; answers how it ended and how often it was asked. */
async function askThrottled(headers: Readonly<Record<string, string>>, maxRetries: number) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    request.resume();
    response.writeHead(400, { "content-type": "application/x-amz-json-1.1", ...headers });
    response.end('{"__type":"ThrottlingException","Message":"Rate exceeded"}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const started = performance.now();
  try {
    await createClient(settingsFor(endpoint, { maxRetries })).call("ListNamespaces", {});
  } catch (error) {
    if (error instanceof CallError) return { error, asked, took: performance.now() - started };
    throw error;
  } finally {
    server.closeAllConnections();
    server.close();
  }
  throw new Error("the call went through");
}

describe("a client that is throttled", () => {
  it("comes again not before it is told to, and more often than after a failure", async () => {
    for (const headers of [{ "x-amz-retry-after": "250" }, { "x-amz-retry-after": "250", "retry-after": "9" }]) {
      const { error, asked, took } = await askThrottled(headers, 1);
      expect(took).to.be.within(740, 6_000);
      expect(asked).to.equal(4);
      expect(error.message).to.include("ThrottlingException: Rate exceeded").and.include("(tried 4 times)");
    }
  });

  it("reads seconds too, and nothing that is no number", async () => {
    for (const [retryAfter, milliseconds] of [
      ["7", 7_000],
      ["soon", undefined],
      ["-1", undefined],
    ] as const) {
      const { error } = await askThrottled({ "retry-after": retryAfter }, 0);
      expect(error.retryAfter).to.equal(milliseconds);
    }
  });

  it("makes all that it was asked to in the end, at AWS's rates on a clock that runs fast", async () => {
    const now = () => Date.now() * 10;
    await using engine = await engineInTemp({ throttle: "aws", quotas: "aws", now });
    const client = createClient(settingsFor(engine.url));
    const inParallel = <T>(count: number, make: (at: number) => Promise<T>) =>
      Promise.all(Array.from({ length: count }, (_, at) => make(at)));
    await inParallel(20, (at) => client.call("CreateHttpNamespace", { Name: `n${at}`, CreatorRequestId: `t${at}` }));
    const { Namespaces = [] } = await client.call("ListNamespaces", {});
    const NamespaceId = Namespaces[0]?.Id ?? "";
    expect(Namespaces).to.have.lengthOf(20);
    const services = await inParallel(80, (at) => client.call("CreateService", { NamespaceId, Name: `s${at}` }));
    const ServiceId = services[0]?.Service?.Id ?? "";
    await inParallel(300, (at) =>
      client.call("RegisterInstance", { ServiceId, InstanceId: `i${at}`, Attributes: {}, CreatorRequestId: `i${at}` }),
    );
    const metrics = await (await fetch(`${engine.url}/metrics`)).text();
    expect(metrics).to.include('cloudmap_requests_total{operation="CreateHttpNamespace",result="OK"} 20\n');
    expect(metrics).to.include('cloudmap_requests_total{operation="CreateService",result="OK"} 80\n');
    expect(metrics).to.include('cloudmap_requests_total{operation="RegisterInstance",result="OK"} 300\n');
    expect(metrics).to.match(/throttled_requests_total{operation="CreateHttpNamespace"} [1-9]/);
  });
});
