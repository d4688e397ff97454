// A bare node:dgram server that sends back the bytes it was given at its start, with the id of the query: the least that an answer costs.
import { createSocket } from "node:dgram";

const answer = Buffer.from(process.argv[2] ?? "", "hex");
const socket = createSocket("udp4");
socket.on("message", (query, { port, address }) => {
  const reply = Buffer.allocUnsafe(answer.length);
  answer.copy(reply);
  query.copy(reply, 0, 0, 2);
  socket.send(reply, port, address);
});
socket.bind(0, "127.0.0.1", () =>
  console.log(JSON.stringify({ dns: `127.0.0.1:${socket.address().port}`, pid: process.pid })),
);
