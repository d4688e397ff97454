/** When the results of probes change a status. */
import type { CustomHealthStatus } from "../../api/instance.ts";

/** A status, and how many results in a row have spoken against it. */
export interface Streak {
  readonly status: CustomHealthStatus;
  readonly against: number;
}

/** "The number of consecutive health checks that an endpoint must pass or fail for Route 53 to change the current status." */
export function judge({ status, against }: Streak, passed: boolean, threshold: number): Streak {
  const found = passed ? "HEALTHY" : "UNHEALTHY";
  if (found === status) return { status, against: 0 };
  return against + 1 >= threshold ? { status: found, against: 0 } : { status, against: against + 1 };
}
