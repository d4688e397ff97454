/** Opens the store that an operator chose: etcd where its members are named, else the embedded one. */
import type { Log } from "../log.ts";
import type { EtcdPlace } from "./etcd-place.ts";
import { openSqlite } from "./sqlite.ts";
import type { Store } from "./store.ts";

/** etcd is loaded where it is used: an engine on the embedded store starts without it. */
export async function openStore(data: string | undefined, etcd: EtcdPlace | undefined, log: Log): Promise<Store> {
  if (etcd === undefined) return openSqlite(data ?? ".");
  return (await import("./etcd.ts")).openEtcd({ ...etcd, log });
}
