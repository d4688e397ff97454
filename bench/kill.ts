// Kills an engine under load again and again, and looks each time whether anything that was acknowledged is lost or doubled.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { live } from "../tests/engine/crash/life.ts";
import type { Row } from "./row.ts";

/** A registry begins anew after so many kills, so that young ones are killed too. */
const kept = 25;

export async function bench(): Promise<Row[]> {
  const rounds = Number(process.env.BENCH_ROUNDS ?? 200);
  const inFlight: number[] = [];
  for (let left = rounds; left > 0; left -= kept) {
    const folder = mkdtempSync(join(tmpdir(), "cloudmap-kill-"));
    try {
      const counts = await live(folder, Math.min(kept, left));
      console.error(`in flight at each kill: ${counts.join(" ")}`);
      inFlight.push(...counts);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const [least, most] = [Math.min(...inFlight), Math.max(...inFlight)];
  return [
    {
      name: "kill -9 under load: nothing acknowledged lost or doubled, no revision falls, operations answer",
      value: `${inFlight.length} kills, with ${least} to ${most} requests in flight`,
      goal: "all, with some in flight",
      met: inFlight.length === rounds && least > 0,
    },
  ];
}
