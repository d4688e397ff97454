// Loaded into mocha: each test and hook may take ten times as long: some begin nodes of their own, which takes seconds, or a minute on a busy machine.
import Mocha from "mocha";

const times = 10;

const patient = new WeakSet<Mocha.Runnable>();
const { run } = Mocha.Runnable.prototype as Mocha.Runnable & { run: (done: Mocha.Done) => void };
Object.assign(Mocha.Runnable.prototype, {
  run(this: Mocha.Runnable, done: Mocha.Done): void {
    if (!patient.has(this)) this.timeout(this.timeout() * times);
    patient.add(this);
    run.call(this, done);
  },
});
