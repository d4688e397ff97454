// The registries that resources of this run are recorded in: what is new is not made in another one.
import type { Props } from "./casing.ts";
import { CallError } from "./failure.ts";
import type { Session } from "./session.ts";

/** As far as Pulumi has shown resources: it compares those that there are before it replaces them, and in no order with what is new. */
export class Recorded {
  readonly #places = new Map<string, Props>();
  readonly #made: string[] = [];
  readonly #standing = new Set<string>();
  #reached: Session | undefined;

  /** A resource that is compared. Where the registry is known by now, and is another, the run ends here. */
  note({ account, arn, region, generation }: Props): void {
    if (typeof arn === "string" && typeof generation === "string") this.#standing.add(`${arn} ${generation}`);
    if (typeof account !== "string") return;
    const place = { account, arn, region };
    this.#places.set(`${account} ${typeof arn === "string" ? arn.split(":")[3] : region}`, place);
    try {
      this.#reached?.refuseOther(place);
    } catch (error) {
      throw error instanceof CallError ? error.with((said) => `${said}${this.#regret()}`) : error;
    }
  }

  /** Whether it is what the state has: that, and not another that was made anew under the same id. */
  readonly isStanding = (arn: string | undefined, generation: string | undefined): boolean =>
    this.#standing.has(`${arn} ${generation}`);

  /** A stack that is pointed at another registry must not begin anew there. */
  refuseOthers(reached: Session): void {
    this.#reached = reached;
    for (const place of this.#places.values()) reached.refuseOther(place, "other resources of this stack belong");
  }

  /** What is new, and was made before anything was compared that says where the stack is. */
  made(subject: string): void {
    this.#made.push(subject);
  }

  #regret(): string {
    if (this.#made.length === 0) return "";
    const all = this.#made.length > 3 ? [...this.#made.slice(0, 3), `${this.#made.length - 3} more`] : this.#made;
    return ` But this run had made something new there before it knew: ${all.join(", ")}. While the endpoint is still this one, \`pulumi destroy --target URN\` takes it away again; \`cloudmap:account\` in the stack's configuration refuses another registry before anything is made.`;
  }
}
