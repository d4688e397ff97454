// The schedule of ten thousand: when each has its turn, and how many at a time, by a clock that the test moves.
import { expect } from "chai";
import { Schedule } from "../../engine/health/schedule.ts";
import { randomOf } from "../engine/trial.ts";
import { type StandingClock, standingClock } from "./clock.ts";

const interval = 30_000;

interface Turns {
  readonly clock: StandingClock;
  readonly schedule: Schedule;
  /** When each began, by its number. */
  readonly starts: number[][];
  /** The most that were under way at once. */
  peak: number;
  readonly stop: (() => void)[];
}

/** So many pieces of work, of which each takes as long as it is said. */
function take(count: number, takes: (turn: number) => number, { most = 4_096, isNew = false, seed = 1 } = {}): Turns {
  const clock = standingClock();
  const schedule = new Schedule({ clock, interval, most, random: randomOf(seed) });
  const turns: Turns = { clock, schedule, starts: Array.from({ length: count }, () => []), peak: 0, stop: [] };
  let turn = 0;
  for (const starts of turns.starts) {
    const work = (done: () => void) => {
      starts.push(clock.now());
      turns.peak = Math.max(turns.peak, schedule.inFlight);
      turn += 1;
      return clock.after(takes(turn), done);
    };
    turns.stop.push(schedule.add(work, isNew));
  }
  return turns;
}

const gaps = (starts: readonly number[]) => starts.slice(1).map((start, index) => start - (starts[index] ?? 0));

describe("the schedule", () => {
  it("gives each of 10,000 its turn once an interval, none late, spread over the interval", () => {
    const { clock, schedule, starts } = take(10_000, () => 50);
    const first = clock.now();
    clock.advance(10 * interval);
    expect(Math.min(...starts.map(({ length }) => length))).to.be.at.least(9);
    const all = starts.flatMap(gaps);
    expect(Math.min(...all)).to.be.at.least(0.9 * interval);
    expect(Math.max(...all)).to.be.at.most(1.1 * interval + 1);
    expect(schedule.late).to.equal(0);
    const perSecond = new Map<number, number>();
    for (const start of starts.flat()) {
      const second = Math.floor((start - first) / 1000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect(Math.max(...perSecond.values())).to.be.below(2 * (10_000 / 30));
  });

  it("has none of 10,000 late although each takes ten seconds, and never more under way than it may", () => {
    const turns = take(10_000, () => 10_000);
    turns.clock.advance(6 * interval);
    expect(turns.schedule.late).to.equal(0);
    expect(turns.peak).to.be.within(3_000, 4_096);
    expect(turns.schedule.inFlight).to.be.at.most(4_096);
  });

  it("counts those that are late, where there are more than it can do, and leaves out none", () => {
    const turns = take(100, () => 10_000, { most: 5 });
    turns.clock.advance(20 * interval);
    expect(turns.peak).to.equal(5);
    expect(turns.schedule.late).to.be.above(0);
    const counts = turns.starts.map(({ length }) => length);
    expect(Math.max(...counts) - Math.min(...counts)).to.be.at.most(2);
    expect(turns.schedule.waiting).to.be.above(0);
  });

  it("looks at what is new within a second, and then spreads what came together", () => {
    const { clock, starts } = take(1_000, () => 10, { isNew: true });
    const first = clock.now();
    clock.advance(1_000);
    expect(starts.every(({ length }) => length >= 1)).to.equal(true);
    clock.advance(interval);
    const seconds = new Set(starts.map(([, second = 0]) => Math.floor((second - first) / 1000)));
    expect(seconds.size).to.be.above(25);
  });

  it("never has the same one twice at once, however long it takes, and goes on at once after that", () => {
    const { clock, starts } = take(1, () => 100_000);
    clock.advance(1_000_000);
    const [turns = []] = starts;
    expect(turns.length).to.be.within(9, 10);
    for (const gap of gaps(turns)) expect(gap).to.be.within(100_000, 100_001);
  });

  it("takes out what waits for its time, for a place or is under way; the others go on", () => {
    const turns = take(10, () => 5_000, { most: 2 });
    turns.clock.advance(interval);
    const before = turns.starts.map(({ length }) => length);
    for (const stop of turns.stop.slice(0, 9)) stop();
    expect(turns.schedule.inFlight).to.be.at.most(1);
    turns.clock.advance(10 * interval);
    const more = turns.starts.map(({ length }, index) => length - (before[index] ?? 0));
    expect(more.slice(0, 9)).to.deep.equal(Array(9).fill(0));
    expect(more[9]).to.be.at.least(9);
    turns.stop[9]?.();
    turns.clock.advance(interval);
    expect([turns.schedule.inFlight, turns.schedule.waiting, turns.clock.pending]).to.deep.equal([0, 0, 0]);
  });

  it("does less at once when the machine cannot, and more again when it can", () => {
    const turns = take(10_000, () => 10_000);
    turns.clock.advance(2 * interval);
    turns.schedule.shrink();
    turns.clock.advance(interval);
    expect(turns.schedule.inFlight).to.be.below(2_000);
    for (let more = 0; more < 2_000; more += 1) turns.schedule.grow();
    turns.clock.advance(interval);
    expect(turns.schedule.inFlight).to.be.above(3_000);
    for (let less = 0; less < 100; less += 1) turns.schedule.shrink();
    turns.clock.advance(interval);
    expect(turns.schedule.inFlight).to.be.within(1, 64);
  });

  it("is not stopped by a clock that is set back, nor hurried by one that is set forward", () => {
    const turns = take(100, () => 10_000);
    turns.clock.advance(2 * interval);
    for (const day of [-86_400_000, 86_400_000]) {
      turns.clock.set(turns.clock.now() + day);
      const before = turns.starts.map(({ length }) => length);
      turns.clock.advance(2.3 * interval);
      const more = turns.starts.map(({ length }, index) => length - (before[index] ?? 0));
      expect([Math.min(...more), Math.max(...more)]).to.satisfy(([least = 0, most = 0]) => least >= 1 && most <= 4);
    }
  });

  it("does work that is over at once without growing the stack", () => {
    const clock = standingClock();
    const schedule = new Schedule({ clock, interval, most: 1, random: () => 0 });
    let turns = 0;
    let finish = () => {};
    schedule.add((done) => {
      finish = done;
      return () => {};
    }, false);
    for (let index = 0; index < 50_000; index += 1) {
      schedule.add((done) => {
        turns += 1;
        done();
        return () => {};
      }, false);
    }
    clock.advance(1);
    expect([turns, schedule.waiting]).to.deep.equal([0, 50_000]);
    finish();
    expect([turns, schedule.waiting]).to.deep.equal([50_000, 0]);
  });
});
