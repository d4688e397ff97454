// The file of --auth while the engine runs: what changes in it takes effect, and a mistake in it changes nothing.
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { until } from "../../local/until.ts";
import { ask, type Gated, keyOf, startGated } from "./gated.ts";

describe("the file of access of a running engine", () => {
  let gated: Gated;
  const [first, second] = [keyOf("first"), keyOf("second")];
  beforeEach(async () => {
    gated = await startGated({ keys: [first] });
  });
  afterEach(() => gated[Symbol.asyncDispose]());

  const isKnown = async (key: typeof first) => (await ask(gated, key, "ListNamespaces", {})).status === 200;
  const knows = async (known: typeof first, unknown: typeof first) => {
    await until(`${known.name} is known`, () => isKnown(known));
    expect(await isKnown(unknown)).to.equal(false);
  };
  const errors = () => gated.engine.logged.filter((line) => line.startsWith("error "));

  it("is read again when another is put in its place, and when it is written", async () => {
    gated.write({ keys: [second] });
    await knows(second, first);
    writeFileSync(gated.file, JSON.stringify({ keys: [first] }));
    await knows(first, second);
    expect(gated.engine.logged.filter((line) => line.includes("was read again"))).to.have.length(2);
  });

  it("is read again when it is a link that is turned to another", async () => {
    const folder = dirname(gated.file);
    for (const [name, key] of [
      ["a", first],
      ["b", second],
    ] as const) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "access.json"), JSON.stringify({ keys: [key] }), { mode: 0o600 });
    }
    symlinkSync("a", join(folder, "now"));
    unlinkSync(gated.file);
    symlinkSync("now/access.json", gated.file);
    await gated.engine.restart();
    symlinkSync("b", join(folder, "next"));
    renameSync(join(folder, "next"), join(folder, "now"));
    await knows(second, first);
  });

  it("stays as it was where it has a mistake, and the log says which, once", async () => {
    const broken = [
      () => writeFileSync(gated.file, '{"keys":['),
      () => gated.write({ keys: [{ ...second, secretAccessKey: "short" }] }),
      () => gated.write({ keys: [{ ...second, policies: ["gone"] }] }),
      () => chmodSync(gated.file, 0o644),
      () => rmSync(gated.file),
    ];
    const reasons = [/is not JSON/, /secretAccessKey must have at least 16/, /names gone/, /chmod 600/, /ENOENT/];
    for (const [index, breakIt] of broken.entries()) {
      breakIt();
      await until(`mistake ${index} is logged`, () => errors().length === index + 1);
      expect(errors()[index])
        .to.match(reasons[index] ?? /$^/)
        .and.include("the keys that were read before stay in force");
      expect(await isKnown(first)).to.equal(true);
      expect(await isKnown(second)).to.equal(false);
    }
    expect(gated.engine.logged.join("\n")).not.to.include("the secret of");
    gated.write({ keys: [second] });
    await knows(second, first);
    expect(errors()).to.have.length(broken.length);
  });

  it("takes a key's rights and secret away with it", async () => {
    const limited = { ...first, policies: [{ Statement: [] }] };
    gated.write({ keys: [limited, second] });
    await until("the policy is in force", async () => !(await isKnown(first)));
    expect((await ask(gated, first, "ListNamespaces", {})).code).to.equal("AccessDeniedException");
    const other = { ...first, secretAccessKey: "another secret of the first" };
    gated.write({ keys: [other, second] });
    await until("the secret is another", () => isKnown(other));
    expect((await ask(gated, first, "ListNamespaces", {})).code).to.equal("SignatureDoesNotMatch");
  });
});
