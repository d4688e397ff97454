// An engine that probes as often as the measurement says, for bench/health.ts.
import { startEngine } from "../engine/engine.ts";

const [data = ""] = process.argv.slice(2);
const engine = await startEngine({
  listen: "127.0.0.1:0",
  data,
  probeInterval: Number(process.env.BENCH_PROBE_INTERVAL ?? 10_000),
  log: (level, message, fields) => {
    if (level !== "info") console.error(level, message, fields);
  },
});
process.stdout.write(`${engine.url}\n`);
process.on("SIGTERM", () => void engine.stop().then(() => process.exit(0)));
