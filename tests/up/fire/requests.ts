// Gives each request of a deployment a name that is the same in every run: "GetOperation of RegisterInstance web-1".
import type { Answer, Call } from "../../engine/front.ts";

type Value = Readonly<Record<string, unknown>>;

/** Learns from the answers what the ids stand for: those of namespaces and operations are drawn anew each time. */
export class RequestNames {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** The second request of the same name since the restart is `… #2`. */
  count(call: Call): string {
    const name = this.nameOf(call);
    const times = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, times);
    return times === 1 ? name : `${name} #${times}`;
  }

  restart(): void {
    this.#counts.clear();
  }

  nameOf({ operation, input }: Call): string {
    const id = input.InstanceId ?? input.Name ?? input.OperationId ?? input.Id ?? input.ServiceId ?? input.ResourceARN;
    return id === undefined ? operation : `${operation} ${this.#known(String(id))}`;
  }

  learn(call: Call, answer: Answer): void {
    const body = parsed(answer.body);
    if (typeof body.OperationId === "string") this.#names.set(body.OperationId, `of ${this.nameOf(call)}`);
    const { Targets } = (body.Operation ?? {}) as { readonly Targets?: { readonly NAMESPACE?: string } };
    const made = / of Create\w+Namespace (.+)$/.exec(this.nameOf(call))?.[1];
    if (Targets?.NAMESPACE !== undefined && made !== undefined) this.#names.set(Targets.NAMESPACE, made);
    this.#learnFrom(body);
  }

  #learnFrom(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    const { Id, Name } = value as Value;
    if (typeof Id === "string" && typeof Name === "string") this.#names.set(Id, Name);
    for (const each of Object.values(value)) this.#learnFrom(each);
  }

  #known(id: string): string {
    const short = id.startsWith("arn:") ? (id.split("/").at(-1) ?? id) : id;
    return this.#names.get(short) ?? short;
  }
}

function parsed(body: string): Value {
  return body.startsWith("{") ? JSON.parse(body) : {};
}
