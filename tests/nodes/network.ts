/** Hosts of their own for members of etcd: network namespaces at one bridge, any of which can be cut off from all others. */
import { run } from "../dns/tool.ts";

export interface Host {
  readonly address: string;
  /** The command that runs a program there, up to the program. */
  readonly prefix: readonly [string, ...string[]];
  /** Nothing comes in and nothing goes out. */
  cut(): Promise<void>;
  heal(): Promise<void>;
}

export interface Network extends AsyncDisposable {
  readonly hosts: readonly Host[];
}

async function ip(...args: readonly string[]): Promise<void> {
  const done = await run("ip", args);
  if (done?.code !== 0) throw new Error(`ip ${args.join(" ")}: ${done?.err ?? "there is no ip"}`);
}

/** undefined: this user may not make namespaces here. */
export async function openNetwork(size: number): Promise<Network | undefined> {
  const name = `cm${process.pid % 100_000}`;
  const prefix = `10.213.${process.pid % 250}`;
  if ((await run("ip", ["link", "add", name, "type", "bridge"]))?.code !== 0) return undefined;
  await ip("address", "add", `${prefix}.254/24`, "dev", name);
  await ip("link", "set", name, "up");
  const hosts: Host[] = [];
  for (let number = 1; number <= size; number += 1) {
    hosts.push(await openHost({ bridge: name, space: `${name}-${number}`, address: `${prefix}.${number}` }));
  }
  return {
    hosts,
    [Symbol.asyncDispose]: async () => {
      for (let number = 1; number <= size; number += 1) await ip("netns", "delete", `${name}-${number}`);
      await ip("link", "delete", name);
    },
  };
}

interface Place {
  readonly bridge: string;
  readonly space: string;
  readonly address: string;
}

async function openHost({ bridge, space, address }: Place): Promise<Host> {
  const [outside, inside] = [`${space}o`, `${space}i`];
  const within = ["netns", "exec", space] as const;
  await ip("netns", "add", space);
  await ip("link", "add", outside, "type", "veth", "peer", "name", inside);
  await ip("link", "set", inside, "netns", space);
  await ip("link", "set", outside, "master", bridge);
  await ip("link", "set", outside, "up");
  await ip(...within, "ip", "address", "add", `${address}/24`, "dev", inside);
  await ip(...within, "ip", "link", "set", inside, "up");
  await ip(...within, "ip", "link", "set", "lo", "up");
  return {
    address,
    prefix: ["ip", ...within],
    cut: () => ip("link", "set", outside, "down"),
    heal: () => ip("link", "set", outside, "up"),
  };
}
