/** The operator's table of EC2 instances: which private address each id has, as nobody here can ask EC2. */
import { readFileSync, statSync } from "node:fs";
import { isIPv4 } from "node:net";
import type { Log } from "./log.ts";

/** The primary private IPv4 address of an EC2 instance; undefined where the table does not have it. */
export type Ec2Addresses = (id: string) => string | undefined;

/** EC2's ids are `i-` and 8 or 17 hexadecimal digits; who has machines elsewhere may have ids of another form. */
const idPattern = /^[!-~]{1,255}$/;

/**
 * Reads the file, and again where a registration asks after it has changed: instances come and go without a restart.
 * A change that cannot be read is logged once, and what was read before stays.
 */
export function ec2Addresses(file: string, log: Log): Ec2Addresses {
  let seen = stampOf(file);
  let table = readTable(file);
  return (id) => {
    const stamp = stampOf(file);
    if (stamp === seen) return table.get(id);
    seen = stamp;
    try {
      table = readTable(file);
      log("info", "the table of EC2 instances was read again", { file, instances: table.size });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log("error", `${reason}; the table stays as it was`, {});
    }
    return table.get(id);
  };
}

/** What tells one content of the file from another; "" where there is none. */
function stampOf(file: string): string {
  const { ino = 0n, size = 0n, mtimeNs = 0n } = statSync(file, { bigint: true, throwIfNoEntry: false }) ?? {};
  return `${ino} ${size} ${mtimeNs}`;
}

function readTable(file: string): ReadonlyMap<string, string> {
  const content = parse(file);
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new Error(`--ec2 ${file}: it must be a JSON object such as {"i-0abc1234": "10.0.0.7"}`);
  }
  const table = new Map<string, string>();
  for (const [id, address] of Object.entries<unknown>({ ...content })) {
    if (!idPattern.test(id)) throw new Error(`--ec2 ${file}: ${JSON.stringify(id)} is not the id of an instance`);
    if (typeof address !== "string" || !isIPv4(address)) {
      throw new Error(`--ec2 ${file}: ${id} must have an IPv4 address, and has ${JSON.stringify(address)}`);
    }
    table.set(id, address);
  }
  return table;
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`--ec2 ${file}: ${error instanceof SyntaxError ? `it is not JSON: ${reason}` : reason}`);
  }
}
