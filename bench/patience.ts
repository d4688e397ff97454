// Loaded into mocha: each test and hook may take as many times longer as TEST_PATIENCE says.
import Mocha from "mocha";
import { allowing } from "../tests/local/until.ts";

const known = new WeakSet<Mocha.Runnable>();
const { run } = Mocha.Runnable.prototype as Mocha.Runnable & { run: (done: Mocha.Done) => void };
Object.assign(Mocha.Runnable.prototype, {
  run(this: Mocha.Runnable, done: Mocha.Done): void {
    if (!known.has(this)) this.timeout(allowing(this.timeout()));
    known.add(this);
    run.call(this, done);
  },
});
