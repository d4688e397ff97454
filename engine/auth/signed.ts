/** What a signed request says of itself: whose key, for which day, region and service, over which headers. */
import { CloudMapError } from "../../api/errors.ts";
import type { Headers, Request } from "../http/request.ts";
import { type Pair, parseQuery } from "./query.ts";

export interface Signed {
  readonly accessKeyId: string;
  /** The day in the credential's scope: `20261121`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** The names of the headers that are signed, as they are written: with semicolons between them. */
  readonly headers: string;
  readonly names: readonly string[];
  readonly signature: string;
  /** When it was signed, as it was written: `20261121T090300Z`. */
  readonly time: string;
  readonly token: string;
  /** Of presigned requests: for how many seconds. */
  readonly expires?: number;
  readonly path: string;
  /** The query, without the signature itself. */
  readonly query: readonly Pair[];
}

const algorithm = "AWS4-HMAC-SHA256";
/** "604800 (seven days)" */
const longest = 604_800;

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]{1,128})\/(\d{8})\/([^/,\s]{1,64})\/([^/,\s]{1,64})\/aws4_request,\s*SignedHeaders=([a-z0-9;_-]{1,1024}),\s*Signature=$/;

/** What the Authorization header says, or else the query; undefined where the request is not signed at all. */
export function parseSigned(request: Request): Signed | undefined {
  const mark = request.target.indexOf("?");
  const path = mark < 0 ? request.target : request.target.slice(0, mark);
  const pairs = mark < 0 ? [] : parseQuery(request.target.slice(mark + 1));
  if (request.headers.authorization !== undefined) return fromHeader(request.headers, path, pairs);
  const values = new Map(pairs);
  const isPresigned = values.has("X-Amz-Algorithm") || values.has("X-Amz-Signature");
  return isPresigned ? fromQuery(values, path, pairs) : undefined;
}

function fromHeader(headers: Headers, path: string, query: readonly Pair[]): Signed {
  const { authorization = "", "x-amz-date": time = "", "x-amz-security-token": token = "" } = headers;
  const named = parseCredentials(authorization);
  if (named !== undefined) return { ...named, time, token, path, query };
  throw new CloudMapError(
    "IncompleteSignature",
    `The Authorization header must be ${algorithm} with Credential, SignedHeaders and Signature.`,
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
function fromQuery(values: ReadonlyMap<string, string>, path: string, pairs: readonly Pair[]): Signed {
  const value = (name: string) => values.get(`X-Amz-${name}`) ?? "";
  const [credential, headers, signature] = ["Credential", "SignedHeaders", "Signature"].map(value);
  const named = parseCredentials(
    `${value("Algorithm")} Credential=${credential}, SignedHeaders=${headers}, Signature=${signature}`,
  );
  if (named === undefined) {
    throw new CloudMapError(
      "IncompleteSignature",
      `A presigned request needs X-Amz-Algorithm=${algorithm}, X-Amz-Credential, X-Amz-Date, X-Amz-Expires, X-Amz-SignedHeaders and X-Amz-Signature in its query.`,
    );
  }
  const expires = Number(/^\d{1,6}$/.exec(value("Expires"))?.[0] ?? 0);
  if (expires < 1 || expires > longest) {
    throw new CloudMapError("IncompleteSignature", `X-Amz-Expires must be 1 to ${longest} seconds.`);
  }
  const query = pairs.filter(([name]) => name !== "X-Amz-Signature");
  return { ...named, time: value("Date"), token: value("Security-Token"), expires, path, query };
}

type Named = Pick<Signed, "accessKeyId" | "date" | "region" | "service" | "headers" | "names">;

/** By all of the text but the signature, which is the same for all that a client sends in a day. */
const known = new Map<string, Named>();
/** Then they are parsed anew: anyone can send any text. */
const mostKnown = 1_000;
const signatureSize = 64;

function parseCredentials(text: string): (Named & { readonly signature: string }) | undefined {
  const signature = text.slice(-signatureSize);
  const before = text.slice(0, -signatureSize);
  if (!/^[0-9a-f]{64}$/.test(signature)) return undefined;
  const named = known.get(before) ?? parseNamed(before);
  return named && { ...named, signature };
}

function parseNamed(text: string): Named | undefined {
  const parts = form.exec(text);
  if (parts === null) return undefined;
  const [, accessKeyId = "", date = "", region = "", service = "", headers = ""] = parts;
  const named = { accessKeyId, date, region, service, headers, names: headers.split(";") };
  if (known.size >= mostKnown) known.clear();
  known.set(text, named);
  return named;
}
