// Invalid inputs over HTTP: each one is refused in AWS's words.
import { expect } from "chai";
import { operations } from "../../../api/operations.ts";
import type { StructureSchema } from "../../../api/schema.ts";
import { type BadInput, badInputs } from "../../api/bad-inputs.ts";
import { type Running, refusal, start } from "../running.ts";

/** "1 validation error detected: Value 'x' at 'name' failed to satisfy constraint: Member must …" */
function message({ path, value, constraint }: BadInput): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const shown = value === undefined ? "Value" : `Value '${text.length > 100 ? `${text.slice(0, 100)}…` : text}'`;
  const place = path.map((name) => name.charAt(0).toLowerCase() + name.slice(1)).join(".");
  return `1 validation error detected: ${shown} at '${place}' failed to satisfy constraint: ${constraint}`;
}

describe("an invalid input", () => {
  let engine: Running;
  before(async () => {
    engine = await start();
  });
  after(() => engine[Symbol.asyncDispose]());

  for (const [name, { input }] of Object.entries(operations)) {
    it(`of ${name} is refused with what is wrong and where`, async () => {
      for (const bad of badInputs(input as StructureSchema)) {
        expect(await refusal(engine, name, bad.input)).to.deep.equal({ __type: "InvalidInput", Message: message(bad) });
      }
    });
  }

  it("is refused with all that is wrong", async () => {
    const { Message } = await refusal(engine, "DiscoverInstances", { NamespaceName: "a b", MaxResults: 0 });
    expect(Message).to.match(/^3 validation errors detected: /);
    expect(Message).to.include("Value at 'serviceName' failed to satisfy constraint: Member must not be null; ");
    expect(Message).to.include("Value 'a b' at 'namespaceName' failed to satisfy constraint: Member must satisfy reg");
    expect(Message).to.include(
      "Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater",
    );
  });

  it("changes nothing", async () => {
    const health = await (await fetch(`${engine.url}/healthz`)).json();
    expect(health).to.include({ revision: 1 }); // its identity
  });
});
