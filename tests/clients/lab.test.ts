/** docs/lab.md, command by command as it stands there, by the AWS CLI against an engine that its first command starts. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { begin, firstMatch } from "../bin/run.ts";
import { isHere, run } from "./environment.ts";
import { differences } from "./scenario.ts";

interface Block {
  readonly language: string;
  readonly text: string;
}

/** What is typed, and what is printed then where the document shows it. */
interface Command {
  readonly typed: string;
  readonly printed: Block | undefined;
}

/** Milliseconds for all of it: thirty starts of the AWS CLI, each of them a second of a processor. */
const longest = 300_000;
/** Between what one command prints and the next: none of them prints such a line. */
const mark = "--- the next command of the lab ---";

function commandsIn(document: string): Command[] {
  const blocks = [...document.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", text = ""]): Block => ({ language, text }),
  );
  return blocks.flatMap(({ language, text }, index) => {
    const next = blocks[index + 1];
    return language === "sh" ? [{ typed: text, printed: next?.language === "sh" ? undefined : next }] : [];
  });
}

/** How what was printed differs from what the document shows, in which `…` stands for anything. */
function mismatches(actual: string, { language, text }: Block): string[] {
  if (language === "text") return differences(actual.trim(), patternOf(text.trim()), new Map());
  return differences(
    JSON.parse(actual),
    JSON.parse(text, (_, value) => patternOf(value)),
    new Map(),
  );
}

function patternOf(value: unknown): unknown {
  if (typeof value !== "string" || !value.includes("…")) return value;
  return `/^${value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("…", "[^]+")}$/`;
}

describe("docs/lab.md", function () {
  this.timeout(longest);
  const [serves, ...commands] = commandsIn(readFileSync(new URL("../../docs/lab.md", import.meta.url), "utf8"));
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-lab-"));
  let printed: string[] = [];
  let address: string;
  let stop: () => unknown = () => {};

  before(async function () {
    if (!(await isHere("the AWS CLI", "aws", "--version"))) return this.skip();
    const [, flags = ""] = /^npm run -s cloudmap -- (serve .*)\n$/.exec(serves?.typed ?? "") ?? [];
    const args = flags.replace("127.0.0.1:7700", "127.0.0.1:0").split(" ");
    const engine = begin([...args, "--data", join(folder, "data")], { CLOUDMAP_HOME: folder });
    stop = () => engine.kill("SIGTERM");
    address = new URL(await firstMatch(engine.stderr, /serves at (\S+)[\s\S]*Ctrl-C/)).host;
    const { PATH, HOME, PYENV_ROOT = join(HOME ?? "", ".pyenv") } = process.env;
    const script = commands.map(({ typed }) => typed).join(`echo '${mark}'\n`);
    const env = { PATH, PYENV_ROOT, HOME: folder };
    const done = await run("bash", ["-euc", script.replaceAll("127.0.0.1:7700", address)], env, longest - 10_000);
    expect(done, done.out).to.deep.include({ code: 0, err: "" });
    printed = done.out.split(`${mark}\n`);
  });
  after(() => {
    stop();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [index, { typed, printed: wanted }] of commands.entries()) {
    const lines = typed.trimEnd().split("\n");
    it(`${wanted === undefined ? "runs" : "shows what is printed by"} ${lines[0]}${lines.length > 1 ? " …" : ""}`, () => {
      const actual = printed[index] ?? "";
      if (wanted === undefined) expect(actual).to.equal("");
      else expect(mismatches(actual, wanted)).to.deep.equal([]);
    });
  }

  it("shows as much as there is: the test is told of a difference", () => {
    const shown = { language: "json", text: '{"Instances": [{"Id": "a-…"}, {"Id": "b"}]}' };
    expect(mismatches('{"Instances": [{"Id": "b"}, {"Id": "a-1"}]}', shown)).to.deep.equal([]);
    expect(mismatches('{"Instances": [{"Id": "b"}, {"Id": "a-"}]}', shown)).to.have.length(1);
    expect(mismatches('{"Instances": [{"Id": "b"}]}', shown)).to.have.length(1);
    expect(mismatches("aws 1", { language: "text", text: "aws-cli/…" })).to.have.length(1);
    expect(commands.filter(({ printed: wanted }) => wanted !== undefined)).to.have.length.above(12);
  });
});
