/** A namespace that clients make and delete at once, with a service that must never outlive it. */
import { type Answer, isSure, isUndone } from "./client.ts";
import type { History } from "./history.ts";
import type { NamespaceOperation } from "./model.ts";

export type Send = (operation: string, input: object) => Promise<Answer>;

/** What is known of the namespace that a token made. */
interface Made {
  readonly token: string;
  readonly id: string;
  service: string | undefined;
}

const outcomes: { readonly [code: string]: string } = {
  "": "done",
  NamespaceNotFound: "no namespace",
  ResourceInUse: "in use",
  ServiceAlreadyExists: "exists",
  ServiceNotFound: "no service",
};

export class Flicker {
  readonly #name: string;
  readonly #history: History;
  readonly #known = new Map<string, Made>();
  #latest: Made | undefined;
  #tokens = 0;

  constructor(name: string, history: History) {
    this.#name = name;
    this.#history = history;
  }

  /** Does one thing to it. */
  act(send: Send, random: () => number): Promise<Answer> {
    const made = this.#latest;
    const dice = random();
    if (made === undefined || dice < 0.25) return this.#create(send);
    const { id, token, service } = made;
    if (dice < 0.5)
      return this.#change(send, "DeleteNamespace", { Id: id }, { kind: "delete", token, outcome: "done" });
    if (dice < 0.75 || service === undefined) return this.#fill(send, made);
    return this.#change(send, "DeleteService", { Id: service }, { kind: "delete service", token, outcome: "done" });
  }

  async #create(send: Send): Promise<Answer> {
    this.#tokens += 1;
    const token = `${this.#name}-${this.#tokens}`;
    const input = { Name: this.#name, CreatorRequestId: token };
    const answer = await send("CreateHttpNamespace", input);
    const { called, returned, code, body } = answer;
    if (code === "NamespaceAlreadyExists") {
      const { NamespaceId, CreatorRequestId } = body;
      this.#learn(String(CreatorRequestId), String(NamespaceId));
      const operation = { kind: "create", token: String(CreatorRequestId), outcome: "exists" } as const;
      this.#history.namespace.push({ called, returned, operation });
      return answer;
    }
    this.#write(answer, { kind: "create", token, outcome: "done" });
    if (code === "" && body.OperationId !== undefined) {
      const { body: told } = await send("GetOperation", { OperationId: body.OperationId });
      const { Operation } = told as { Operation?: { Targets?: { NAMESPACE?: string } } };
      const id = Operation?.Targets?.NAMESPACE;
      if (id !== undefined) this.#learn(token, id);
    }
    return answer;
  }

  async #fill(send: Send, made: Made): Promise<Answer> {
    const { token, id: NamespaceId } = made;
    const operation: NamespaceOperation = { kind: "create service", token, outcome: "done" };
    const answer = await this.#change(send, "CreateService", { Name: "inner", NamespaceId }, operation);
    const { Service, ServiceId } = answer.body as { Service?: { Id: string }; ServiceId?: string };
    made.service = Service?.Id ?? ServiceId ?? made.service;
    return answer;
  }

  async #change(send: Send, name: string, input: object, operation: NamespaceOperation): Promise<Answer> {
    const answer = await send(name, input);
    this.#write(answer, operation);
    return answer;
  }

  #write(answer: Answer, asked: NamespaceOperation): void {
    const { called, returned, code, body } = answer;
    if (isUndone(answer)) return;
    const isKnown = isSure(answer);
    const outcome = isKnown ? outcomes[code] : "done";
    if (outcome === undefined) this.#history.broken.add(`${asked.kind} a namespace answers ${code}: ${body.Message}`);
    const operation = { ...asked, outcome } as NamespaceOperation; // what a kind cannot come to, the model refuses
    this.#history.namespace.push({ called, returned: isKnown ? returned : undefined, operation });
  }

  #learn(token: string, id: string): void {
    const made = this.#known.get(token) ?? { token, id, service: undefined };
    this.#known.set(token, made);
    this.#latest = made;
  }
}
