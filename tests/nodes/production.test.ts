// docs/production.md as it is written: its certificates, members, users, engine, backup and repairs, on ports of this machine.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { has, run } from "../dns/tool.ts";
import { freePort } from "../local/port.ts";
import { until } from "../local/until.ts";
import { hasEtcd } from "../store/etcd-server.ts";
import { Program } from "./process.ts";

const page = readFileSync(new URL("../../docs/production.md", import.meta.url), "utf8");
const script = fileURLToPath(new URL("../../bin/cloudmap.ts", import.meta.url));
const members = [1, 2, 3] as const;

/** The blocks of the page that are shown as they are to be typed; those in a list too. */
const blocks = [...page.matchAll(/(?:^ {4,6}\S.*\n(?:(?: {4,}.*)?\n(?= {4})| {4,}.*\n)*)+/gm)].map(([text]) =>
  text.replace(new RegExp(`^ {${/^ */.exec(text)?.[0].length}}`, "gm"), ""),
);
const block = (start: string): string => {
  const found = blocks.find((text) => text.startsWith(start));
  if (found === undefined) throw new Error(`docs/production.md has no block that begins with ${start}`);
  return found;
};

function variables(text: string): NodeJS.ProcessEnv {
  return Object.fromEntries(
    text
      .trim()
      .split("\n")
      .map((line) => /^(\w+)=(.*)$/.exec(line)?.slice(1) ?? []),
  );
}

describe("docs/production.md", function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-production-"));
  const ports = new Map<string, number>();
  const etcds: Program[] = [];
  let engine: Program | undefined;
  let more = "";

  /** What the page says, with this machine's ports and folder in place of the page's addresses and folders. */
  const here = (text: string): string => {
    const replaced = text
      .replaceAll(",https://127.0.0.1:2379", "") // is its address already
      .replace(/10\.0\.0\.1[123]:\d+/g, (address) => `127.0.0.1:${ports.get(address)}`)
      .replace(/10\.0\.0\.1[123]\b/g, "127.0.0.1")
      .replaceAll("/var/lib/etcd/cloudmap", join(folder, "data"));
    return replaced.replace(/\/(etc\/etcd|etc\/cloudmap|root|var\/backups|var\/log\/cloudmap)\//g, `${folder}/`);
  };
  /** Types what the page says; what is exported stays for what is typed later. */
  const type = async (text: string): Promise<string> => {
    const done = await run("bash", ["-euc", `cd ${folder}\n${more}\n${here(text)}`]);
    if (done?.code !== 0) throw new Error(`${text}\n${done?.out}\n${done?.err}`);
    more += `${here(
      text
        .split("\n")
        .filter((line) => /^export|^set -a.*set \+a$/.test(line))
        .join("\n"),
    )}\n`;
    return done.out;
  };
  const begin = (member: number, env: NodeJS.ProcessEnv = {}) => {
    const text = block("ETCD_NAME=m1")
      .replace(/^(ETCD_(?!INITIAL_CLUSTER=).*)$/gm, (line) =>
        line.replaceAll("m1", `m${member}`).replaceAll("10.0.0.11", `10.0.0.1${member}`),
      )
      .replace("/var/lib/etcd/cloudmap", `/var/lib/etcd/cloudmap/${member}`);
    const log = { ETCD_LOG_LEVEL: "error", ETCD_UNSAFE_NO_FSYNC: "true" };
    const started = new Program("etcd", [], { ...variables(here(text)), ...log, ...env });
    started.start();
    etcds[member] = started;
  };
  const health = (): Promise<string> =>
    new Promise((resolve) => {
      const url = `https://127.0.0.1:${ports.get("10.0.0.11:7700")}/healthz`;
      const asked = request(url, { ca: readFileSync(join(folder, "ca.pem")), timeout: 5_000 }, (answer) => {
        answer
          .setEncoding("utf8")
          .toArray()
          .then(
            (texts) => resolve(texts.join("")),
            () => resolve(""),
          );
      });
      asked.on("error", (error) => resolve(String(error))).end();
    });
  const isWell = () => until("the engine is well", async () => (await health()).includes('"status":"ok"'), 60_000);

  before(async function () {
    if (!hasEtcd() || !(await has("openssl", "version"))) return this.skip();
    mkdirSync(join(folder, "data"));
    for (const member of members) {
      for (const port of [2379, 2380]) ports.set(`10.0.0.1${member}:${port}`, await freePort());
    }
    ports.set("10.0.0.11:7700", await freePort()).set("10.0.0.11:53", 0);
    writeFileSync(
      join(folder, "cloudmap"),
      `#!/bin/sh\nexec ${process.execPath} --disable-warning=ExperimentalWarning ${script} "$@"\n`,
      { mode: 0o755 },
    );
    more = `export PATH=${folder}:$PATH CLOUDMAP_HOME=${join(folder, "home")}\n`;
  });
  after(async () => {
    await engine?.kill();
    for (const etcd of etcds) await etcd?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("makes certificates, with which three members come together", async () => {
    await type(block("umask 077"));
    for (const member of members) begin(member);
    const enter = block("export ETCDCTL_API");
    await until(
      "etcd is well",
      () =>
        type(enter).then(
          () => true,
          () => false,
        ),
      60_000,
    );
    expect(await type("etcdctl member list")).to.match(
      /started, m1,[\s\S]*started, m2,|started, m2,[\s\S]*started, m1,/,
    );
  });

  it("makes users, of which the registry's may use its keys and nothing else", async () => {
    for (const name of ["etcd-password", "etcd-root-password"]) {
      await type(`openssl rand -base64 30 > /etc/cloudmap/${name}`);
    }
    await type(block("etcdctl role add cloudmap"));
    const asRegistry = `etcdctl --user "cloudmap:$(cat /etc/cloudmap/etcd-password)" put`;
    expect(await type(`${asRegistry} /other/key 1 || echo refused`)).to.equal("refused\n");
    expect(await type("ETCDCTL_USER= etcdctl get --prefix / || echo refused")).to.equal("refused\n");
  });

  it("starts an engine by its environment", async () => {
    const key = { accessKeyId: "CLOUDMAPDEPLOY001", secretAccessKey: "not-so-secret-in-a-test", name: "deploy" };
    writeFileSync(join(folder, "access.json"), JSON.stringify({ keys: [key] }), { mode: 0o600 });
    for (const [from, to] of [
      ["m1.pem", "tls.pem"],
      ["m1-key.pem", "tls-key.pem"],
    ] as const) {
      copyFileSync(join(folder, from), join(folder, to));
    }
    writeFileSync(join(folder, "environment"), here(block("CLOUDMAP_NODE=n1")));
    engine = new Program(join(folder, "cloudmap"), ["serve"], variables(here(block("CLOUDMAP_NODE=n1"))));
    engine.start();
    await isWell().catch((error) => {
      throw new Error(`${error.message}: ${engine?.said}`);
    });
    expect(await type("etcdctl get --prefix /cloudmap/ --keys-only")).to.include("/cloudmap/node/n1");
    expect(page).to.include("ExecStart=/usr/bin/cloudmap serve\n");
  });

  it("backs the registry up, and restores it below another prefix", async () => {
    await type("etcdctl role grant-permission cloudmap readwrite --prefix=true /restored/");
    const backedUp = (await type(block("set -a"))).trim();
    const restored = (await type(`set -a; . /etc/cloudmap/environment; ${block("cloudmap restore")}`)).trim();
    expect(restored.replace(/^Restored (.*) into .*$/, "$1")).to.equal(
      backedUp.replace(/^Backed up (.*) to .*$/, "$1"),
    );
    expect(await type("etcdctl get --prefix /restored/ --keys-only")).to.include("/restored/data/identity");
  });

  it("makes room, while the engine goes on", async () => {
    expect(await type(block("revision="))).to.match(/compacted revision \d+/);
    await isWell();
  });

  it("puts a new member in the place of one that is lost", async () => {
    await etcds[3]?.kill();
    rmSync(join(folder, "data", "3"), { recursive: true });
    const before = more;
    const [left = ""] = block("export ETCDCTL_ENDPOINTS").split("\n");
    await until(
      "those that are left have a leader",
      () =>
        type(`${left}\netcdctl endpoint health`).then(
          () => true,
          () => false,
        ),
      60_000,
    );
    expect(await type(block("export ETCDCTL_ENDPOINTS"))).to.match(/removed from cluster[\s\S]*added to cluster/);
    begin(3, { ETCD_INITIAL_CLUSTER_STATE: "existing" });
    more = before;
    await until(
      "all are well",
      () =>
        type("etcdctl endpoint health").then(
          () => true,
          () => false,
        ),
      60_000,
    );
    expect((await type("etcdctl member list")).match(/started/g)).to.have.length(3);
    await isWell();
  });
});
