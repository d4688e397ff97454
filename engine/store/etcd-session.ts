/** A session with one member of etcd: its connection, its login, and what is asked over it. */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import {
  type CallOptions,
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
} from "@grpc/grpc-js";
import { decodeToken, encodeAuthenticate } from "./etcd-messages.ts";
import type { EtcdAccess } from "./etcd-place.ts";
import { StoreError } from "./store.ts";

/** A call of etcd's API. */
export type Method =
  | "KV/Range"
  | "KV/Txn"
  | "KV/Put"
  | "KV/DeleteRange"
  | "Watch/Watch"
  | "Lease/LeaseGrant"
  | "Lease/LeaseKeepAlive"
  | "Lease/LeaseRevoke"
  | "Auth/Authenticate";

export type Stream = ClientDuplexStream<Buffer, Buffer>;

const channelOptions = {
  // Members end connections over which pings come more often than every five seconds (--grpc-keepalive-min-time), with room
  // for a machine that stands still in between, or while nothing is asked.
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 2_000,
  "grpc.keepalive_permit_without_calls": 0,
  // What was sent is sent once: a transaction that comes twice is a conflict with itself.
  "grpc.enable_retries": 0,
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_000,
  // Sessions of two stores share nothing: one is closed without the other.
  "grpc.use_local_subchannel_pool": 1,
};

const asIs = (message: Buffer): Buffer => message;

export class Session {
  readonly member: URL;
  readonly #client: Client;
  readonly #metadata = new Metadata();
  readonly #calls = new Set<{ cancel(): void }>();
  #ended = false;

  constructor(member: URL, access: EtcdAccess) {
    this.member = member;
    this.#client = new Client(member.host, credentialsFor(member, access), { ...channelOptions, ...nameFor(member) });
    this.#metadata.set("hasleader", "true"); // a member that is cut off from the others says so, instead of saying nothing
  }

  /** Logs in, where there is a user to log in as. */
  async open({ user, password = "" }: EtcdAccess, timeout: number): Promise<void> {
    if (user === undefined) return;
    const answer = await this.call("Auth/Authenticate", encodeAuthenticate(user, password), timeout);
    this.#metadata.set("token", decodeToken(answer));
  }

  call(method: Method, request: Buffer, timeout: number): Promise<Buffer> {
    const options: CallOptions = { deadline: Date.now() + timeout };
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        path(method),
        asIs,
        asIs,
        request,
        this.#metadata,
        options,
        (error, answer) => {
          this.#calls.delete(call);
          if (error !== null || answer === undefined) reject(error ?? new Error("no answer"));
          else resolve(answer);
        },
      );
      this.#track(call);
    });
  }

  /** Its messages and its end are told of by its events; an error comes before the end. Throws where the session is over. */
  stream(method: Method): Stream {
    if (this.#ended) throw new StoreError("unreachable", `the connection to etcd at ${this.member.origin} is lost`);
    const stream = this.#client.makeBidiStreamRequest(path(method), asIs, asIs, this.#metadata);
    stream.on("error", () => {}); // whoever follows it hears of it too, and whoever has left need not
    stream.on("close", () => this.#calls.delete(stream));
    this.#track(stream);
    return stream;
  }

  /** Breaks off what is under way. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const call of [...this.#calls]) call.cancel();
    this.#client.close();
  }

  #track(call: { cancel(): void }): void {
    if (this.#ended) call.cancel();
    else this.#calls.add(call);
  }
}

/** Breaks off a stream; whoever followed it hears no more of it. */
export function leave(stream: Stream): void {
  stream
    .removeAllListeners("error")
    .removeAllListeners("end")
    .on("error", () => {});
  stream.cancel();
}

function path(method: Method): string {
  return `/etcdserverpb.${method}`;
}

function credentialsFor(member: URL, { ca, cert, key }: EtcdAccess): ChannelCredentials {
  if (member.protocol === "http:") return credentials.createInsecure();
  const read = (file: string | undefined) => (file === undefined ? null : readFileSync(file));
  return credentials.createSsl(read(ca), read(key), read(cert), {
    checkServerIdentity: (_, certificate) => checkServerIdentity(hostOf(member), certificate),
  });
}

/** TLS has no way to ask for an address by name, and Node warns where it is done: the certificate is checked for it above. */
function nameFor(member: URL): { readonly "grpc.ssl_target_name_override"?: string } {
  return isIP(hostOf(member)) === 0 ? {} : { "grpc.ssl_target_name_override": "etcd" };
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}
