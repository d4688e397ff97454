// Runs the suites of the engine, of DNS and of health with their registries in etcd: what clients are promised is the same there.

import { runOnEtcd } from "../tests/engine/suites-on-etcd.ts";
import { hasEtcd } from "../tests/store/etcd-server.ts";
import type { Row } from "./row.ts";

/** Backups of a folder are left out: there is none. */
const patterns = [
  "tests/engine/!(backup).test.ts",
  "tests/engine/{auth,http}/*.test.ts",
  "tests/{dns,health,monitoring}/*.test.ts",
];

export async function bench(): Promise<Row[]> {
  if (!hasEtcd()) return [{ name: "suites over etcd", value: "not run: there is no etcd" }];
  const { passed, failed, registries, said } = await runOnEtcd(patterns);
  if (failed > 0) console.error(said);
  return [
    {
      name: "suites of the engine, DNS and health, with their registries in etcd",
      value: `${passed} tests passed, ${failed} failed (${registries} registries)`,
      goal: "none failed",
      met: failed === 0 && passed > 0,
    },
  ];
}
