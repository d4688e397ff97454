// A program that serves a registry to holders of access keys, and says where: their file is beside the registry's folder.
import { startEngine } from "../engine/engine.ts";

const [data = ""] = process.argv.slice(2);
const engine = await startEngine({ listen: "127.0.0.1:0", data, auth: `${data}.access.json` });
process.stdout.write(`${engine.url}\n`);
process.on("SIGTERM", () => void engine.stop().then(() => process.exit(0)));
