// gRPC servers on loopback, and calls as promises.

import {
  type Client,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import { Failure, messageOf } from "../failure.ts";

// 400 MB, as the SDK asks for (sdk/nodejs/runtime/settings.ts).
export const grpcOptions = {
  "grpc.max_receive_message_length": 400 * 1024 * 1024,
  "grpc.max_send_message_length": 400 * 1024 * 1024,
};

/** An error whose gRPC status the caller is to see. */
export class StatusError extends Error {
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

export function unavailable(): StatusError {
  return new StatusError(status.UNAVAILABLE, "resource monitor shut down");
}

/** An async function as a gRPC handler. */
export function handler<Request, Response>(
  answer: (request: Request) => Promise<Response> | Response,
): handleUnaryCall<Request, Response> {
  return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => {
    Promise.resolve()
      .then(() => answer(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => {
          const code = error instanceof StatusError ? error.code : status.UNKNOWN;
          callback({ code, details: messageOf(error), metadata: new Metadata() });
        },
      );
  };
}

export function refuse(what: string): handleUnaryCall<unknown, unknown> {
  return handler(() => {
    throw new StatusError(status.UNIMPLEMENTED, `${what} is not supported by this runner`);
  });
}

export async function listen(server: Server): Promise<string> {
  const port = await new Promise<number>((done, fail) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? fail(error) : done(bound),
    );
  });
  return `127.0.0.1:${port}`;
}

export function createServer(): Server {
  return new Server(grpcOptions);
}

/** Makes a call of a stub that takes a callback last. */
export function call<Response>(
  make: (done: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((done, fail) => {
    make((error, response) => (error ? fail(error) : done(response)));
  });
}

export function isStatus(error: unknown, code: status): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** What the other side said, without gRPC's "13 INTERNAL: " before it. */
export function detailsOf(error: unknown): string {
  return error instanceof Error && "details" in error && typeof error.details === "string" && error.details !== ""
    ? error.details
    : messageOf(error);
}

export function waitForReady(client: Client, seconds: number, what: string): Promise<void> {
  return new Promise((done, fail) => {
    client.waitForReady(Date.now() + seconds * 1000, (error) =>
      error ? fail(new Failure(`${what} did not answer within ${seconds} s: ${error.message}`)) : done(),
    );
  });
}
