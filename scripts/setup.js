// Makes a checkout ready (packages, dist/, the pinned Node) and runs one of its tasks; plain JavaScript for Node 20 and later.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { builtFrom, root, sourcesHash } from "./sources.js";

const tasks = {
  quickstart: { script: "scripts/quickstart.ts", needsDist: true },
  test: { script: "scripts/test.ts", needsDist: true },
  bench: { script: "bench/bench.ts", needsDist: true },
  cloudmap: { script: "bin/cloudmap.ts", needsDist: false },
};

/** A task starts many processes that read the same sources: without it, most of what these cost is to read and compile them. */
const compileCache = join(root, "node_modules", ".cache", "compile");

/** Standard output belongs to the task: `eval "$(npm run -s cloudmap -- env)"`. */
function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(message) {
  say(message);
  process.exit(1);
}

function isAtLeast(version, major, minor) {
  const [ours, ourMinor] = version.split(".").map(Number);
  return ours > major || (ours === major && ourMinor >= minor);
}

/** Runs a program to its end; Ctrl-C reaches it by itself, other signals are passed on. */
function run(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", ...options });
    const pass = (signal) => child.kill(signal);
    process.on("SIGTERM", pass).on("SIGINT", () => {});
    child.on("error", (error) => fail(`cannot run ${command}: ${error.message}`));
    child.on("exit", (code, signal) => {
      process.off("SIGTERM", pass);
      resolve(signal === null ? (code ?? 1) : 1);
    });
  });
}

function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

/** npm writes node_modules/.package-lock.json when an installation is whole: it must be what package-lock.json asks for. */
function isInstalled() {
  const wanted = readJson(join(root, "package-lock.json")).packages;
  const installed = readJson(join(root, "node_modules", ".package-lock.json"))?.packages;
  if (installed === undefined) return false;
  return Object.entries(wanted).every(([path, { version, integrity, link, optional }]) => {
    if (path === "" || link) return true;
    const there = installed[path];
    return there === undefined ? optional === true : there.version === version && there.integrity === integrity;
  });
}

async function install() {
  if (isInstalled()) return;
  say("Installing the packages that package-lock.json names (once, about a minute) …");
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const ticker = setInterval(() => say(`  … ${seconds()} s`), 15_000);
  // dist/ is built below, with its errors in sight; no package needs its install script here.
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  const code = npm?.endsWith("npm-cli.js")
    ? await run(process.execPath, [npm, ...args], { stdio: ["ignore", 2, 2] })
    : await run("npm", args, { stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  clearInterval(ticker);
  if (code !== 0) {
    fail(
      `\`npm ci\` failed (exit code ${code}); what it says is above. It needs the npm registry and a writable checkout.`,
    );
  }
  say(`Installed in ${seconds()} s.`);
}

async function build() {
  if (existsSync(builtFrom) && readFileSync(builtFrom, "utf8") === sourcesHash()) return;
  say("Building dist/ …");
  const code = await run(process.execPath, [join("scripts", "build.js")], { stdio: ["ignore", 2, 2] });
  if (code !== 0) fail("The sources do not compile: dist/ is not built.");
}

/** The Node that package-lock.json pins where there is one for this platform, else the one that runs this. */
function findNode() {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = process.platform === "win32" ? "node.exe" : "node";
  const pinned = join(root, "node_modules", `node-${platform}-${process.arch}`, "bin", name);
  if (existsSync(pinned)) return pinned;
  if (isAtLeast(process.versions.node, 22, 18)) return process.execPath;
  return fail(
    `There is no pinned Node for ${process.platform} ${process.arch}, and this one is ${process.versions.node}: install Node 22.18 or later.`,
  );
}

/** Whoever reads the last line of `npm test` must find one, also where no test could be run. */
function tallyFailure(code) {
  if (code !== 0) console.log("0 passed, 1 failed");
}

async function main([name, ...args]) {
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (task === undefined) fail(`setup.js runs one of ${Object.keys(tasks).join(", ")}; not ${name ?? "nothing"}.`);
  if (!isAtLeast(process.versions.node, 20, 0))
    fail(`Node ${process.versions.node} is too old: install Node 20 or later.`);
  if (name === "test") process.on("exit", tallyFailure);
  await install();
  if (task.needsDist) await build();
  const node = findNode();
  process.off("exit", tallyFailure); // the tests count for themselves
  const variable = Object.keys(process.env).find((key) => key.toUpperCase() === "PATH") ?? "PATH"; // Windows: Path
  const path = [dirname(node), process.env[variable]].join(delimiter);
  process.exitCode = await run(node, ["--disable-warning=ExperimentalWarning", task.script, ...args], {
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env, [variable]: path },
  });
}

await main(process.argv.slice(2));
