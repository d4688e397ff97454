/**
 * Who may read metrics: Prometheus cannot sign its scrapes, so that it is given a token that is derived from an access
 * key. The key's secret never travels, the token opens nothing but /metrics, and it goes when the key goes.
 */
import { createHmac } from "node:crypto";
import { CloudMapError } from "../../api/errors.ts";
import type { Request } from "../http/request.ts";
import type { Access, Key } from "./access-file.ts";
import type { Authenticator, Place } from "./authenticator.ts";
import { authorizeAction } from "./authorizer.ts";
import { callerOf } from "./caller.ts";
import type { OtherAction } from "./policy.ts";
import { isSame } from "./signature.ts";

const metricsAction: OtherAction = "cloudmap:GetMetrics";

/** HMAC-SHA256 of the action with the secret, in hexadecimal: the password of the user that is the access key's id. */
export function metricsToken({ secretAccessKey }: Pick<Key, "secretAccessKey">): string {
  return createHmac("sha256", secretAccessKey).update(metricsAction).digest("hex");
}

/** Takes a key's token, as `Basic` with its id or as `Bearer ID.TOKEN`, or a request that is signed like any other. */
export function metricsReaders(access: () => Pick<Access, "keys">, place: Place, signed: Authenticator): Authenticator {
  const readers = tokenHolders(access, place, signed);
  return (request, service) => {
    const caller = readers(request, service);
    authorizeAction({ caller, address: request.address }, metricsAction, "*", place.region);
    return caller;
  };
}

function tokenHolders(access: () => Pick<Access, "keys">, place: Place, signed: Authenticator): Authenticator {
  return (request, service) => {
    const given = tokenOf(request);
    if (given === undefined) return signed(request, service);
    const key = access().keys.get(given.accessKeyId);
    if (key === undefined || !isSame(given.token, metricsToken(key))) {
      throw new CloudMapError("InvalidClientTokenId", "The token is not that of an access key of this engine.");
    }
    return callerOf(key, place.account);
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
