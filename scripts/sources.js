// Names the state of the sources that dist/ is built from by a hash, which dist/ keeps: it is out of date when they differ.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
/** Where dist/ says what it was built from. */
export const builtFrom = join(root, "dist", ".sources");

const rooms = ["adopt", "api", "bin", "engine", "local", "provider", "sdk"];
const files = ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json"];

export function sourcesHash() {
  const hash = createHash("sha256");
  for (const path of [...files, ...rooms.flatMap(sourcesOf)]) {
    hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  }
  return hash.digest("hex");
}

function sourcesOf(room) {
  if (!existsSync(join(root, room))) return [];
  const entries = readdirSync(join(root, room), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return paths.map((path) => path.slice(root.length)).sort();
}
