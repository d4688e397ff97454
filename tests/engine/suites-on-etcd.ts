/** The suites of the engine over etcd: each test whose registry may be anywhere has it there (`start` in running.ts). */
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EtcdServer } from "../store/etcd-server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const mocha = fileURLToPath(new URL("../../node_modules/mocha/bin/mocha.js", import.meta.url));

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** How many registries there were in etcd. */
  readonly registries: number;
  /** What mocha says of the failures. */
  readonly said: string;
}

/** Runs the test files that the patterns name, in one process, over an etcd of their own. */
export async function runOnEtcd(patterns: readonly string[]): Promise<Outcome> {
  await using etcd = await EtcdServer.start({ flags: ["--unsafe-no-fsync"] });
  const files = globSync(patterns, { cwd: root });
  const args = [mocha, "--reporter", "dot", "--timeout", "60000", ...files];
  const env = { ...process.env, TEST_ETCD: etcd.url };
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: root, env, maxBuffer: 2 ** 26 }, (_, out, err) => resolve(out + err));
  });
  const keys = await etcd.control("get", "--prefix", "/test/", "--keys-only");
  const count = (what: string) => Number(new RegExp(`^ *(\\d+) ${what}`, "m").exec(said)?.[1] ?? 0);
  const registries = keys.split("\n").filter((key) => key.endsWith("/form")).length;
  return { passed: count("passing"), failed: count("failing"), registries, said };
}
