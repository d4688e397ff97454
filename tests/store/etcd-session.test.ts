// What is asked over a session that has ended meanwhile is refused as what can be asked over another one.
import { expect } from "chai";
import { EtcdConnection, usualPatience } from "../../engine/store/etcd-connection.ts";
import { Session } from "../../engine/store/etcd-session.ts";
import { StoreError } from "../../engine/store/store.ts";
import { freePort } from "../local/port.ts";

describe("a session with etcd", () => {
  it("that has ended refuses a stream as a store that cannot be reached", async () => {
    const session = new Session(new URL(`http://127.0.0.1:${await freePort()}`), {});
    session.end();
    const opened = () => session.stream("Watch/Watch");
    expect(opened).to.throw(StoreError).with.property("failure", "unreachable");
  });

  it("is waited for without an end where that is asked", async () => {
    const place = { members: [`http://127.0.0.1:${await freePort()}`] };
    const connection = new EtcdConnection(
      place,
      () => {},
      usualPatience,
      async () => {
        throw new Error("it is not up");
      },
    );
    const waited = connection.session(Number.POSITIVE_INFINITY).then(String, String);
    expect(await Promise.race([waited, new Promise((done) => setTimeout(done, 300, "waits"))])).to.equal("waits");
    connection.close();
    expect(await waited).to.include("the store is closed");
  });
});
