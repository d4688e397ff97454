// What a key may do on a node that has not heard yet of what is asked about: the same as on one that has.
import { expect } from "chai";
import { until } from "../../local/until.ts";
import { cuttable } from "../../store/cut.ts";
import { Memory, openMemory } from "../../store/memory.ts";
import { ask, type Gated, keyOf, startGated } from "./gated.ts";

const all = { Effect: "Allow", Action: "servicediscovery:*", Resource: "*" };
const [admin, team, free] = [keyOf("admin"), keyOf("team"), keyOf("free")];
const keys = [
  admin,
  {
    ...team,
    policies: [{ Statement: [{ ...all, Condition: { StringEquals: { "aws:ResourceTag/team": "shop" } } }] }],
  },
  {
    ...free,
    policies: [
      {
        Statement: [all, { ...all, Effect: "Deny", Condition: { StringEquals: { "aws:ResourceTag/locked": "yes" } } }],
      },
    ],
  },
];

describe("a key's policies, on a node that has not heard yet of the resource", () => {
  const opened = async () => {
    const memory = new Memory();
    const cut = cuttable(openMemory(memory));
    const quick = await startGated({ keys }, { store: openMemory(memory), now: Date.now, pace: 5_000 });
    const slow = await startGated({ keys }, { store: cut.store, now: Date.now, pace: 5_000 });
    const told = async (to: Gated, name: string, input: object) => {
      const { code, body } = await ask(to, admin, name, input);
      expect(code, body).to.equal("OK");
      return JSON.parse(body);
    };
    await told(quick, "CreateHttpNamespace", { Name: "n" });
    const NamespaceId = (await told(quick, "ListNamespaces", {})).Namespaces[0].Id;
    await until("the second node has it", async () => (await told(slow, "ListNamespaces", {})).Namespaces.length === 1);
    cut.hold();
    const make = async (Name: string, Key: string, Value: string): Promise<string> =>
      (await told(quick, "CreateService", { NamespaceId, Name, Tags: [{ Key, Value }] })).Service.Id;
    return {
      make,
      /** Asks the slow node, which hears of everything once it has asked what there is. */
      ask: async (key: typeof admin, name: string, input: object) => {
        const before = cut.asked();
        const answer = ask(slow, key, name, input);
        await until("it makes sure", () => cut.asked() > before);
        cut.mend();
        return (await answer).code;
      },
      [Symbol.asyncDispose]: async () => {
        cut.mend();
        await slow[Symbol.asyncDispose]();
        await quick[Symbol.asyncDispose]();
      },
    };
  };

  for (const [name, more] of [
    ["RegisterInstance", { InstanceId: "i", Attributes: {} }],
    ["ListInstances", {}],
  ] as const) {
    it(`allow ${name} by its tags`, async () => {
      await using nodes = await opened();
      const ServiceId = await nodes.make("s", "team", "shop");
      expect(await nodes.ask(team, name, { ServiceId, ...more })).to.equal("OK");
    });

    it(`deny ${name} by its tags`, async () => {
      await using nodes = await opened();
      const ServiceId = await nodes.make("s", "locked", "yes");
      expect(await nodes.ask(free, name, { ServiceId, ...more })).to.equal("AccessDeniedException");
    });
  }
});
