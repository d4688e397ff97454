// An engine that does not come up: it lets go of all that it had taken, and does not go on answering for a store that is closed.
import { expect } from "chai";
import { startEngine } from "../../engine/engine.ts";
import { type Store, StoreError } from "../../engine/store/store.ts";
import { freePort } from "../local/port.ts";
import { Memory, openMemory } from "../store/memory.ts";

describe("an engine whose store is lost while it starts", () => {
  it("says why, and listens no more", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const memory = openMemory(new Memory());
    let answered: number | undefined;
    const join: Store["join"] = async () => {
      answered = (await fetch(`${url}/healthz`)).status; // it serves already
      throw new StoreError("unreachable", "etcd has no leader");
    };
    let closed = 0;
    const close = async () => {
      closed += 1;
      await memory.close();
    };
    const store = Object.assign(Object.create(memory), { join, close });
    const error = await startEngine({ listen: url.slice("http://".length), store, log: () => {} }).then(String, String);
    expect(error).to.include("etcd has no leader");
    expect([answered, closed]).to.deep.equal([200, 1]);
    const refused = await fetch(`${url}/healthz`).catch((failure: Error) => failure.cause);
    expect(refused).to.have.property("code", "ECONNREFUSED");
  });
});
