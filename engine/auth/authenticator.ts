/** Who asks: SigV4 signatures checked against the keys of the operator's file, or anyone where there is no file. */
import { createHash, timingSafeEqual } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { CloudMapError } from "../../api/errors.ts";
import type { Request } from "../http/request.ts";
import type { Key, Keys } from "./keys.ts";
import { Sha256 } from "./sha256.ts";
import { parseAuthorization, type Signed } from "./signed.ts";

/** Refuses a request that is not signed for the service by a key that is known. */
export type Authenticator = (request: Request, service: string) => Promise<void> | undefined;

/** "The request must reach AWS within five minutes of the time stamp in the request." */
const maxSkew = 5 * 60_000;

/** Takes any caller; still, a request that is signed for another region is a mistake that is worth saying. */
export function anyone(region: string): Authenticator {
  return ({ headers: { authorization } }) => {
    if (authorization?.startsWith("AWS4-HMAC-SHA256")) checkRegion(parseAuthorization(authorization), region);
    return undefined;
  };
}

export function keyHolders(keys: () => Keys, region: string, now: () => number): Authenticator {
  return async (request, service) => {
    const { authorization } = request.headers;
    if (authorization === undefined) {
      throw new CloudMapError(
        "MissingAuthenticationToken",
        "The request is not signed; give the client an access key of this engine.",
      );
    }
    const signed = parseAuthorization(authorization);
    const key = keys().get(signed.accessKeyId);
    if (key === undefined) {
      throw new CloudMapError(
        "InvalidClientTokenId",
        `The access key ${signed.accessKeyId} is not known to this engine.`,
      );
    }
    checkRegion(signed, region);
    if (signed.service !== service) {
      throw new CloudMapError(
        "SignatureDoesNotMatch",
        `The request is signed for the service ${signed.service}, not ${service}.`,
      );
    }
    await checkSignature(request, signed, key, now());
  };
}

function checkRegion(signed: Signed, region: string): void {
  if (signed.region === region) return;
  throw new CloudMapError(
    "SignatureDoesNotMatch",
    `The request is signed for the region ${signed.region}, and this engine is in ${region}: set the client's region to ${region}.`,
  );
}

async function checkSignature(request: Request, signed: Signed, key: Key, now: number): Promise<void> {
  const at = dateOf(String(request.headers["x-amz-date"] ?? ""));
  if (at === undefined)
    throw new CloudMapError("IncompleteSignature", "The header X-Amz-Date is missing or malformed.");
  if (Math.abs(at.getTime() - now) > maxSkew) {
    throw new CloudMapError(
      "RequestExpired",
      `The request was signed at ${at.toISOString()}, and it is ${new Date(now).toISOString()} here.`,
    );
  }
  checkCovered(request, signed);
  const expected = await signatureOf(request, signed, key, at);
  const [given, wanted] = [Buffer.from(signed.signature), Buffer.from(expected)];
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new CloudMapError(
    "SignatureDoesNotMatch",
    `The signature is not that of this request with the secret of ${key.accessKeyId}.`,
  );
}

/** What a signature must cover, or else it could be changed on the way. */
const covered = ["host", "x-amz-date", "x-amz-target"];

/** The library takes the hash in the header for the body's own: that it is so is checked here. */
function checkCovered({ headers, body }: Request, signed: Signed): void {
  const open = covered.filter((name) => headers[name] !== undefined && !signed.headers.includes(name));
  if (open.length > 0) {
    throw new CloudMapError("SignatureDoesNotMatch", `The signature does not cover ${open.join(" and ")}.`);
  }
  const hash = headers["x-amz-content-sha256"];
  if (hash !== undefined && hash !== createHash("sha256").update(body).digest("hex")) {
    throw new CloudMapError("SignatureDoesNotMatch", "X-Amz-Content-Sha256 is not the hash of the body.");
  }
}

/** The signature that the library gives the same request: the headers that were signed, and no others. */
async function signatureOf(request: Request, signed: Signed, key: Key, at: Date): Promise<string> {
  const signer = new SignatureV4({
    credentials: { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey },
    region: signed.region,
    service: signed.service,
    sha256: Sha256,
    applyChecksum: false,
  });
  const headers = Object.fromEntries(signed.headers.map((name) => [name, String(request.headers[name] ?? "")]));
  const url = new URL(request.target, "http://localhost");
  const again = await signer.sign(
    {
      method: request.method,
      protocol: "http:",
      hostname: "localhost",
      path: url.pathname,
      query: {},
      headers,
      body: request.body,
    },
    { signingDate: at, signableHeaders: new Set(signed.headers), unsignableHeaders: new Set() },
  );
  return parseAuthorization(String(again.headers.authorization)).signature;
}

/** `20261121T090300Z` */
function dateOf(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}
