/** Throttling: buckets of tokens on a clock that the test moves. */
import { expect } from "chai";
import { operations } from "../../api/operations.ts";
import { awsGroups, readThrottle, retryHeaders, Throttled, throttle } from "../../engine/throttle.ts";

const [here, there] = ["111111111111", "222222222222"];

/** What a request is refused with. */
function refusal(work: () => void): Throttled | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof Throttled) return error;
    throw error;
  }
}

describe("throttling", () => {
  const clock = { now: 1_000_000 };
  const aws = () => readThrottle("aws", () => clock.now) ?? (() => {});
  /** How many of so many requests at this moment are taken. */
  const taken = (
    limit: (account: string, operation: string) => void,
    count: number,
    operation: string,
    account = here,
  ) =>
    Array.from({ length: count }, () => refusal(() => limit(account, operation))).filter((each) => each === undefined)
      .length;

  it("takes 2,000 discoveries at once and 1,000 a second from then on, as AWS documents", () => {
    const limit = aws();
    expect(taken(limit, 2_500, "DiscoverInstances")).to.equal(2_000);
    for (const [wait, count] of [
      [1_000, 1_000],
      [500, 500],
      [1, 1],
      [3_600_000, 2_000],
    ] as const) {
      clock.now += wait;
      expect(taken(limit, 2_500, "DiscoverInstances"), `after ${wait} ms`).to.equal(count);
    }
  });

  it("says RequestLimitExceeded for discoveries and ThrottlingException for all else, and when to come again", () => {
    const limit = aws();
    taken(limit, 3_000, "DiscoverInstancesRevision");
    const early = refusal(() => limit(here, "DiscoverInstancesRevision"));
    expect(early?.code).to.equal("RequestLimitExceeded");
    expect(early && retryHeaders(early)).to.deep.equal({ "x-amz-retry-after": "1", "retry-after": "1" });

    expect(taken(limit, 6, "CreateHttpNamespace")).to.equal(5);
    const refused = refusal(() => limit(here, "DeleteNamespace")); // the same bucket
    expect(refused?.code).to.equal("ThrottlingException");
    expect(refused?.message).to.equal("Rate exceeded");
    expect(refused && retryHeaders(refused)).to.deep.equal({ "x-amz-retry-after": "2000", "retry-after": "2" });
    clock.now += 1_999;
    expect(taken(limit, 1, "CreateHttpNamespace")).to.equal(0);
    clock.now += 1;
    expect(taken(limit, 2, "CreateHttpNamespace")).to.equal(1);
  });

  it("keeps accounts and groups apart", () => {
    const limit = aws();
    expect(taken(limit, 200, "RegisterInstance")).to.equal(100);
    expect(taken(limit, 200, "DeregisterInstance")).to.equal(100);
    expect(taken(limit, 200, "RegisterInstance", there)).to.equal(100);
  });

  it("gives and takes nothing when the clock is set back", () => {
    const limit = aws();
    taken(limit, 100, "RegisterInstance");
    clock.now -= 3_600_000;
    expect(taken(limit, 1, "RegisterInstance")).to.equal(0);
    clock.now += 20;
    expect(taken(limit, 2, "RegisterInstance")).to.equal(1);
  });

  it("has one bucket for every operation of the API, and none for what is not of it", () => {
    const named = awsGroups.flatMap((group) => group.operations);
    expect([...named].sort()).to.deep.equal(Object.keys(operations).sort());
    const limit = throttle([], () => clock.now);
    expect(taken(limit, 10_000, "GetCallerIdentity")).to.equal(10_000);
  });

  it("is off by default, and takes none or aws only", () => {
    expect(readThrottle("none", Date.now)).to.equal(undefined);
    expect(() => readThrottle("on", Date.now)).to.throw('--throttle takes none or aws, and not "on"');
  });
});
