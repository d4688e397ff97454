/** Mutations of what is around a body: bytes, framing, headers and signatures. */
import type { Random } from "./random.ts";
import type { Headers, Mutation } from "./wire.ts";

type Mutator = (random: Random) => Mutation;

const text = (change: (text: string) => string): Mutation => ({
  wire: (bytes) => Buffer.from(change(bytes.toString("latin1")), "latin1"),
});
const header = (name: string, value: string): Mutation => ({ headers: (headers) => ({ ...headers, [name]: value }) });
const line = (more: string): Mutation => text((whole) => whole.replace("\r\n", () => `\r\n${more}\r\n`));
const length = (value: string): Mutation => text((whole) => whole.replace(/(content-length: )\d+/, `$1${value}`));
const first = (pattern: RegExp | string, by: string): Mutation => text((whole) => whole.replace(pattern, () => by));

export const bytes: readonly Mutator[] = [
  (random) => ({
    wire: (whole) => {
      const copy = Buffer.from(whole);
      for (let flips = 1 + random.below(4); flips > 0; flips -= 1) copy[random.below(copy.length)] = random.below(256);
      return copy;
    },
  }),
  (random) => ({ wire: (whole) => whole.subarray(0, random.below(whole.length)) }),
  (random) => ({
    wire: (whole) => {
      const at = random.below(whole.length);
      return Buffer.concat([whole.subarray(0, at), random.bytes(1 + random.below(20)), whole.subarray(at)]);
    },
  }),
  (random) => ({
    wire: (whole) => {
      const [from, to] = [random.below(whole.length), random.below(whole.length)];
      return Buffer.concat([whole.subarray(0, from), whole.subarray(to)]);
    },
  }),
  (random) => ({ wire: () => random.bytes(1 + random.below(500)) }),
];

export const framing: readonly Mutator[] = [
  (random) => length(random.of(["-1", "0x10", "2, 3", "999999999999", "9".repeat(30), "1 1", "", "+5", "1e2", "NaN"])),
  (random) => length(String(random.below(4_000))),
  () => first(/content-length: \d+\r\n/, ""),
  (random) => line(`Content-Length: ${random.below(100)}`),
  (random) =>
    line(`Transfer-Encoding: ${random.of(["chunked", "gzip", "chunked, chunked", "identity", "\u000bchunked"])}`),
  (random) => ({
    wire: (whole) => {
      const at = whole.indexOf("\r\n\r\n");
      const head = whole.toString("latin1", 0, at).replace(/content-length: \d+/, "transfer-encoding: chunked");
      const size = random.of(["5", "ffffffffffffffff", "-1", "z", "5;x=y", "0", "", "0005"]);
      return Buffer.from(
        `${head}\r\n\r\n${size}\r\n{"a":1}\r\n${random.of(["0\r\n\r\n", "", "\r\n", "0\r\nX: y\r\n\r\n"])}`,
      );
    },
  }),
  (random) =>
    first("HTTP/1.1", random.of(["HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/9.9", "http/1.1", "HTTP/1.1x", ""])),
  (random) =>
    first("POST", random.of(["post", "P\u0000ST", "FOO", "GET", "CONNECT", "OPTIONS", "HEAD", "PRI", "PUT", ""])),
  (random) =>
    first(/^POST \S+/, `POST ${random.of(["*", "//", "/%", "/ /", "/../", "http://x/", `/${"a".repeat(17_000)}`])}`),
  (random) =>
    line(
      random.of(["no colon", ": no name", "a b: c", "X : y", "X: a\u0000b", "X: \u007f", "\u00e9: x", "X: a\nb: c"]),
    ),
  () => line(" folded: line"),
  (random) => line(`X-Long: ${"x".repeat(15_000 + random.below(60_000))}`),
  (random) => line(Array.from({ length: 500 + random.below(2_000) }, (_, index) => `X-${index}: y`).join("\r\n")),
  () => text((whole) => whole.replaceAll("\r\n", "\n")),
  () => line("Host: localhost"),
  (random) => line(`Expect: ${random.of(["100-continue", "200-ok"])}`),
  (random) => line(`Connection: ${random.of(["close", "upgrade", "keep-alive, close", "x"])}`),
];

const places = ["host", "origin", "sec-fetch-site"] as const;
const foreign = [
  "evil.example",
  "localhost.evil.example",
  "data-evil.example",
  "",
  "[::ffff:1.2.3.4]",
  "localhost:x:y",
  "null",
];

export const headers: readonly Mutator[] = [
  (random) => header(random.of(places), random.of(foreign)),
  (random) => header("host", random.of(foreign)),
  (random) =>
    header(
      "content-type",
      random.of([
        "",
        "text/plain",
        "application/json",
        "application/cbor",
        "application/x-amz-json-1.1;x",
        "*/*",
        "\u00e9",
      ]),
    ),
  () => header("content-type", "application/x-www-form-urlencoded"),
  (random) => header("content-encoding", random.of(["gzip", "br", "aws-chunked", "x"])),
  (random) => header("smithy-protocol", random.of(["", "rpc-v2-json", "x"])),
  (random) =>
    header(
      "x-amz-target",
      random.of(["", "x", "Route53AutoNaming_v20170314.", "Route53AutoNaming_v20170314.__proto__"]),
    ),
  (random) =>
    first(/(operation\/|\.)[A-Z]\w+/, random.of(["$1Nothing", "operation/", ".x", "/%zz", "?x=y", "operation/a/b"])),
];

const change = (name: string, by: (value: string) => string): Mutation => ({
  signed: (all: Headers) => ({ ...all, [name]: by(all[name] ?? "") }),
});

export const auth: readonly Mutator[] = [
  () => ({ signing: (signing) => ({ ...signing, accessKeyId: "AKIDNOBODY0000000001" }) }),
  () => ({ signing: (signing) => ({ ...signing, secretAccessKey: "not the secret of this key" }) }),
  (random) => ({ signing: (signing) => ({ ...signing, now: signing.now + random.of([-1, 1]) * random.below(1e12) }) }),
  (random) => ({ signing: (signing) => ({ ...signing, region: random.of(["eu-west-1", "us-east-2", "x"]) }) }),
  (random) => ({ signing: (signing) => ({ ...signing, service: random.of(["sts", "s3", "x"]) }) }),
  (random) => ({
    signing: (signing) => ({ ...signing, signed: random.of([["host"], ["x-amz-date"], ["content-type", "host"]]) }),
  }),
  () => ({ signed: ({ authorization: _, ...rest }) => rest }),
  () => ({ signed: ({ "x-amz-date": _, ...rest }) => rest }),
  (random) =>
    change("authorization", (value) => {
      const at = random.below(value.length);
      return `${value.slice(0, at)}${random.of(["", "0", ",", "=", "/", " ", "é", "~"])}${value.slice(at + 1)}`;
    }),
  (random) =>
    change("authorization", () =>
      random.of(["Bearer x", "Basic eDp5", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 ".repeat(200)]),
    ),
  (random) =>
    change("x-amz-date", () => random.of(["", "20261121", "99999999T999999Z", "20261121T090300Z, x", "x".repeat(500)])),
  (random) =>
    change("x-amz-content-sha256", () =>
      random.of(["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "0".repeat(64)]),
    ),
  () => ({
    wire: (whole) => {
      const copy = Buffer.from(whole);
      copy[copy.length - 2] = (copy.at(-2) ?? 0) ^ 1;
      return copy;
    },
  }),
  (random) => ({
    signed: ({ authorization: _, ...rest }) => rest,
    ...first(
      /^POST (\S+)/,
      `POST /?${random.of(["X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Signature=0", "X-Amz-Expires=-1&X-Amz-Algorithm=x", "%zz=%"])}`,
    ),
  }),
];
