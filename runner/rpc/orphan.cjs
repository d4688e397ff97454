// Loaded into the Node.js processes that the runner starts: ends them when the runner is no more.
//
// A runner that is killed cannot stop its children, and providers do not watch the engine: they would stay for good.
// The runner holds the other end of this pipe, and the system closes it with the runner.
const { Socket } = require("node:net");

try {
  const line = new Socket({ fd: 3, readable: true, writable: false });
  line.on("close", () => process.exit(1));
  line.on("error", () => process.exit(1));
  line.resume();
  line.unref();
} catch {
  // Descriptor 3 is not the runner's: started by someone else.
}
