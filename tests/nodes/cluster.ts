/** Nodes over one store, with a way from each node to each member of etcd that can be cut. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Disk } from "./disk.ts";
import { Etcd, type Machines } from "./etcd.ts";
import { Link } from "./link.ts";
import { Node, type NodeOptions } from "./node.ts";

/** Where the registry is in etcd, unless `--etcd-prefix` says otherwise. */
const prefix = "/cloudmap/";

type More = Pick<NodeOptions, "planted" | "flags">;

export class Cluster implements AsyncDisposable {
  readonly nodes: readonly Node[];
  /** undefined: one node with the embedded store. */
  readonly etcd: Etcd | undefined;
  readonly #links: ReadonlyMap<Node, readonly Link[]>;
  readonly #folder: string | undefined;
  /** The embedded store's own. */
  readonly disk: Disk | undefined;

  private constructor(
    nodes: readonly Node[],
    etcd: Etcd | undefined,
    links: ReadonlyMap<Node, readonly Link[]>,
    folder?: string,
    disk?: Disk,
  ) {
    this.nodes = nodes;
    this.etcd = etcd;
    this.#links = links;
    this.#folder = folder;
    this.disk = disk;
  }

  /** One node with the embedded store, on a disk of its own where there is one. */
  static async embedded(more: More = {}, disk?: Disk): Promise<Cluster> {
    const folder = mkdtempSync(join(disk?.folder ?? tmpdir(), "cloudmap-embedded-"));
    const node = await Node.open({ name: "n1", store: ["--data", folder], ...more });
    await node.ready();
    return new Cluster([node], undefined, new Map(), folder, disk);
  }

  static async start(size: number, members: 1 | 3, more: More = {}, machines: Machines = {}): Promise<Cluster> {
    const etcd = await Etcd.start(members, machines);
    const links = new Map<Node, readonly Link[]>();
    const nodes = await Promise.all(
      Array.from({ length: size }, async (_, index) => {
        const name = `n${index + 1}`;
        const own = await Promise.all(etcd.members.map(({ port, address }) => Link.to(port, address)));
        const store = ["--etcd", own.map(({ url }) => url).join(), "--node", name];
        const node = await Node.open({ name, store, ...more });
        links.set(node, own);
        return node;
      }),
    );
    const cluster = new Cluster(nodes, etcd, links);
    try {
      await cluster.ready();
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  /** The ways from a node to etcd. */
  linksOf(node: Node): readonly Link[] {
    return this.#links.get(node) ?? [];
  }

  /** Waits until all of it is well. */
  async ready(): Promise<void> {
    await this.etcd?.ready();
    await Promise.all(this.nodes.map((node) => node.ready()));
  }

  /** What is stored, by key; undefined where the store cannot be looked into while it is open. */
  async stored(): Promise<ReadonlyMap<string, string> | undefined> {
    return this.etcd?.dump(prefix);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
    await Promise.all([...this.#links.values()].flat().map((link) => link[Symbol.asyncDispose]()));
    await this.etcd?.[Symbol.asyncDispose]();
    this.disk?.free();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}
