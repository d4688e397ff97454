/** Who asks: what handlers, the audit log and metrics are told of it. */
import type { Key } from "./access-file.ts";
import type { Permissions } from "./policy.ts";

export interface Caller {
  /** Twelve digits: the account in which the caller acts. */
  readonly account: string;
  /** `arn:aws:iam::111122223333:user/deploy`; that of the account's root where nobody has to sign. */
  readonly arn: string;
  /** As STS answers it: the access key's id, or the account's. */
  readonly userId: string;
  /** Absent where the request was not signed and did not have to be. */
  readonly accessKeyId?: string;
  /** What its policies come to; absent: it may do everything. */
  readonly permissions?: Permissions;
}

/** The root of an account: who is asking where no keys are given. */
export function rootOf(account: string): Caller {
  return { account, arn: `arn:aws:iam::${account}:root`, userId: account };
}

const callers = new WeakMap<Key, Caller>();

/** Who holds a key, in the key's account or else in the registry's: the same object each time. */
export function callerOf(key: Key, home: string): Caller {
  const known = callers.get(key);
  if (known !== undefined) return known;
  const { accessKeyId, account = home, name, permissions } = key;
  const arn = `arn:aws:iam::${account}:user/${isUserName(name) ? name : accessKeyId}`;
  const caller = { account, arn, userId: accessKeyId, accessKeyId, ...(permissions && { permissions }) };
  callers.set(key, caller);
  return caller;
}

/** "Names of users: up to 64 letters, digits, and +=,.@_-"; what else a key is called is for people only. */
function isUserName(name: string | undefined): boolean {
  return name !== undefined && /^[\w+=,.@-]{1,64}$/.test(name);
}
