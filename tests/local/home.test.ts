// Where the local engine keeps its things, and who may touch them.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { explainFile } from "../../local/failure.ts";
import { homeFolder, openHome } from "../../local/home.ts";
import { openKey } from "../../local/key.ts";
import { takeLock } from "../../local/lock.ts";
import { readSettings } from "../../local/settings.ts";
import { isOlder } from "../../local/version.ts";

const nobody = 4_194_305;
describe("what the local engine keeps in its folder", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-home-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  describe("the home folder", () => {
    it("is where each system keeps a user's data", () => {
      expect(homeFolder({ XDG_DATA_HOME: "/x" }, "linux")).to.equal("/x/cloudmap");
      expect(homeFolder({ XDG_DATA_HOME: "relative" }, "linux")).to.match(/\/\.local\/share\/cloudmap$/);
      expect(homeFolder({}, "darwin")).to.match(/\/Library\/Application Support\/cloudmap$/);
      expect(homeFolder({ LOCALAPPDATA: "C:\\a" }, "win32")).to.match(/^C:\\a.cloudmap$/);
      expect(homeFolder({ CLOUDMAP_HOME: "/y", XDG_DATA_HOME: "/x" }, "linux")).to.equal("/y");
    });

    it("is made for this user alone", () => {
      const home = openHome(join(folder, "a", "b"));
      expect(statSync(home.folder).mode & 0o777).to.equal(0o700);
    });

    it("is refused where others can write, or where it is no folder, each with what to do", () => {
      const open = join(folder, "open");
      mkdirSync(open);
      chmodSync(open, 0o777);
      expect(() => openHome(open)).to.throw(`chmod 700 ${open}`);
      writeFileSync(join(folder, "file"), "");
      expect(() => openHome(join(folder, "file"))).to.throw("set CLOUDMAP_HOME to a folder");
      expect(() => openHome(join(folder, "file", "below"))).to.throw("set CLOUDMAP_HOME to a folder");
    });

    it("explains a disk that is full and one that is read-only", () => {
      const failed = (code: string) => explainFile("writing", Object.assign(new Error("it failed"), { code })).message;
      expect(failed("ENOSPC")).to.equal(
        "The local engine: writing: the disk is full: make room, or set CLOUDMAP_HOME to a folder on another disk (it failed)",
      );
      expect(failed("EROFS")).to.include("read-only");
      expect(failed("EWHATEVER")).to.include("see the reason given (it failed)");
    });
  });

  describe("the local engine's key", () => {
    it("is drawn once, and only its user can read it", () => {
      const home = openHome(folder);
      const key = openKey(home);
      expect(openKey(home)).to.deep.equal(key);
      expect(statSync(home.key).mode & 0o777).to.equal(0o600);
      expect(readdirSync(folder)).to.deep.equal(["key.json"]);
    });

    it("is not guessed when its file is broken", () => {
      const home = openHome(folder);
      for (const text of ["", "{", "{}", '{"keys":[]}', '{"keys":[{}]}']) {
        writeFileSync(home.key, text);
        expect(() => openKey(home), text).to.throw(`${home.key} is not a file of access keys`);
      }
    });
  });

  describe("the lock of a start", () => {
    it("is had by one, and free again afterwards", () => {
      const path = join(folder, "engine.lock");
      const first = takeLock(path);
      expect(takeLock(path)).to.equal(undefined);
      first?.release();
      expect(takeLock(path)).not.to.equal(undefined);
      expect(readdirSync(folder)).to.deep.equal(["engine.lock"]);
    });

    it("is taken over from a process that died, or that had it for too long, and from nobody else", () => {
      const path = join(folder, "engine.lock");
      const left = (pid: number, host: string) => writeFileSync(path, JSON.stringify({ pid, host }));
      left(nobody, hostname());
      expect(takeLock(path)).not.to.equal(undefined);
      left(nobody, "another-machine");
      expect(takeLock(path)).to.equal(undefined);
      writeFileSync(path, "");
      expect(takeLock(path)).to.equal(undefined);
      utimesSync(path, 0, 0);
      expect(takeLock(path)).not.to.equal(undefined);
      rmSync(path);
      expect(existsSync(path)).to.equal(false);
    });
  });
});

describe("the settings of an engine", () => {
  it("are read from texts", () => {
    expect(readSettings({ operationDelay: "2s", healthWindow: "500ms", account: "012345678901" })).to.deep.equal({
      operationDelay: 2000,
      healthWindow: 500,
      account: "012345678901",
    });
    expect(readSettings({ operationDelay: "0", healthWindow: "1.5m", region: "", account: undefined })).to.deep.equal({
      operationDelay: 0,
      healthWindow: 90_000,
    });
  });

  it("are refused by name when they make no sense", () => {
    expect(() => readSettings({ operationDelay: "2" })).to.throw("--operation-delay takes a time such as 500ms");
    expect(() => readSettings({ healthWindow: "-1s" })).to.throw("--health-window takes a time");
    expect(() => readSettings({ account: "12" })).to.throw("--account takes twelve digits");
    expect(() => readSettings({ region: "Mars" })).to.throw("--region takes a region such as us-east-1");
  });
});

describe("the order of versions", () => {
  it("is that of their numbers", () => {
    const pairs = [
      ["0.9.0", "0.10.0"],
      ["1.2.3", "2.0.0"],
      ["0.1.0", "0.1.1"],
    ] as const;
    for (const [a, b] of pairs) expect([isOlder(a, b), isOlder(b, a)]).to.deep.equal([true, false]);
    expect(isOlder("1.0.0", "1.0.0-rc.1")).to.equal(false);
  });
});
