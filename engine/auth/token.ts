/**
 * Who may read without signing: Prometheus and browsers cannot sign what they ask, so that they are given a token that is
 * derived from an access key. The key's secret never travels, a token opens nothing but what it is for, and it goes when
 * the key goes.
 */
import { createHmac } from "node:crypto";
import { CloudMapError } from "../../api/errors.ts";
import type { consolePurpose } from "../../api/extensions.ts";
import type { Request } from "../http/request.ts";
import type { Access, Key } from "./access-file.ts";
import type { Authenticator, Place } from "./authenticator.ts";
import { callerOf } from "./caller.ts";
import type { OtherAction } from "./policy.ts";
import { isSame } from "./signature.ts";

/** What a token is for. */
export type Purpose = Extract<OtherAction, "cloudmap:GetMetrics"> | typeof consolePurpose;

/** HMAC-SHA256 of what it is for with the secret, in hexadecimal: the password of the user that is the access key's id. */
export function tokenFor(purpose: Purpose, { secretAccessKey }: Pick<Key, "secretAccessKey">): string {
  return createHmac("sha256", secretAccessKey).update(purpose).digest("hex");
}

/** Takes a key's token, as `Basic` with its id or as `Bearer ID.TOKEN`, or a request that is signed like any other. */
export function tokenHolders(
  purpose: Purpose,
  access: () => Pick<Access, "keys">,
  { account }: Pick<Place, "account">,
  signed: Authenticator,
): Authenticator {
  return (request, service) => {
    const given = tokenOf(request);
    if (given === undefined) return signed(request, service);
    const key = access().keys.get(given.accessKeyId);
    if (key === undefined || !isSame(given.token, tokenFor(purpose, key))) {
      throw new CloudMapError("InvalidClientTokenId", "The token is not that of an access key of this engine.");
    }
    if (key.sessionTokens !== undefined) {
      const message = `The access key ${key.accessKeyId} needs its session token, which goes with a signature only.`;
      throw new CloudMapError("InvalidClientTokenId", message);
    }
    return callerOf(key, account);
  };
}

function tokenOf({ headers: { authorization = "" } }: Request): { accessKeyId: string; token: string } | undefined {
  const [, scheme = "", credentials = ""] = /^(Basic|Bearer) +([\w+/=.-]{1,1024})$/i.exec(authorization) ?? [];
  if (scheme === "") return undefined;
  const isBasic = scheme.toLowerCase() === "basic";
  const text = isBasic ? Buffer.from(credentials, "base64").toString("latin1") : credentials;
  const split = text.indexOf(isBasic ? ":" : ".");
  return { accessKeyId: text.slice(0, Math.max(0, split)), token: text.slice(split + 1) };
}
