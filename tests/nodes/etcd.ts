/** etcd for a test: one member or three, each a process that can be killed, paused and started again. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../dns/tool.ts";
import { freePort } from "../local/port.ts";
import { until } from "../local/until.ts";
import type { Disk } from "./disk.ts";
import type { Host } from "./network.ts";
import { Program } from "./process.ts";

export interface Member {
  readonly name: string;
  readonly port: number;
  readonly address: string;
  readonly url: string;
  readonly program: Program;
  /** Where it runs on a host of its own. */
  readonly host: Host | undefined;
  /** Where its data has a disk of its own. */
  readonly disk: Disk | undefined;
}

/** What members may have of their own, each the one of its number. */
export interface Machines {
  readonly hosts?: readonly Host[];
  readonly disks?: readonly Disk[];
}

interface Status {
  readonly header: { readonly member_id: string };
  readonly leader?: string;
}

export class Etcd implements AsyncDisposable {
  readonly members: readonly Member[];
  readonly #folder: string;

  private constructor(folder: string, members: readonly Member[]) {
    this.#folder = folder;
    this.members = members;
  }

  /** On hosts and disks of their own where there are some, else side by side. */
  static async start(size: 1 | 3, { hosts = [], disks = [] }: Machines = {}): Promise<Etcd> {
    const folder = mkdtempSync(join(tmpdir(), "cloudmap-etcd-"));
    const places = await Promise.all(
      Array.from({ length: size }, (_, index) => placeOf(`m${index + 1}`, hosts[index], disks[index])),
    );
    const cluster = places.map(({ name, peer }) => `${name}=${peer}`).join();
    const members = places.map((place): Member => {
      const { name, url, peer, host, disk } = place;
      const data = join(disk?.folder ?? folder, name);
      const own = ["--name", name, "--data-dir", data, "--initial-cluster", cluster];
      const clients = ["--listen-client-urls", url, "--advertise-client-urls", url];
      const peers = ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer];
      const [command, ...before] = [...(host?.prefix ?? []), "etcd"] as [string, ...string[]]; // "etcd" at least
      const args = [...before, ...own, ...clients, ...peers, ...timing, "--log-level", "error"];
      return { ...place, program: new Program(command, args) };
    });
    const etcd = new Etcd(folder, members);
    for (const { program } of members) program.start();
    await etcd.ready();
    return etcd;
  }

  /** The member that leads, where one is known. */
  async leader(): Promise<Member | undefined> {
    for (const member of this.members) {
      const status = await this.#status(member);
      if (status?.leader !== undefined && status.leader === status.header.member_id) return member;
    }
    return undefined;
  }

  /** Waits until every member answers and knows a leader, and a write goes through. */
  async ready(): Promise<void> {
    await until(
      "every member of etcd knows the leader",
      async () => {
        for (const { disk, program } of this.members) if (disk !== undefined && !program.runs) program.start(); // it was full
        const leaders = await Promise.all(this.members.map(async (member) => (await this.#status(member))?.leader));
        return leaders[0] !== undefined && leaders.every((leader) => leader === leaders[0]);
      },
      60_000,
    );
    await until(
      "etcd takes a write",
      async () => (await this.ask("kv/put", { key: "cmVhZHk=" })) !== undefined,
      30_000,
    );
  }

  /** Calls etcd's API as JSON, at the first member that answers; undefined where none does. */
  async ask(method: string, body: object, members = this.members): Promise<unknown> {
    for (const { url } of members) {
      const signal = AbortSignal.timeout(2_000);
      const answer = await fetch(`${url}/v3/${method}`, { method: "POST", body: JSON.stringify(body), signal }).catch(
        () => undefined,
      );
      if (answer?.ok) return answer.json();
    }
    return undefined;
  }

  async #status(member: Member): Promise<Status | undefined> {
    return (await this.ask("maintenance/status", {}, [member])) as Status | undefined;
  }

  /** Compacts all that is before the newest revision: a watcher that lags behind has lost its place. */
  async compact(): Promise<void> {
    const answer = await this.ask("kv/range", { key: "cmVhZHk=" });
    const { header } = answer as { header: { revision: string } };
    await this.ask("kv/compaction", { revision: header.revision, physical: true });
  }

  /** Raises the alarm that etcd raises when its space is used up, or takes it back. */
  async alarm(action: "ACTIVATE" | "DEACTIVATE"): Promise<void> {
    const leader = (await this.leader()) ?? this.members[0];
    const status = leader && (await this.#status(leader));
    await this.ask("maintenance/alarm", { action, memberID: status?.header.member_id, alarm: "NOSPACE" });
  }

  /** All keys with their values. */
  async dump(prefix: string): Promise<Map<string, string>> {
    const endpoints = this.members.map(({ url }) => url).join();
    const done = await run("etcdctl", ["--endpoints", endpoints, "get", "--prefix", prefix, "-w", "json"]);
    if (done?.code !== 0) throw new Error(`etcdctl get: ${done?.err}`);
    const { kvs = [] }: { kvs?: { key: string; value?: string }[] } = JSON.parse(done.out);
    const text = (base64 = "") => Buffer.from(base64, "base64").toString();
    return new Map(kvs.map(({ key, value }) => [text(key).slice(prefix.length), text(value)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map(({ program }) => program.kill()));
    for (const { disk, name } of this.members) {
      disk?.free();
      rmSync(join(disk?.folder ?? this.#folder, name), { recursive: true, force: true });
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function placeOf(name: string, host: Host | undefined, disk: Disk | undefined) {
  const address = host?.address ?? "127.0.0.1";
  const [port, peer] = host === undefined ? [await freePort(), await freePort()] : [2379, 2380];
  return { name, host, disk, address, port, url: `http://${address}:${port}`, peer: `http://${address}:${peer}` };
}

/** Elections take a second at most, so that a round with a dead leader is short. */
const timing = ["--heartbeat-interval", "50", "--election-timeout", "500"];
