// What the client sends, sends again, and says when it gets no answer or a wrong one; over real sockets.
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type Client, createClient } from "../../provider/client.ts";
import { CallError } from "../../provider/failure.ts";
import { askAccount } from "../../provider/identity.ts";
import { limited } from "../../provider/limit.ts";
import type { Settings } from "../../provider/settings.ts";
import { refusal, TestProxy } from "./proxy.ts";
import { engineInTemp, failureOf, settingsFor, type TestEngine } from "./workbench.ts";

const nothing = { NamespaceId: "ns-1" };

async function ask(client: Client, signal?: AbortSignal): Promise<CallError> {
  const error = await failureOf(client.call("GetNamespace", { Id: nothing.NamespaceId }, signal && { signal }));
  return error as CallError;
}

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers everything alike, while the work goes on. */
async function answering(
  reply: { status: number; type?: string; body: string },
  work: (client: Client, asked: () => number) => Promise<void>,
  changes: Partial<Settings> = {},
): Promise<void> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    request.resume();
    response.writeHead(reply.status, {
      "content-type": reply.type ?? "application/x-amz-json-1.1",
      "x-amzn-requestid": "r-1",
    });
    response.end(reply.body);
  });
  try {
    await work(createClient(settingsFor(await listening(server), { maxRetries: 0, ...changes })), () => asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("the client", () => {
  let engine: TestEngine;
  before(async () => {
    engine = await engineInTemp();
  });
  after(() => engine.stop());

  it("re-makes the service's errors with code, message, details, status and request id", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const client = createClient(settingsFor(proxy.url));
    const error = await ask(client);
    expect(error).to.be.instanceOf(CallError);
    expect(error.code).to.equal("NamespaceNotFound");
    expect(error.status).to.equal(400);
    expect(error.requestId).to.match(/^[\w-]{8,}$/);
    expect(error.message).to.equal(`GetNamespace at ${proxy.url}: NamespaceNotFound: No namespace ns-1 exists.`);

    const details = { NamespaceId: "ns-7", CreatorRequestId: "t" };
    proxy.answering = () => refusal("NamespaceAlreadyExists", "there", details);
    expect((await ask(client)).details).to.deep.equal(details);
  });

  it("reads codes with a namespace before them, and messages with a small m", async () => {
    const body = JSON.stringify({ __type: "com.amazonaws.servicediscovery#ServiceNotFound", message: "small" });
    await answering({ status: 404, body }, async (client) => {
      const error = await ask(client);
      expect(error.code).to.equal("ServiceNotFound");
      expect(error.message).to.include("ServiceNotFound: small");
    });
  });

  it("never lets an endpoint write to the terminal", async () => {
    const body = JSON.stringify({ __type: "InvalidInput", Message: "\u001b[2Jgone\nand\u009b31m more" });
    await answering({ status: 400, body }, async (client) => {
      expect((await ask(client)).message)
        .to.include("\\u001b[2Jgone\\u000aand\\u009b31m")
        .and.not.match(/\p{Cc}/u);
    });
  });

  it("waits out throttling, also where 400 is its status", async () => {
    await using proxy = await TestProxy.start(engine.url);
    for (const code of ["ThrottlingException", "RequestLimitExceeded"]) {
      proxy.answering = (_operation, _input, count) => (count < 4 ? refusal(code) : undefined);
      proxy.counts.clear();
      expect((await ask(createClient(settingsFor(proxy.url)))).code).to.equal("NamespaceNotFound");
      expect(proxy.counts.get("GetNamespace")).to.equal(4);
    }
  });

  it("sends again what a broken connection or a server's failure may have swallowed, the same bytes", async () => {
    await using proxy = await TestProxy.start(engine.url);
    proxy.answering = (_operation, _input, count) =>
      count === 1 ? "cut" : count === 2 ? { status: 503, contentType: "text/plain", body: "busy" } : undefined;
    const client = createClient(settingsFor(proxy.url));
    await client.call("CreateHttpNamespace", { Name: "once", CreatorRequestId: "t-1" });
    const sent = proxy.calls.map(({ input }) => JSON.stringify(input));
    expect(sent).to.have.length(3);
    expect(new Set(sent).size).to.equal(1);
  });

  it("has its patience with each kind of failure: one that is slow after some that are lost is asked again", async () => {
    await using proxy = await TestProxy.start(engine.url);
    proxy.answering = (_operation, _input, count) => {
      if (count <= 3) return { status: 502, contentType: "text/html", body: "" };
      return count <= 5 ? new Promise(() => {}) : undefined;
    };
    const client = createClient(settingsFor(proxy.url, { requestTimeout: 700 }));
    await client.call("ListNamespaces", {});
    expect(proxy.counts.get("ListNamespaces")).to.equal(6);
  });

  it("gives up after maxRetries, and says how often it tried", async () => {
    await answering(
      { status: 500, body: "" },
      async (client, asked) => {
        const error = await ask(client);
        expect(error.message).to.include("was answered 500").and.include("(tried 3 times)");
        expect(asked()).to.equal(3);
      },
      { maxRetries: 2 },
    );
  });

  it("does not repeat what is refused for good", async () => {
    await answering(
      { status: 400, body: '{"__type":"InvalidInput","Message":"no"}' },
      async (client, asked) => {
        await ask(client);
        expect(asked()).to.equal(1);
      },
      { maxRetries: 8 },
    );
  });

  it("says that nothing listens there, and where the address comes from", async () => {
    const server = createServer();
    const endpoint = await listening(server);
    server.close();
    await once(server, "close");
    const error = await ask(createClient(settingsFor(endpoint, { maxRetries: 1 })));
    expect(error.code).to.equal("ECONNREFUSED");
    expect(error.message)
      .to.include("GetNamespace got no answer: nothing listens at")
      .and.include(endpoint)
      .and.include("cloudmap serve")
      .and.include("comes from cloudmap:endpoint");
  });

  it("says that the host is not known", async () => {
    const error = await ask(createClient(settingsFor("http://no-such-host.invalid:7700", { maxRetries: 1 })));
    expect(error.message).to.match(/no host of that name is known|cannot be looked up/);
  });

  it("says that no answer came in time", async () => {
    const server = createTcpServer((socket) => socket.resume());
    const endpoint = await listening(server);
    const error = await ask(createClient(settingsFor(endpoint, { requestTimeout: 80, maxRetries: 1 })));
    server.close();
    expect(error.message)
      .to.include("within 80 ms")
      .and.include("cloudmap:requestTimeout")
      .and.include("(tried 2 times)");
  });

  it("says that a TLS endpoint is spoken to without TLS, and the reverse", async () => {
    const error = await ask(createClient(settingsFor(engine.url.replace("http:", "https:"), { maxRetries: 0 })));
    expect(error.message).to.include("is it http instead?");
  });

  it("says that a page, a 404 or any other JSON is no Cloud Map endpoint", async () => {
    const wrong = [
      { status: 200, type: "text/html", body: "<!DOCTYPE html><html><body>Welcome</body></html>" },
      { status: 404, type: "text/html; charset=utf-8", body: "<h1>Not Found</h1>" },
      { status: 405, type: "application/json", body: '{"error":"method not allowed"}' },
      { status: 200, type: "application/json", body: "[]" },
      { status: 302, type: "text/plain", body: "" },
    ];
    for (const reply of wrong) {
      await answering(reply, async (client) => {
        const error = await ask(client);
        expect(error.code, reply.body).to.equal("WrongEndpoint");
        expect(error.message)
          .to.include(`was answered ${reply.status} with ${reply.type.split(";")[0]}`)
          .and.include("no Cloud Map endpoint. The endpoint comes from cloudmap:endpoint");
      });
    }
  });

  it("says which credentials were refused, and never the secret itself", async () => {
    const codes = [
      "UnrecognizedClientException",
      "InvalidClientTokenId",
      "SignatureDoesNotMatch",
      "ExpiredTokenException",
      "MissingAuthenticationToken",
    ];
    for (const code of codes) {
      const body = JSON.stringify({ __type: code, message: "bad: local-secret and session-token" });
      const credentials = { accessKeyId: "AKIA", secretAccessKey: "local-secret", sessionToken: "session-token" };
      await answering(
        { status: 403, body },
        async (client) => {
          const error = await ask(client);
          expect(error.message)
            .to.include("The credentials come from AWS_ACCESS_KEY_ID")
            .and.include("[secret]")
            .and.not.include("local-secret");
          expect(JSON.stringify(error) + error.stack).not.to.include("session-token");
        },
        { credentials, credentialsFrom: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" },
      );
    }
  });

  it("says which region is set when the engine is in another", async () => {
    const error = await ask(
      createClient(settingsFor(engine.url, { region: "eu-central-1", regionFrom: "AWS_REGION" })),
    );
    expect(error.message).to.include("us-east-1").and.include("The region is eu-central-1 here, from AWS_REGION");
  });

  it("is let in with its key where the engine asks for one, and told apart without", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cloudmap-keys-"));
    const file = join(folder, "keys");
    writeFileSync(
      file,
      JSON.stringify({ keys: [{ accessKeyId: "AKIAOURS12345678", secretAccessKey: "ours-secret-ours-secret" }] }),
      {
        mode: 0o600,
      },
    );
    const guarded = await engineInTemp({ auth: file }).catch((error: Error) => error);
    try {
      if (guarded instanceof Error) throw guarded;
      const credentials = { accessKeyId: "AKIAOURS12345678", secretAccessKey: "ours-secret-ours-secret" };
      const known = createClient(settingsFor(guarded.url, { credentials }));
      await known.call("CreateHttpNamespace", { Name: "name", Description: "Umlaute: äöü ☂" });
      expect(await askAccount(known)).to.equal(guarded.account);
      const strange = createClient(settingsFor(guarded.url));
      expect((await ask(strange)).code).to.equal("InvalidClientTokenId");
      expect((await failureOf(askAccount(strange))).message)
        .to.include("InvalidClientTokenId")
        .and.include("credentials");
    } finally {
      if (!(guarded instanceof Error)) await guarded.stop();
      rmSync(folder, { recursive: true });
    }
  });

  it("ends with the signal, also while it waits to try again", async () => {
    await answering(
      { status: 503, body: "" },
      async (client) => {
        const reason = new Error("cancelled");
        const error = await ask(client, AbortSignal.abort(reason));
        expect(error).to.equal(reason);
        const later = await ask(client, AbortSignal.timeout(30));
        expect(later.name).to.equal("TimeoutError");
      },
      { maxRetries: 100 },
    );
  });
});

describe("a limit", () => {
  it("never lets more run than it says, and lets all run", async () => {
    const limit = limited(3);
    let running = 0;
    let peak = 0;
    const work = async (value: number) => {
      peak = Math.max(peak, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      if (value === 7) throw new Error("seven");
      return value;
    };
    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, at) => limit(() => work(at))));
    expect(peak).to.equal(3);
    expect(results.filter(({ status }) => status === "fulfilled")).to.have.length(19);
  });
});
