// Throttling as a client meets it: when it comes again, how often, and that many creates get through in the end.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { createClient } from "../../provider/client.ts";
import { CallError } from "../../provider/failure.ts";
import { settingsFor } from "./workbench.ts";

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
});
