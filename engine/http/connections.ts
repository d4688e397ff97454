/** How many connections are taken at a time: those beyond are refused, counted, and told of once a minute. */
import type { Server } from "node:net";
import type { Log } from "../log.ts";
import { type Family, single } from "../metrics.ts";

/** More than there may be watches, so that there is room for who asks beside them. */
const defaultMost = 25_000;

const toldEvery = 60_000;

/** Sets the limit; answers a function that says how many connections were refused. */
export function limitConnections(server: Server, log: Log, most = defaultMost): () => number {
  let refused = 0;
  let quietUntil = 0;
  server.maxConnections = most;
  server.on("drop", () => {
    refused += 1;
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + toldEvery;
    log("warn", `connections are refused: ${most} are open, as many as --max-connections allows`);
  });
  return () => refused;
}

export function connectionFamilies(refused: () => number): Family[] {
  const help = "Connections to the API that were refused, because there were too many.";
  return [single("counter", "cloudmap_http_refused_connections_total", help, refused)];
}
