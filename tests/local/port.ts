/** Ports for programs that must be told theirs. */
import { once } from "node:events";
import { createServer } from "node:net";

/** The system gives a port that is free again soon to the next who asks. */
const given = new Set<number>();

/** A port of 127.0.0.1 on which nobody listens now; not the same one twice. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    server.close();
    await once(server, "close");
    if (typeof address !== "object" || address === null || given.has(address.port)) continue;
    given.add(address.port);
    return address.port;
  }
}
