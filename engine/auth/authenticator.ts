/** Who asks: SigV4 signatures checked against the keys of the operator's file, or anyone where there is no file. */
import { hash } from "node:crypto";
import { CloudMapError } from "../../api/errors.ts";
import type { Request } from "../http/request.ts";
import type { Access, Key } from "./access-file.ts";
import { type Caller, callerOf, rootOf } from "./caller.ts";
import { isSame, type SigningKey, signatureOf, signingKey } from "./signature.ts";
import { parseSigned, type Signed } from "./signed.ts";

/** Says who asks; refuses a request that is not signed for the service by a key that is known. */
export type Authenticator = (request: Request, service: string) => Caller;

/** Where and when requests are checked. */
export interface Place {
  readonly region: string;
  /** The registry's own: that of keys which do not say another. */
  readonly account: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** "The request must reach AWS within five minutes of the time stamp in the request." */
const maxSkew = 5 * 60_000;

/** Takes any caller; still, a request that is signed for another region is a mistake that is worth saying. */
export function anyone({ region, account }: Place): Authenticator {
  const caller = rootOf(account);
  return (request, service) => {
    const isSigned = request.headers.authorization?.startsWith("AWS4-HMAC-SHA256") ?? false;
    const signed = isSigned ? parseSigned(request) : undefined;
    if (signed !== undefined) checkRegion(signed, service, region);
    return caller;
  };
}

/** Takes those who sign with a key of the operator's file. */
export function keyHolders(access: () => Pick<Access, "keys">, { region, account, now }: Place): Authenticator {
  return (request, service) => {
    const signed = parseSigned(request);
    if (signed === undefined) {
      throw new CloudMapError(
        "MissingAuthenticationToken",
        "The request is not signed; give the client an access key of this engine.",
      );
    }
    const key = access().keys.get(signed.accessKeyId);
    if (key === undefined) {
      throw new CloudMapError(
        "InvalidClientTokenId",
        `The access key ${signed.accessKeyId} is not known to this engine.`,
      );
    }
    checkRegion(signed, service, region);
    if (signed.service !== service) {
      throw mismatch(`The request is signed for the service ${signed.service}, not ${service}.`);
    }
    checkTime(signed, now());
    checkCovered(request, signed);
    const payload = hash("sha256", request.body, "hex");
    checkPayload(request, payload);
    checkSignature(request, payload, signed, key);
    checkToken(signed, key);
    return callerOf(key, account);
  };
}

function mismatch(message: string): CloudMapError {
  return new CloudMapError("SignatureDoesNotMatch", message);
}

/** Where Route 53 is, for all regions; botocore signs for that region only where it is not told of another endpoint. */
const globalRegion = "us-east-1";

function checkRegion(signed: Signed, service: string, region: string): void {
  if (signed.region === region || (service === "route53" && signed.region === globalRegion)) return;
  throw mismatch(
    `The request is signed for the region ${signed.region}, and this engine is in ${region}: set the client's region to ${region}.`,
  );
}

/** Presigned requests are good from their time on for as long as they say, others for the skew of two clocks. */
function checkTime({ time, date, expires }: Signed, now: number): void {
  const at = timeOf(time);
  if (at === undefined) throw new CloudMapError("IncompleteSignature", "X-Amz-Date is missing or malformed.");
  if (!time.startsWith(date)) {
    throw mismatch(`The credential is for the day ${date}, and X-Amz-Date is ${time}.`);
  }
  const until = at + (expires === undefined ? maxSkew : expires * 1000);
  if (at - maxSkew <= now && now <= until) return;
  const signed = `The request was signed at ${new Date(at).toISOString()}`;
  const end = expires === undefined ? "" : ` for ${expires} seconds`;
  throw new CloudMapError("RequestExpired", `${signed}${end}, and it is ${new Date(now).toISOString()} here.`);
}

/** What a signature must cover, or else it could be changed on the way. */
const covered = ["host", "x-amz-date", "x-amz-target", "x-amz-security-token"];

function checkCovered(request: Request, { names }: Signed): void {
  const open = covered.filter((name) => request.headers[name] !== undefined && !names.includes(name));
  if (open.length > 0) throw mismatch(`The signature does not cover ${open.join(" and ")}.`);
}

/** A hash in the header that is not the body's: better said than found out as a signature that differs. */
function checkPayload(request: Request, payload: string): void {
  const claimed = request.headers["x-amz-content-sha256"];
  if (claimed === undefined || claimed === payload) return;
  if (claimed.startsWith("STREAMING-")) {
    throw mismatch("Bodies that are signed chunk by chunk are not read; send the body whole.");
  }
  throw mismatch("X-Amz-Content-Sha256 is not the hash of the body.");
}

function checkSignature(request: Request, payload: string, signed: Signed, key: Key): void {
  if (isSame(signed.signature, signatureOf(request, payload, signed, signingKeyOf(key, signed)))) return;
  throw mismatch(`The signature is not that of this request with the secret of ${key.accessKeyId}.`);
}

/** A key without tokens is good with any, as one that clients took from elsewhere: a token is no secret of its own. */
function checkToken({ token }: Signed, { accessKeyId, sessionTokens }: Key): void {
  if (sessionTokens === undefined) return;
  let known = false;
  for (const each of sessionTokens) known = isSame(digest(each), digest(token)) || known;
  if (known) return;
  const fault = token === "" ? "needs its session token, and the request has none" : "does not have this session token";
  throw new CloudMapError("InvalidClientTokenId", `The access key ${accessKeyId} ${fault}.`);
}

function digest(text: string): string {
  return hash("sha256", text, "hex");
}

/** By key, then by day, region and service: few, since only days within a request's time come here. */
const signingKeys = new WeakMap<Key, Map<string, SigningKey>>();
/** Days go by: then all are derived anew. */
const mostSigningKeys = 32;

function signingKeyOf(key: Key, signed: Signed): SigningKey {
  let known = signingKeys.get(key);
  if (known === undefined || known.size > mostSigningKeys) {
    known = new Map();
    signingKeys.set(key, known);
  }
  const scope = `${signed.date}/${signed.region}/${signed.service}`;
  const found = known.get(scope) ?? signingKey(key.secretAccessKey, signed);
  known.set(scope, found);
  return found;
}

let [lastText, lastTime]: [text?: string, time?: number] = [];

/** The milliseconds since 1970 of `20261121T090300Z`; those who ask at once are of one second. */
function timeOf(text: string): number | undefined {
  if (text !== lastText) [lastText, lastTime] = [text, parseTime(text)];
  return lastTime;
}

function parseTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
