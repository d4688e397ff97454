/** The contexts that handlers are given: one for each account that asks, made once. */
import { Shares } from "./auth/shares.ts";
import type { Context } from "./context.ts";

const none = new Shares();

export class Contexts {
  readonly home: string;
  readonly #base: Omit<Context, "account" | "shared" | "isShared" | "hasShares">;
  readonly #shares: () => Shares | undefined;
  /** As many as the operator's file names accounts. */
  readonly #byAccount = new Map<string, Context>();

  /** `shares` answers those that are in force at the moment. */
  constructor(
    base: Omit<Context, "account" | "shared" | "isShared" | "hasShares">,
    shares: () => Shares | undefined = () => undefined,
  ) {
    this.home = base.home;
    this.#base = base;
    this.#shares = shares;
  }

  of(account: string): Context {
    const known = this.#byAccount.get(account);
    if (known !== undefined) return known;
    const shares = () => this.#shares() ?? none;
    const context: Context = {
      ...this.#base,
      account,
      shared: (namespaceId) => shares().permission(account, namespaceId),
      isShared: (namespaceId) => shares().isShared(namespaceId),
      get hasShares() {
        return shares().any;
      },
    };
    this.#byAccount.set(account, context);
    return context;
  }
}
