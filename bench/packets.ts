// The DNS fuzz at length: PACKETS random and mutated packets (1,000,000), and how far they got.

import { registry, show, throwAt } from "../tests/dns/fuzz.ts";
import { randomOf } from "../tests/engine/trial.ts";
import type { Row } from "./row.ts";

export async function bench(): Promise<Row[]> {
  const packets = Number(process.env.PACKETS ?? 1_000_000);
  const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 1e6));
  const started = performance.now();
  const found = throwAt(registry(), packets, randomOf(seed));
  const seconds = (performance.now() - started) / 1000;
  console.log(show(found));
  for (const each of [...found.broken].slice(0, 10)) console.error(each);
  const wrong = found.broken.size;
  const name = `${packets} odd packets to DNS, FUZZ_SEED=${seed}`;
  return [{ name, value: `${wrong} went wrong, in ${seconds.toFixed(0)} s`, goal: "0", met: wrong === 0 }];
}
