// The gRPC server of the plugin: async functions as calls, and errors as Pulumi reads them.
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { messageOf, PartialFailure } from "../failure.ts";
import { anys, provider, providerService, status as statuses } from "./stubs.ts";
import { sent } from "./wire.ts";

/** 400 MB, as the SDK takes (sdk/nodejs/runtime/settings.ts). */
export const grpcOptions = {
  "grpc.max_receive_message_length": 400 * 1024 * 1024,
  "grpc.max_send_message_length": 400 * 1024 * 1024,
};

/** An error with a gRPC status of its own. */
export class StatusError extends Error {
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

export function unary<Request, Response>(
  answer: (request: Request) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return ({ request }: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => {
    answer(request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(failed(error)),
    );
  };
}

/** Answers a call by a stream of messages. */
export function streamed<Request, Response>(
  answer: (request: Request) => Promise<readonly Response[]>,
): handleServerStreamingCall<Request, Response> {
  return (call: ServerWritableStream<Request, Response>) => {
    answer(call.request).then(
      (responses) => {
        for (const response of responses) call.write(response);
        call.end();
      },
      (error: unknown) => call.emit("error", failed(error)),
    );
  };
}

function failed(error: unknown) {
  return { code: codeOf(error), details: messageOf(error), metadata: metadataOf(error) };
}

/** Anything but UNKNOWN, INTERNAL and DATA_LOSS tells Pulumi that nothing was done (pkg/resource/plugin/provider_plugin.go). */
function codeOf(error: unknown): status {
  if (error instanceof StatusError) return error.code;
  return error instanceof PartialFailure ? status.UNKNOWN : status.FAILED_PRECONDITION;
}

/** What is there but not whole is saved with what is known of it: Pulumi reads that from a google.rpc.Status. */
function metadataOf(error: unknown): Metadata {
  const metadata = new Metadata();
  if (!(error instanceof PartialFailure)) return metadata;
  const failed = new provider.ErrorResourceInitFailed()
    .setId(error.id)
    .setProperties(sent(error.properties))
    .setReasonsList([error.message]);
  const detail = new anys.Any();
  detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const whole = new statuses.Status().setCode(status.UNKNOWN).setMessage(error.message).setDetailsList([detail]);
  metadata.set("grpc-status-details-bin", Buffer.from(whole.serializeBinary()));
  return metadata;
}

/** Listens on a free port of loopback, and answers it. */
export async function listen(implementation: UntypedServiceImplementation): Promise<{ port: number; server: Server }> {
  const server = new Server(grpcOptions);
  server.addService(providerService.ResourceProviderService, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, server };
}
