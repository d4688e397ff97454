// What an operator says of etcd: read, and refused where it makes no sense.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type EtcdTexts, readEtcd } from "../../local/etcd-settings.ts";
import { serve } from "../../local/serve.ts";

describe("what is said of etcd", () => {
  const secret = "hunter2-hunter2";
  const http = "http://127.0.0.1:1";

  it("is read, with a password from the environment or from a file", () => {
    const folder = mkdtempSync(join(tmpdir(), "cloudmap-etcd-settings-"));
    const file = join(folder, "password");
    writeFileSync(file, `${secret}\n`);
    const texts = { etcd: "https://a:2379, https://b:2379", etcdPrefix: "/shop/", etcdUser: "shop" };
    const wanted = { members: ["https://a:2379", "https://b:2379"], prefix: "/shop/", user: "shop", password: secret };
    expect(readEtcd(texts, { CLOUDMAP_ETCD_PASSWORD: secret })).to.deep.equal(wanted);
    expect(readEtcd({ ...texts, etcdPasswordFile: file }, {})).to.deep.equal(wanted);
    expect(readEtcd({}, {})).to.equal(undefined);
    rmSync(folder, { recursive: true });
  });

  const refusals: readonly (readonly [texts: EtcdTexts, reason: RegExp])[] = [
    [{ etcdPrefix: "/shop/" }, /--etcd-prefix says something of etcd, and without --etcd URL there is none/],
    [{ etcd: http, etcdPrefix: "shop" }, /begins and ends with a slash, such as \/shop\/, and not shop/],
    [{ etcd: http, etcdCa: "ca.pem" }, /are for https: URLs, and not for http:/],
    [{ etcd: "https://127.0.0.1:1", etcdCert: "a.pem" }, /--etcd-cert and --etcd-key need each other/],
    [{ etcd: http, etcdUser: "u" }, /needs a password: CLOUDMAP_ETCD_PASSWORD, or --etcd-password-file/],
    [{ etcd: http, etcdUser: "u", etcdPasswordFile: "/none" }, /--etcd-password-file \/none cannot be read/],
  ];
  for (const [texts, reason] of refusals) {
    it(`is refused where it is ${JSON.stringify(texts)}`, () => {
      expect(() => readEtcd(texts, {})).to.throw(reason);
    });
  }

  it("is refused beside a data folder, and where a URL is none or tells a password", async () => {
    const refusal = async (texts: EtcdTexts & { data?: string }): Promise<string> => {
      const started = serve({ listen: "127.0.0.1:0", dns: ["none"], ...texts }, () => {});
      return started.then(() => "it serves").catch((error) => error.message);
    };
    expect(await refusal({ etcd: http, data: "/data" })).to.match(/^--etcd and --data .* give one of them$/);
    expect(await refusal({ etcd: "127.0.0.1:2379" })).to.include("--etcd takes URLs such as http://127.0.0.1:2379");
    const told = await refusal({ etcd: `http://root:${secret}@127.0.0.1:2379` });
    expect(told).to.include("--etcd-user").and.not.include(secret);
  });
});
