/** Unmodified clients of AWS with keys that are wrong, temporary or limited: what they tell their users. */
import { expect } from "chai";
import { arn, type Gated, home, keyOf, namespaceAs, startGated } from "../engine/auth/gated.ts";
import { cli } from "./cli.ts";
import type { Client, Target } from "./client.ts";
import { isHere } from "./environment.ts";
import { javascript } from "./javascript.ts";
import { boto3 } from "./python.ts";

const clients: readonly [name: string, open: (target: Target) => Client, isHere: () => Promise<boolean>][] = [
  ["the AWS SDK for JavaScript", javascript, async () => true],
  ["boto3", boto3, () => isHere("boto3", "python3", "-c", "import boto3")],
  ["the AWS CLI", cli, () => isHere("the AWS CLI", "aws", "--version")],
];

const root = keyOf("root");
const limited = keyOf("limited");
const temporary = keyOf("temporary");
const consumer = { ...keyOf("consumer"), account: "111111111111" };
const sessionToken = "the token of a session, as STS gives them";

describe("access keys in clients of AWS", () => {
  let gated: Gated;
  let namespace: string;
  before(async () => {
    const statement = { Effect: "Allow", Action: "servicediscovery:List*", Resource: "*" };
    const keys = [
      root,
      { ...limited, policies: [{ Statement: statement }] },
      { ...temporary, sessionTokens: [sessionToken] },
      consumer,
    ];
    gated = await startGated({ keys });
    namespace = await namespaceAs(gated, root, "shop");
    const shares = [{ namespace, accounts: [consumer.account] }];
    gated.write({ keys, shares });
    await gated.engine.restart();
  });
  after(() => gated[Symbol.asyncDispose]());

  for (const [name, open, isInstalled] of clients) {
    describe(name, () => {
      before(async function () {
        if (!(await isInstalled())) this.skip();
      });
      const call = async (key: Partial<Target>, operation: string, input: object) => {
        const { accessKeyId, secretAccessKey } = root;
        const target = { url: gated.engine.url, region: "us-east-1", accessKeyId, secretAccessKey, ...key };
        await using client = open(target);
        const outcome = await client.call(operation, input);
        return "error" in outcome ? [outcome.error.code, outcome.error.Message] : ["OK", outcome.answer];
      };

      it("are told what is wrong with them", async () => {
        const unknown = await call({ accessKeyId: "CLOUDMAPUNKNOWN00" }, "ListNamespaces", {});
        expect(unknown).to.deep.equal([
          "InvalidClientTokenId",
          "The access key CLOUDMAPUNKNOWN00 is not known to this engine.",
        ]);
        const [code] = await call({ secretAccessKey: "another secret than that" }, "ListNamespaces", {});
        expect(code).to.equal("SignatureDoesNotMatch");
        const [elsewhere, message] = await call({ region: "eu-west-1" }, "ListNamespaces", {});
        expect(elsewhere).to.equal("SignatureDoesNotMatch");
        expect(message).to.include("set the client's region to us-east-1");
      });

      it("are told what they may not do", async () => {
        const [listed] = await call(limited, "ListNamespaces", {});
        expect(listed).to.equal("OK");
        expect(await call(limited, "CreateHttpNamespace", { Name: "x" })).to.deep.equal([
          "AccessDeniedException",
          `User: arn:aws:iam::${home}:user/limited is not authorized to perform: servicediscovery:CreateHttpNamespace on resource: * because no identity-based policy allows the servicediscovery:CreateHttpNamespace action`,
        ]);
      });

      it("work with a session token, and not without", async () => {
        expect((await call({ ...temporary, sessionToken }, "ListNamespaces", {}))[0]).to.equal("OK");
        expect((await call(temporary, "ListNamespaces", {}))[0]).to.equal("InvalidClientTokenId");
      });

      it("reach a namespace that another account shares", async () => {
        const [code, answer] = await call(consumer, "GetNamespace", { Id: arn(home, "namespace", namespace) });
        expect(code).to.equal("OK");
        expect(answer).to.have.nested.include({ "Namespace.ResourceOwner": home });
        expect((await call(consumer, "GetNamespace", { Id: namespace }))[0]).to.equal("NamespaceNotFound");
      });
    });
  }
});
