// The neighbour STS: who the registry is.
import { expect } from "chai";
import { type Running, start } from "../running.ts";

describe("STS", () => {
  let engine: Running;
  before(async () => {
    engine = await start({ account: "123456789012" });
  });
  after(() => engine[Symbol.asyncDispose]());

  const send = async (body: string, type = "application/x-www-form-urlencoded; charset=utf-8") => {
    const answer = await fetch(engine.url, { method: "POST", headers: { "content-type": type }, body });
    return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
  };

  it("answers GetCallerIdentity with the registry's account", async () => {
    const { status, type, text } = await send("Action=GetCallerIdentity&Version=2011-06-15");
    expect({ status, type }).to.deep.equal({ status: 200, type: "text/xml" });
    expect(text)
      .to.include("<Account>123456789012</Account>")
      .and.to.include("<Arn>arn:aws:iam::123456789012:root</Arn>");
  });

  it("answers nothing else, in the words of its protocol", async () => {
    const { status, text } = await send("Action=AssumeRole<&RoleArn=x");
    expect(status).to.equal(400);
    expect(text).to.include("<Type>Sender</Type><Code>UnknownOperationException</Code>");
    expect(text).to.include("not AssumeRole&lt;.");
    for (const body of ["", "Action=", "Action=constructor", "%", "x".repeat(10_000)]) {
      expect((await send(body)).status, body.slice(0, 20)).to.equal(400);
    }
  });
});
