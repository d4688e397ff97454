// The fuzz at length: FUZZ_REQUESTS malformed requests (100,000) against a whole engine, and what came of them.
import { fuzz, share, show } from "../tests/engine/http/fuzz/fuzz.ts";
import { startVictim } from "../tests/engine/http/fuzz/victim.ts";
import type { Row } from "./row.ts";

export async function bench(): Promise<Row[]> {
  const requests = Number(process.env.FUZZ_REQUESTS ?? 100_000);
  const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 1e6));
  await using victim = await startVictim();
  const started = performance.now();
  let half = 0;
  const halfway = () => {
    half = victim.memory();
  };
  const report = await fuzz({ target: victim, requests, seed, halfway });
  const seconds = (performance.now() - started) / 1000;
  console.log(show(report));
  const wrong = [...report.wrong, ...victim.errors(), ...(victim.isAlive() ? [] : ["the engine has ended"])];
  for (const each of wrong) console.error(each);
  const further = 1 - share(report, "framing");
  const memory = victim.memory();
  const what = `${requests} malformed requests, FUZZ_SEED=${seed}`;
  return [
    { name: what, value: `${wrong.length} went wrong, in ${seconds.toFixed(0)} s`, goal: "0", met: wrong.length === 0 },
    {
      name: "of them past the framing",
      value: `${(further * 100).toFixed(1)} %`,
      goal: ">= 60 %",
      met: further >= 0.6,
    },
    {
      name: "memory of the engine after them",
      value: `${memory.toFixed(0)} MB, ${half.toFixed(0)} MB after half of them`,
      goal: "<= 1.25 x half-way",
      met: memory <= 1.25 * half,
    },
  ];
}
