/** Asks whoever listens at an address whether it is an engine. */

export interface Health {
  readonly status: string;
  readonly account: string;
  readonly region: string;
  readonly version: string;
  readonly pid: number;
  /** Grows with every change of the registry. */
  readonly revision: number;
}

/** How long an engine may take to answer, in milliseconds: a busy one answers late. */
const patience = 3_000;

/** What it says of itself; "silent" when it takes the connection and does not answer; undefined when no engine is there. */
export async function askHealth(url: string): Promise<Health | "silent" | undefined> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(patience), redirect: "error" });
    const health: unknown = await response.json();
    return isHealth(health) ? health : undefined;
  } catch (error) {
    return error instanceof Error && error.name === "TimeoutError" ? "silent" : undefined;
  }
}

function isHealth(health: unknown): health is Health {
  if (typeof health !== "object" || health === null) return false;
  const { account, region, version, pid, revision } = health as Partial<Health>; // each is looked at
  const texts = [account, region, version].every((text) => typeof text === "string");
  return texts && [pid, revision].every((number) => typeof number === "number");
}
