// The package.json that is packed is not the one that is developed with: the pinned Node is for this repository only.
// `publish` (prepack) puts the one for users in its place, `restore` (postpack) puts this one back.
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const manifest = fileURLToPath(new URL("../package.json", import.meta.url));
const kept = `${manifest}.kept`;

function publish() {
  restore(); // a pack that was broken off
  copyFileSync(manifest, kept);
  const {
    optionalDependencies: _,
    devDependencies: __,
    scripts: ___,
    ...forUsers
  } = JSON.parse(readFileSync(manifest, "utf8"));
  writeFileSync(manifest, `${JSON.stringify(forUsers, undefined, 2)}\n`);
}

function restore() {
  if (!existsSync(kept)) return;
  copyFileSync(kept, manifest);
  rmSync(kept);
}

const [task] = process.argv.slice(2);
if (task === "publish") publish();
else restore();
