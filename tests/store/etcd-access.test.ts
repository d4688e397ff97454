// How etcd lets an engine in: users and their rights, TLS with certificates on both sides; and what is said where it does not.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type EtcdOptions, openEtcd } from "../../engine/store/etcd.ts";
import type { Store, StoreError } from "../../engine/store/store.ts";
import { makePair, writePair } from "../engine/http/certificates.ts";
import { until } from "../local/until.ts";
import { EtcdServer, hasEtcd } from "./etcd-server.ts";
import { follow } from "./follower.ts";
import { commitTo, contentsOf, put } from "./place.ts";

const patience = { answer: 1_000, commit: 2_000, session: 1_000, start: 300 };
const prefix = "/shop/";
const write = (store: Store, value: string) => commitTo(store, { expectations: [], writes: [put("a", value)] });
const open = (etcd: EtcdServer, more: Partial<EtcdOptions>) =>
  openEtcd({ members: [etcd.url], prefix, patience, log: () => {}, ...more });

async function refusal(etcd: EtcdServer, more: Partial<EtcdOptions>): Promise<StoreError> {
  const opened = await open(etcd, more).catch((error) => error);
  if ("close" in opened) await opened.close();
  return opened;
}

describe("a store in etcd", () => {
  before(function () {
    if (!hasEtcd()) this.skip();
  });

  describe("with users", () => {
    const [user, password] = ["shop", "secret-of-the-shop"];
    const root = ["--user", "root:secret-of-root"];
    let etcd: EtcdServer;
    before(async () => {
      etcd = await EtcdServer.start({ login: root });
      for (const command of [
        ["user", "add", "root:secret-of-root"],
        ["user", "add", `${user}:${password}`],
        ["user", "add", `guest:${password}`],
        ["role", "add", "shop"],
        ["role", "grant-permission", "shop", "readwrite", "--prefix=true", prefix],
        ["user", "grant-role", user, "shop"],
        ["user", "grant-role", "root", "root"],
        ["auth", "enable"],
      ]) {
        await etcd.control(...command);
      }
    });
    after(() => etcd?.[Symbol.asyncDispose]());

    it("works with rights to its prefix, and logs in again when its login is no longer known", async () => {
      const store = await open(etcd, { user, password });
      const follower = await follow(store);
      const nodes: string[] = [];
      await store.join("one", (names) => nodes.push(names.join()));
      await write(store, "1");
      await etcd.stop("SIGTERM");
      await etcd.start(); // it has forgotten who has logged in
      await until("it writes again", () => write(store, "2").then(Boolean, () => false));
      const last = await write(store, "3");
      await until("it hears of it", () => follower.revision === last);
      expect([follower.wrong, await follower.agrees(), nodes[0]]).to.deep.equal([[], true, "one"]);
      await store.close();
    });

    const refused: readonly (readonly [string, Partial<EtcdOptions>, RegExp])[] = [
      ["a password is wrong", { user, password: "wrong" }, /check --etcd-user and its password/],
      ["nobody has logged in", {}, /--etcd-user/],
      [
        "a user may not use the prefix",
        { user: "guest", password },
        /role grant-permission ROLE readwrite --prefix=true/,
      ],
      ["the prefix is another one's", { user, password, prefix: "/other/" }, /role grant-permission/],
    ];
    for (const [what, more, remedy] of refused) {
      it(`is refused with what to do where ${what}`, async () => {
        const { failure, message } = await refusal(etcd, more);
        expect(failure).to.equal("denied");
        expect(message).to.match(remedy).and.not.include("secret-of");
      });
    }
  });

  describe("over TLS", () => {
    let folder: string;
    let etcd: EtcdServer;
    let files: { ca: string; cert: string; key: string };
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "cloudmap-etcd-tls-"));
      const at = (name: string) => {
        mkdirSync(join(folder, name));
        return join(folder, name);
      };
      const [server, client] = [writePair(at("server"), await makePair()), writePair(at("client"), await makePair())];
      files = { ca: server.cert, cert: client.cert, key: client.key };
      const login = ["--cacert", files.ca, "--cert", files.cert, "--key", files.key];
      const own = ["--cert-file", server.cert, "--key-file", server.key];
      const flags = [...own, "--client-cert-auth", "--trusted-ca-file", client.cert];
      etcd = await EtcdServer.start({ scheme: "https", flags, login });
    });
    after(async () => {
      await etcd?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    it("works with certificates on both sides", async () => {
      const store = await open(etcd, files);
      await write(store, "1");
      expect((await contentsOf(await store.load())).entries).to.have.length(1);
      await store.close();
    });

    it("is refused with what to do where a certificate is wrong, missing or not asked for", async () => {
      const { ca, cert, key } = files;
      for (const more of [{ ca: cert, cert, key }, { ca }, { cert, key }]) {
        const { message } = await refusal(etcd, more);
        expect(message, JSON.stringify(more)).to.include("check --etcd-ca");
      }
      const plain = await refusal(etcd, { members: [etcd.url.replace("https", "http")] });
      expect(plain.message).to.include("https: where etcd has a certificate");
    });

    it("is refused where the certificate is that of another address or name", async () => {
      const { port } = new URL(etcd.url);
      const forward = createServer((socket) => {
        const upstream = connect(Number(port), "127.0.0.1");
        for (const each of [socket, upstream]) each.on("error", () => each.destroy());
        socket.pipe(upstream).pipe(socket);
      });
      await new Promise<void>((resolve) => forward.listen(Number(port), "127.0.0.2", resolve));
      const { failure, message } = await refusal(etcd, { ...files, members: [`https://127.0.0.2:${port}`] });
      expect([failure, message]).to.satisfy(() => failure === "denied" && message.includes("127.0.0.2"));
      expect(message).to.include("that the name in the URL is in that certificate");
      forward.close();
      const named = await open(etcd, { ...files, members: [etcd.url.replace("127.0.0.1", "localhost")] });
      await named.close();
    });
  });
});
