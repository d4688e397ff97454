/** Requests that come through Node's own HTTP server: reads the whole request, and writes the reply. */
import { type IncomingMessage, maxHeaderSize, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { CloudMapError } from "../../api/errors.ts";
import { maxBodySize } from "./body.ts";
import { errorBody } from "./json.ts";
import type { Headers, Reply, Request } from "./request.ts";

/** Gives the request once it is there whole; with a refusal, and what was read so far, where its body is too large. */
export function readRequest(
  message: IncomingMessage,
  ready: (request: Request, refusal?: CloudMapError) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  message.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBodySize) return void chunks.push(chunk);
    message.removeAllListeners("data").pause();
    const refusal = new CloudMapError("RequestEntityTooLarge", `The body is larger than ${maxBodySize} bytes.`);
    ready(requestOf(message, Buffer.alloc(0)), refusal);
  });
  message.on("end", () => ready(requestOf(message, Buffer.concat(chunks))));
  message.on("error", () => {}); // the client went away: nobody waits for an answer
}

/** What Node read of a request, with the body that was read of it. */
export function requestOf({ method = "", url = "", headers, socket }: IncomingMessage, body: Buffer): Request {
  // Only Set-Cookie, which no request has, would be a list.
  return { method, target: url, headers: headers as Headers, body, address: socket.remoteAddress ?? "" };
}

export function writeReply({ status, headers, body }: Reply, response: ServerResponse): void {
  if (!response.req.complete) response.setHeader("connection", "close"); // the rest of the body is not read
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** What Node's parser gives up, by its code: the status, and what is wrong. */
const givenUp: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, `The request line and the headers are larger than ${maxHeaderSize} bytes.`],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "The request was not whole in time."],
};

/** Answers what is no request, and closes the connection: where the next one would begin, nobody knows. */
export function refuseUnparsed(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const [status, message] = givenUp[error.code ?? ""] ?? [400, `This is not a request of HTTP/1.1: ${error.message}.`];
  const body = JSON.stringify(errorBody(new CloudMapError("MalformedHttpRequestException", message)));
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\nConnection: close\r\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
