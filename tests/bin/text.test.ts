// Text for terminals.
import { expect } from "chai";
import { visible } from "../../api/text.ts";
import { table } from "../../bin/text.ts";

describe("text for terminals", () => {
  it("shows control characters and what turns text round instead of obeying them", () => {
    expect(visible("a\u001b[2Jb\u0007\n\u009b1m\u202etxt\u200bé✔ ")).to.equal(
      "a\\x1b[2Jb\\x07\\x0a\\x9b1m\\u{202e}txt\\u{200b}é✔ ",
    );
  });

  it("lays tables out by their widest cells, escapes included", () => {
    expect(
      table([
        ["A", "B"],
        ["\t", "1"],
        ["long", ""],
      ]),
    ).to.equal("A     B\n\\x09  1\nlong");
  });
});
