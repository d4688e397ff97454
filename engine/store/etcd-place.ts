/** Where a registry is in etcd, and how etcd lets this engine in. */

export interface EtcdAccess {
  /** Files in PEM: who signed the members' certificates, and this engine's own certificate with its key. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly user?: string;
  readonly password?: string;
}

export interface EtcdPlace extends EtcdAccess {
  /** URLs of its members, or of some: `http:` or `https:`. */
  readonly members: readonly string[];
  /** What the registry's keys begin with, for several registries in one etcd. */
  readonly prefix?: string;
}

export const usualPrefix = "/cloudmap/";
