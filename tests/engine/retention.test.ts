// Operations that ended long ago are forgotten, the oldest first; those that are under way are not.
import { expect } from "chai";
import { rootOf } from "../../engine/auth/caller.ts";
import { operationId } from "../../engine/context.ts";
import { Contexts } from "../../engine/contexts.ts";
import { Dispatcher } from "../../engine/dispatch.ts";
import { keptOperations } from "../../engine/operation.ts";
import { operationKey } from "../../engine/records.ts";
import { Registry } from "../../engine/registry.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { node } from "./trial.ts";

describe("the operations that are kept", () => {
  it(`are at least the last ${keptOperations}, and not many more, whatever the load is`, async () => {
    const memory = new Memory();
    const store = openMemory(memory);
    const started = 1_700_000_000_000;
    let now = started;
    const ids = Array.from({ length: keptOperations }, () => operationId(now++));
    const [pending = ""] = ids;
    const writes = ids.map((Id) => {
      const record = { Id, Type: "REGISTER_INSTANCE", Targets: {}, CreateDate: 0, Status: "SUCCESS" };
      const Request = { Operation: "RegisterInstance", Input: {} };
      return {
        key: operationKey(Id),
        value: JSON.stringify(Id === pending ? { ...record, Status: "PENDING", Request } : record),
      };
    });
    memory.write({ expectations: [], writes });
    const registry = await node(store, new Registry());
    const contexts = new Contexts({
      home: "123456789012",
      region: "us-east-1",
      now: () => now++,
      operationDelay: 0,
      healthWindow: 0,
      quotas: {},
    });
    const asking = { caller: rootOf("123456789012"), address: "127.0.0.1" };
    const dispatcher = new Dispatcher(registry, store, contexts, () => {});
    dispatcher.resume();
    await dispatcher.answer("CreateHttpNamespace", { Name: "n" }, asking);
    const [NamespaceId] = registry.namespaces.page("", 1)[0] ?? [];
    await dispatcher.answer("CreateService", { NamespaceId, Name: "s" }, asking);
    const [ServiceId] = registry.services.page("", 1)[0] ?? [];
    const made: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const requests = Array.from({ length: 500 }, async (_, index) => {
        const input = { ServiceId, InstanceId: `i-${index}`, Attributes: {} };
        const answer = await dispatcher.answer("RegisterInstance", input, asking);
        made.push((answer as { OperationId: string }).OperationId);
      });
      await Promise.all(requests);
      expect(registry.operations.size).to.be.within(keptOperations, keptOperations + 3_000);
    }
    const known = (id: string) => registry.get(operationKey(id)) !== undefined;
    expect(made.every(known), "the newest").to.equal(true);
    expect(known(pending), "one that is under way").to.equal(true);
    const forgotten = ids.filter((id) => !known(id));
    expect(forgotten).to.deep.equal(ids.slice(1, 1 + forgotten.length));
    expect(forgotten.length).to.be.above(5_000);
    await dispatcher.close();
  });
});
