/** The gate: who is let in, by the operator's file or, without one, anyone. */
import { consolePurpose } from "../../api/extensions.ts";
import type { Log } from "../log.ts";
import { type Authenticator, anyone, keyHolders, type Place } from "./authenticator.ts";
import { metricsReaders } from "./scraper.ts";
import type { Shares } from "./shares.ts";
import { tokenHolders } from "./token.ts";
import { watchAccess } from "./watch.ts";

export interface Gate {
  readonly authenticate: Authenticator;
  /** Whom it lets read the metrics; undefined: anyone. */
  readonly metricsReaders: Authenticator | undefined;
  /** Whom it shows the console, which shows each what it may read. */
  readonly consoleReaders: Authenticator;
  /** Those that are in force at the moment. */
  readonly shares: () => Shares | undefined;
  close(): void;
}

export function openGate(file: string | undefined, place: Place, log: Log): Gate {
  if (file === undefined) {
    const authenticate = anyone(place);
    const readers = { metricsReaders: undefined, consoleReaders: authenticate };
    return { authenticate, ...readers, shares: () => undefined, close: () => {} };
  }
  const access = watchAccess(file, log);
  const authenticate = keyHolders(() => access.current, place);
  return {
    authenticate,
    metricsReaders: metricsReaders(() => access.current, place, authenticate),
    consoleReaders: tokenHolders(consolePurpose, () => access.current, place, authenticate),
    shares: () => access.current.shares,
    close: () => access.close(),
  };
}
