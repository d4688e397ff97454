// Builds dist/ from the TypeScript sources; runs on any Node that npm runs on.
// The old dist/ stands until the new one is whole, so that programs that are running go on finding their modules.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root, sourcesHash } from "./sources.js";

const next = join(root, `.dist-${process.pid}`);
const hash = sourcesHash();
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const args = [tsc, "-p", "tsconfig.build.json", "--outDir", next];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
// tsc leaves `./x.ts` in declarations, which TypeScript 4, that of programs made by `pulumi convert`, does not read.
function rewriteDeclarations() {
  for (const name of readdirSync(next, { recursive: true })) {
    if (!name.endsWith(".d.ts")) continue;
    const text = readFileSync(join(next, name), "utf8");
    writeFileSync(join(next, name), text.replace(/(?<=(?:from |import\()"\.{1,2}\/[^"]*)\.ts(?=")/g, ".js"));
  }
}

if (status === 0) {
  rewriteDeclarations();
  writeFileSync(join(next, ".sources"), hash);
  rmSync(join(root, "dist"), { recursive: true, force: true });
  renameSync(next, join(root, "dist"));
}
rmSync(next, { recursive: true, force: true });
process.exit(status ?? 1);
