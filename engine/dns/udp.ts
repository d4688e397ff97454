/** Serves DNS over UDP. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Client } from "./client.ts";
import type { Responder } from "./responder.ts";

export interface Binding {
  readonly host: string;
  readonly port: number;
  /** Whether other threads serve the same port. */
  readonly shared: boolean;
}

/** A burst that comes while we are busy waits in the system's buffer; the system may give less. */
const bufferSize = 4 * 1024 * 1024;

export async function serveUdp(
  { host, port, shared }: Binding,
  responder: Responder,
  clientOf: (address: string) => Client,
  failed: (error: unknown) => void,
): Promise<Socket> {
  const family = host.includes(":") ? 6 : 4;
  const socket = createSocket({
    type: `udp${family}`,
    reusePort: shared,
    recvBufferSize: bufferSize,
    // Without it every answer takes a turn of the event loop to find out that an address is an address.
    lookup: (address, _options, found) => found(null, address, family),
  });
  const { reply } = responder;
  const send = (port: number, address: string) =>
    socket.send(reply.out, reply.start, reply.at - reply.start, port, address);
  socket.on("message", (packet, { address, port }) => {
    if (port === 0) return; // nobody can be answered there
    const client = clientOf(address);
    const response = responder.respond(packet, client, "udp");
    if (response === "written") send(port, address);
    else if (response !== "none") {
      responder.respondLater(packet, client, "udp", response, () => send(port, address)).catch(failed);
    }
  });
  const listening = once(socket, "listening");
  socket.bind(port, host);
  await listening;
  socket.on("error", failed);
  return socket;
}
