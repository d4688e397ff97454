/** Who may read the metrics: whoever has a key's token for them, or signs, and may do so by the key's policies. */
import type { Access } from "./access-file.ts";
import type { Authenticator, Place } from "./authenticator.ts";
import { authorizeAction } from "./authorizer.ts";
import { tokenHolders } from "./token.ts";

const action = "cloudmap:GetMetrics";

export function metricsReaders(access: () => Pick<Access, "keys">, place: Place, signed: Authenticator): Authenticator {
  const readers = tokenHolders(action, access, place, signed);
  return (request, service) => {
    const caller = readers(request, service);
    authorizeAction({ caller, address: request.address }, action, "*", place.region);
    return caller;
  };
}
