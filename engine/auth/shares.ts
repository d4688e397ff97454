/** Shares: which namespaces other accounts may use, and for what. */

/** `read`: look things up; `write`: also make services, and change those that one made. */
export type SharePermission = "read" | "write";

/** As the operator writes it. */
export interface Share {
  /** The id or the ARN of a namespace. */
  readonly namespace: string;
  readonly accounts: readonly string[];
  /** `read` where it is left out. */
  readonly permission?: SharePermission;
}

/** The id in an id or an ARN. */
export function namespaceIdOf(namespace: string): string {
  return namespace.slice(namespace.lastIndexOf("/") + 1);
}

export class Shares {
  readonly #namespaces = new Set<string>();
  /** By account, then by namespace. */
  readonly #permissions = new Map<string, Map<string, SharePermission>>();

  constructor(shares: readonly Share[] = []) {
    for (const { namespace, accounts, permission = "read" } of shares) {
      const id = namespaceIdOf(namespace);
      this.#namespaces.add(id);
      for (const account of accounts) {
        const of = this.#permissions.get(account) ?? new Map<string, SharePermission>();
        this.#permissions.set(account, of.set(id, permission));
      }
    }
  }

  /** What an account may do in another's namespace; undefined: it does not see it. */
  permission(account: string, namespaceId: string): SharePermission | undefined {
    return this.#permissions.get(account)?.get(namespaceId);
  }

  /** Whether a namespace is shared with anyone. */
  isShared(namespaceId: string): boolean {
    return this.#namespaces.has(namespaceId);
  }

  get any(): boolean {
    return this.#namespaces.size > 0;
  }
}
