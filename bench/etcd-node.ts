/** A program that serves a registry, kept in etcd or in a folder, and says where by API and by DNS. */
import { startEngine } from "../engine/engine.ts";

const [place = "{}"] = process.argv.slice(2);
const dns = { listen: ["127.0.0.1:0"], rate: 0 };
const engine = await startEngine({ listen: "127.0.0.1:0", dns, log: () => {}, ...JSON.parse(place) });
process.stdout.write(`${engine.url} ${engine.dns.addresses[0]}\n`);
process.on("SIGTERM", () => void engine.stop().then(() => process.exit(0)));
