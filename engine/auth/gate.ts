/** The gate: who is let in, by the operator's file or, without one, anyone. */
import type { Log } from "../log.ts";
import { type Authenticator, anyone, keyHolders, type Place } from "./authenticator.ts";
import { metricsReaders } from "./scraper.ts";
import type { Shares } from "./shares.ts";
import { watchAccess } from "./watch.ts";

export interface Gate {
  readonly authenticate: Authenticator;
  /** Whom it lets read the metrics; undefined: anyone. */
  readonly metricsReaders: Authenticator | undefined;
  /** Those that are in force at the moment. */
  readonly shares: () => Shares | undefined;
  close(): void;
}

export function openGate(file: string | undefined, place: Place, log: Log): Gate {
  if (file === undefined) {
    return { authenticate: anyone(place), metricsReaders: undefined, shares: () => undefined, close: () => {} };
  }
  const access = watchAccess(file, log);
  const authenticate = keyHolders(() => access.current, place);
  return {
    authenticate,
    metricsReaders: metricsReaders(() => access.current, place, authenticate),
    shares: () => access.current.shares,
    close: () => access.close(),
  };
}
