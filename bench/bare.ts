// A bare node:http server that reads a body and answers the bytes that it was given at its start: the least that an answer costs.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const answer = readFileSync(process.argv[2] ?? "");
const headers = { "content-type": "application/x-amz-json-1.1", "content-length": answer.length };
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    Buffer.concat(chunks);
    response.writeHead(200, headers);
    response.end(answer);
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
