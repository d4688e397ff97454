// When results change a status: every status, threshold and direction.
import { expect } from "chai";
import { judge, type Streak } from "../../engine/health/streak.ts";

/** What a status comes to by results, `+` passed and `-` failed, as the statuses after each. */
function statuses(status: Streak["status"], results: string, threshold: number): string {
  let streak: Streak = { status, against: 0 };
  return [...results]
    .map((result) => {
      streak = judge(streak, result === "+", threshold);
      return streak.status === "HEALTHY" ? "H" : "U";
    })
    .join("");
}

describe("a streak of results", () => {
  for (let threshold = 1; threshold <= 10; threshold += 1) {
    it(`changes the status after ${threshold} in a row, both ways, not earlier, and then holds`, () => {
      const [less, all] = [threshold - 1, threshold];
      expect(statuses("HEALTHY", "-".repeat(all + 3), threshold)).to.equal(`${"H".repeat(less)}UUUU`);
      expect(statuses("UNHEALTHY", "+".repeat(all + 3), threshold)).to.equal(`${"U".repeat(less)}HHHH`);
      expect(statuses("HEALTHY", "+".repeat(all + 3), threshold)).to.equal("H".repeat(all + 3));
      expect(statuses("UNHEALTHY", "-".repeat(all + 3), threshold)).to.equal("U".repeat(all + 3));
    });

    it(`begins to count to ${threshold} again when one result says otherwise`, () => {
      const [against, less] = ["-".repeat(threshold - 1), threshold - 1];
      expect(statuses("HEALTHY", `${against}+${against}+`, threshold)).to.equal("H".repeat(2 * less + 2));
      const back = "+".repeat(threshold - 1);
      expect(statuses("UNHEALTHY", `${back}-${back}-`, threshold)).to.equal("U".repeat(2 * less + 2));
      expect(statuses("HEALTHY", `${"-".repeat(threshold)}${"+".repeat(threshold)}`, threshold)).to.equal(
        `${"H".repeat(less)}U${"U".repeat(less)}H`,
      );
    });
  }
});
