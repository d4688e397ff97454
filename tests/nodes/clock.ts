/** Loaded before an engine in a test: its clock is off by as many milliseconds as a file says at the moment. */
import { readFileSync } from "node:fs";

const file = process.env.TEST_CLOCK ?? "";
const trueNow = Date.now;
let off = 0;

const look = () => {
  try {
    off = Number(readFileSync(file, "utf8"));
  } catch {} // it is being written
};
if (file !== "") {
  Date.now = () => trueNow() + off;
  setInterval(look, 20).unref(); // in each thread, for there a signal does not come
}
