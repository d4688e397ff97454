// The registries that resources of this run are recorded in: what is new is not made in another one.
import type { Props } from "./casing.ts";
import type { Session } from "./session.ts";

/** Account numbers, as far as Pulumi has shown resources: it compares those that there are before it replaces them. */
export class Recorded {
  readonly #accounts = new Set<string>();

  note({ account }: Props): void {
    if (typeof account === "string") this.#accounts.add(account);
  }

  /** A stack that is pointed at another registry must not begin anew there. */
  refuseOthers({ refuseOther }: Session): void {
    for (const account of this.#accounts) refuseOther(account, "other resources of this stack belong");
  }
}
