// Waiting for operations: the first look at once, backoff with jitter, the deadline, and whatever else may come.
import { expect } from "chai";
import { delay, pause } from "../../provider/backoff.ts";
import { type Client, createClient } from "../../provider/client.ts";
import { startDeadline } from "../../provider/deadline.ts";
import type { CallError } from "../../provider/failure.ts";
import { submit, Unfinished, waitForOperation } from "../../provider/poll.ts";
import { until } from "../local/until.ts";
import { refusal, TestProxy } from "./proxy.ts";
import { failureOf, settingsFor } from "./workbench.ts";

const operation = (Status: string, more: object = {}) => ({ body: { Operation: { Id: "op-1", Status, ...more } } });

describe("waiting for an operation", () => {
  let proxy: TestProxy;
  let client: Client;
  beforeEach(async () => {
    proxy = await TestProxy.start("http://127.0.0.1:9"); // nothing is let through
    client = createClient(settingsFor(proxy.url));
  });
  afterEach(() => proxy[Symbol.asyncDispose]());
  const looks = () => proxy.counts.get("GetOperation");

  it("looks once when it is done already", async () => {
    proxy.answering = () => operation("SUCCESS", { Targets: { NAMESPACE: "ns-1" } });
    const done = await waitForOperation(client, { id: "op-1" }, "CreateHttpNamespace", startDeadline(5000));
    expect(done.Targets).to.deep.equal({ NAMESPACE: "ns-1" });
    expect(looks()).to.equal(1);
  });

  it("takes an unknown operation for one that is not known yet, but not for ever", async () => {
    proxy.answering = (_name, _input, count) => (count < 4 ? refusal("OperationNotFound") : operation("SUCCESS"));
    await waitForOperation(client, { id: "op-1" }, "CreateHttpNamespace", startDeadline(5000));
    expect(looks()).to.equal(4);
  });

  it("goes on through SUBMITTED and PENDING", async () => {
    const states = ["SUBMITTED", "PENDING", "PENDING", "SUCCESS"];
    proxy.answering = (_name, _input, count) => operation(states[count - 1] ?? "");
    const told: string[] = [];
    const deadline = startDeadline(5000, undefined, (line) => told.push(line));
    await waitForOperation(client, { id: "op-1" }, "CreateHttpNamespace", deadline);
    expect(looks()).to.equal(4);
    expect(told.map((line) => line.replace(/, \d+ m?s$/, ""))).to.deep.equal(
      states.map((state) => `[2/2] CreateHttpNamespace: operation ${state}`),
    );
  });

  it("keeps the code and the message of a failure", async () => {
    proxy.answering = () => operation("FAIL", { ErrorCode: "ACCESS_DENIED", ErrorMessage: "not yours" });
    const error = await failureOf(waitForOperation(client, { id: "op-1" }, "DeleteNamespace", startDeadline(5000)));
    expect(error.message).to.equal("DeleteNamespace failed: ACCESS_DENIED: not yours (operation op-1)");
    expect((error as CallError).code).to.equal("ACCESS_DENIED");
  });

  it("ends at the deadline, and says what it waited for and how long", async () => {
    proxy.answering = () => operation("PENDING", { Targets: { NAMESPACE: "ns-1" } });
    const error = await failureOf(waitForOperation(client, { id: "op-1" }, "CreateHttpNamespace", startDeadline(800)));
    expect(error).to.be.instanceOf(Unfinished);
    expect((error as Unfinished).targets).to.deep.equal({ NAMESPACE: "ns-1" });
    expect(error.message).to.match(
      /^CreateHttpNamespace had not ended after \d+ m?s: operation op-1 is PENDING; allowed were 800 ms/,
    );
  });

  it("ends when the host cancels", async () => {
    proxy.answering = () => operation("PENDING");
    const cancel = new AbortController();
    const waiting = failureOf(
      waitForOperation(client, { id: "op-1" }, "DeleteNamespace", startDeadline(60_000, cancel.signal)),
    );
    cancel.abort();
    expect((await waiting).message).to.match(
      /^DeleteNamespace had not ended .*; the wait was cancelled\. The next run/,
    );
  });

  it("waits for the change that is under way, however that ends, and submits again with the same token", async () => {
    proxy.answering = (name, input, count) => {
      if (name !== "CreateHttpNamespace") {
        const status = input.OperationId === "other" ? "FAIL" : "SUCCESS";
        return operation(status, { ErrorCode: "X" });
      }
      if (count === 1) return refusal("DuplicateRequest", "busy", { DuplicateOperationId: "other" });
      return count === 2 ? refusal("DuplicateRequest", "busy") : { body: { OperationId: "op-1" } };
    };
    await submit(client, "CreateHttpNamespace", { Name: "a", CreatorRequestId: "t" }, startDeadline(5000));
    const asked = proxy.calls.map(
      ({ operation: name, input }) => `${name} ${input.OperationId ?? input.CreatorRequestId}`,
    );
    expect(asked).to.deep.equal([
      "CreateHttpNamespace t",
      "GetOperation other",
      "CreateHttpNamespace t",
      "CreateHttpNamespace t",
      "GetOperation op-1",
    ]);
  });

  it("does not take an answer without an operation for done", async () => {
    proxy.answering = () => ({ body: { operationId: "op-1" } });
    const error = await failureOf(submit(client, "DeleteNamespace", { Id: "ns-1" }, startDeadline(1000)));
    expect(error.message).to.include("answered without an OperationId");
  });

  it("says what was in the way when the other change never ends", async () => {
    proxy.answering = (name) =>
      name === "GetOperation"
        ? operation("PENDING")
        : refusal("DuplicateRequest", "busy", { DuplicateOperationId: "other" });
    const error = await failureOf(submit(client, "DeleteNamespace", { Id: "ns-1" }, startDeadline(1000)));
    expect(error.message)
      .to.include("DuplicateRequest")
      .and.match(/was not done after \d+ m?s/);
  });

  it("says what was in the way also where time is up while it asks again", async () => {
    const up = new AbortController();
    proxy.answering = (_name, _input, count) => {
      if (count > 1) up.abort();
      return refusal("ResourceInUse", "something else is at it");
    };
    const change = { Id: "ns-1", Namespace: { Description: "other" } };
    const asked = submit(client, "UpdateHttpNamespace", change, startDeadline(60_000, up.signal));
    expect((await failureOf(asked)).message).to.match(
      /ResourceInUse: something else .* was not done after .* cancelled$/,
    );
  });
});

describe("a change among many", () => {
  it("is told of when it is sent, not while it waits for its turn", async () => {
    await using proxy = await TestProxy.start("http://127.0.0.1:9");
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    proxy.answering = async () => {
      await held;
      return { body: { OperationId: "op-1", Operation: { Id: "op-1", Status: "SUCCESS" } } };
    };
    const client = createClient(settingsFor(proxy.url));
    const told: string[] = [];
    const deadline = startDeadline(60_000, undefined, (line) => told.push(line));
    const ids = Array.from({ length: 40 }, (_, index) => `ns-${index}`);
    const all = ids.map((Id) => submit(client, "DeleteNamespace", { Id }, deadline));
    await until("as many are sent as may be", () => proxy.calls.length === 32);
    expect(told).to.deep.equal(Array(32).fill("[1/2] DeleteNamespace"));
    release();
    await Promise.all(all);
    expect(told.filter((line) => line.startsWith("[1/2]"))).to.have.length(40);
    expect(proxy.calls).to.have.length(40); // what began it told how it ended
  });
});

describe("backoff", () => {
  const between = { first: 50, cap: 5000 };

  it("doubles up to the cap, and draws from nothing to all of it", () => {
    const most = [0, 1, 2, 5, 7, 50].map((attempt) => delay(attempt, between, () => 1));
    expect(most).to.deep.equal([50, 100, 200, 1600, 5000, 5000]);
    expect(delay(3, between, () => 0)).to.equal(0);
    expect(delay(3, between, () => 0.5)).to.equal(200);
  });

  it("pauses no longer than its signal lets it", async () => {
    const reason = new Error("enough");
    const cancel = new AbortController();
    const waiting = failureOf(pause(60_000, cancel.signal));
    cancel.abort(reason);
    expect(await waiting).to.equal(reason);
  });
});
