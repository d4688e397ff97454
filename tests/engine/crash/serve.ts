/** A program that serves a registry, in a folder or in etcd, and says where, so that a test can kill it. */
import { startEngine } from "../../../engine/engine.ts";

const [place = ""] = process.argv.slice(2);
const engine = await startEngine({
  listen: "127.0.0.1:0",
  ...(place.startsWith("{") ? { etcd: JSON.parse(place) } : { data: place }),
});
process.stdout.write(`${engine.url}\n`);
process.on("SIGTERM", () => void engine.stop().then(() => process.exit(0)));
