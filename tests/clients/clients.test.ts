/** Unmodified clients of AWS, each through all operations of the API, against an engine that checks their signatures. */
import { expect } from "chai";
import { operations } from "../../api/operations.ts";
import { cli } from "./cli.ts";
import type { Client, Target } from "./client.ts";
import { isHere } from "./environment.ts";
import { javascript, javascriptByCbor } from "./javascript.ts";
import { boto3, boto3ByCbor } from "./python.ts";
import { beginning, play, type Stage, type Step, scenario } from "./scenario.ts";
import { type Served, serve } from "./serve.ts";

interface Named {
  readonly name: string;
  readonly short: string;
  readonly open: (target: Target) => Client;
  readonly isHere: () => Promise<boolean>;
  /** How long its operations take: waiting costs the CLI most of a second a look. */
  readonly delay: string;
}

const clients: readonly Named[] = [
  { name: "the AWS SDK for JavaScript", short: "js", open: javascript, isHere: async () => true, delay: "100ms" },
  {
    name: "the AWS SDK for JavaScript, by CBOR",
    short: "js",
    open: javascriptByCbor,
    isHere: async () => true,
    delay: "100ms",
  },
  { name: "boto3", short: "boto3", open: boto3, isHere: hasBoto3, delay: "100ms" },
  { name: "boto3, by CBOR", short: "boto3", open: boto3ByCbor, isHere: hasBoto3, delay: "100ms" },
  { name: "the AWS CLI", short: "cli", open: cli, isHere: () => isHere("the AWS CLI", "aws", "--version"), delay: "0" },
];

function hasBoto3(): Promise<boolean> {
  return isHere("boto3", "python3", "-c", "import boto3");
}

/** What two requests at once are told where operations take an hour. */
const busy: readonly Stage[] = [
  stage({ do: "CreateHttpNamespace", with: { Name: "slow" }, keep: { first: "OperationId" } }),
  stage(
    {
      do: "GetOperation",
      with: { OperationId: "$first" },
      answer: { Operation: { Status: "PENDING", Targets: { NAMESPACE: "/^ns-/" } } },
    },
    {
      do: "CreateHttpNamespace",
      with: { Name: "slow" },
      error: { code: "DuplicateRequest", DuplicateOperationId: "$first", Message: "/under way/" },
    },
  ),
];

function stage(...steps: readonly Step[]): Stage {
  return { name: "", steps };
}

describe("the scenario for clients", () => {
  it("has every operation of the API, for each client", () => {
    for (const { short } of clients) {
      const steps = scenario.flatMap((each) => each.steps.filter(({ skip }) => skip !== short));
      const named = new Set(steps.map((step) => step.do));
      expect([...named].toSorted(), short).to.deep.equal(Object.keys(operations).toSorted());
    }
  });

  it("is not content with just any answer", async () => {
    const echo = (answer: object): Client => ({
      showsMembers: true,
      call: async () => ({ answer }),
      list: async () => ({ answer }),
      [Symbol.asyncDispose]: async () => {},
    });
    for (const { steps } of scenario) {
      for (const step of steps) {
        if (Object.keys(step.answer ?? {}).length === 0) continue;
        expect(await play([step], echo({}), beginning("1")), step.do).not.to.deep.equal([]);
      }
    }
    const wants = stage({ do: "X", with: {}, answer: { A: [{ B: 1 }, { B: 2 }], C: "<absent>" } }).steps;
    expect(await play(wants, echo({ A: [{ B: 2, D: 0 }, { B: 1 }] }), new Map())).to.deep.equal([]);
    for (const wrong of [{ A: [{ B: 1 }, { B: 1 }] }, { A: [{ B: 1 }] }, { A: [{ B: 1 }, { B: 2 }], C: 0 }]) {
      expect(await play(wants, echo(wrong), new Map())).to.have.length(1);
    }
  });
});

for (const { name, short, open, isHere, delay } of clients) {
  describe(name, () => {
    const kept = beginning("123456789012");
    let engine: Served;
    let client: Client;
    before(async function () {
      if (!(await isHere())) return this.skip();
      engine = await serve("--operation-delay", delay);
      client = open(engine);
    });
    after(async () => {
      await client?.[Symbol.asyncDispose]();
      await engine?.[Symbol.asyncDispose]();
    });

    for (const each of scenario) {
      it(each.name, async () => {
        const steps = each.steps.filter(({ skip }) => skip !== short);
        expect(await play(steps, client, kept)).to.deep.equal([]);
      });
    }

    it("is refused with a secret that is not the key's", async () => {
      await using stranger = open({ ...engine, secretAccessKey: `${engine.secretAccessKey}.` });
      const asks = { do: "ListNamespaces", with: {}, error: { code: "SignatureDoesNotMatch" } };
      expect(await play([asks], stranger, kept)).to.deep.equal([]);
    });

    it("is told which operation is in the way of another", async () => {
      await using slow = await serve("--operation-delay", "1h");
      await using asking = open(slow);
      for (const { steps } of busy) expect(await play(steps, asking, kept)).to.deep.equal([]);
    });
  });
}
