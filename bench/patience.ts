// Loaded into mocha: each test and hook may take several times as long, since what it talks to dies again and again.
import Mocha from "mocha";

const times = 4;

const patient = new WeakSet<Mocha.Runnable>();
const { run } = Mocha.Runnable.prototype as Mocha.Runnable & { run: (done: Mocha.Done) => void };
Object.assign(Mocha.Runnable.prototype, {
  run(this: Mocha.Runnable, done: Mocha.Done): void {
    if (!patient.has(this)) this.timeout(this.timeout() * times);
    patient.add(this);
    run.call(this, done);
  },
});
