/** What sixteen clients do at once on few keys, at any node: instances, a service and a namespace that come and go. */
import { type Answer, ask, isSure, isUndone } from "./client.ts";
import { Flicker } from "./flicker.ts";
import { History } from "./history.ts";
import type { InstanceOperation } from "./model.ts";
import type { Node } from "./node.ts";

export const clients = 16;
const consistent = { "x-cloudmap-consistent-read": "true" };
const names = ["a", "b", "c"];
/** Milliseconds that a client waits where a node cannot serve, so that a dead one is not all that is asked. */
const pause = 30;

type Change = Exclude<InstanceOperation, { readonly kind: "read" }>;

interface DnsService {
  readonly name: string;
  readonly id: string;
}

/** What a refusal says of the state, by its code. */
const outcomes: { readonly [code: string]: string } = {
  "": "done",
  InstanceNotFound: "no instance",
  ResourceInUse: "in use",
  ServiceAlreadyExists: "exists",
  ServiceNotFound: "no service",
};

export class Workload {
  readonly history = new History();
  readonly namespace: string;
  readonly nodes: readonly Node[];
  /** One of them stays, the other comes and goes. */
  services: readonly DnsService[] = [];
  /** Operations that were acknowledged. */
  readonly operations: string[] = [];
  readonly #random: () => number;
  readonly #rest: number;
  readonly #flicker: Flicker;
  readonly #attributes = new Map<string, string>();
  readonly #inFlight = new Map<string, number>();
  #namespaceId = "";
  #values = 0;
  #isOver = false;
  #work: Promise<unknown> = Promise.resolve();

  constructor(nodes: readonly Node[], namespace: string, random: () => number, rest: number) {
    this.nodes = nodes;
    this.namespace = namespace;
    this.#random = random;
    this.#rest = rest;
    this.#flicker = new Flicker(`flicker-${namespace}`, this.history);
  }

  /** Makes the namespace and the services, by requests that can be sent again. */
  async prepare(): Promise<void> {
    const made = await this.#insist("CreatePrivateDnsNamespace", {
      Name: this.namespace,
      Vpc: "vpc-1",
      CreatorRequestId: this.namespace,
    });
    const { body } = await this.#insist("GetOperation", { OperationId: made.body.OperationId });
    const { Operation } = body as { Operation: { Targets: { NAMESPACE: string } } };
    this.#namespaceId = Operation.Targets.NAMESPACE;
    this.services = await Promise.all(
      ["steady", "brief"].map(async (name) => {
        const { called, returned, body } = await this.#insist("CreateService", this.#serviceNamed(name));
        const { Service } = body as { Service: { Id: string } };
        for (const instance of names) {
          const operation: Change = { kind: "create service", outcome: "done" };
          this.history.add(`${name}/${instance}`, { called, returned, operation });
        }
        return { name, id: Service.Id };
      }),
    );
  }

  start(): void {
    this.#work = Promise.all(Array.from({ length: clients }, () => this.#client()));
  }

  /** Waits for each client's last answer. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  /** How many requests are under way at a node, or at all of them. */
  inFlight(node?: Node): number {
    if (node !== undefined) return this.#inFlight.get(node.name) ?? 0;
    return this.#inFlight.values().reduce((sum, count) => sum + count, 0);
  }

  /** Reads everything from a node; for the end, when nothing is under way. */
  async readAll(node: Node): Promise<void> {
    for (const service of this.services) for (const name of names) await this.#read(node, service, name, true);
  }

  async #client(): Promise<void> {
    while (!this.#isOver) {
      const node = this.#pick(this.nodes);
      const answer = await this.#act(node);
      if (answer.kind !== "answered" || answer.status >= 500) await new Promise((done) => setTimeout(done, pause));
      else await new Promise((done) => setTimeout(done, this.#random() * this.#rest));
    }
  }

  #act(node: Node): Promise<Answer> {
    const service = this.#pick(this.services);
    const name = this.#pick(names);
    const dice = this.#random();
    if (dice < 0.3) return this.#register(node, service, name);
    if (dice < 0.5) return this.#change(node, service, name, { kind: "deregister", outcome: "done" });
    if (dice < 0.72) return this.#read(node, service, name, true);
    if (dice < 0.8) return this.#read(node, service, name, false);
    if (dice < 0.84) return this.#revision(node, service);
    if (dice < 0.94) return this.#flicker.act((operation, input) => this.#send(node, operation, input), this.#random);
    const brief = this.services.find(({ name }) => name === "brief") ?? service;
    const kind = dice < 0.97 ? "delete service" : "create service";
    return this.#change(node, brief, undefined, { kind, outcome: "done" });
  }

  #register(node: Node, service: DnsService, name: string): Promise<Answer> {
    this.#values += 1;
    const value = `10.${this.#values >> 16}.${(this.#values >> 8) & 255}.${this.#values & 255}`;
    const Attributes = { AWS_INSTANCE_IPV4: value, number: String(this.#values), more: "x".repeat(this.#values % 50) };
    this.#attributes.set(value, JSON.stringify(Attributes));
    return this.#change(node, service, name, { kind: "register", value, outcome: "done" }, Attributes);
  }

  /** Sends a change, and writes down what came of it; a service's bears on each of its instances. */
  async #change(node: Node, service: DnsService, name: string | undefined, asked: Change, Attributes = {}) {
    const { id: ServiceId } = service;
    const instance = { ServiceId, InstanceId: name };
    const requests: { readonly [kind in Change["kind"]]: readonly [string, object] } = {
      register: ["RegisterInstance", { ...instance, Attributes }],
      deregister: ["DeregisterInstance", instance],
      "create service": ["CreateService", { ...this.#serviceNamed(service.name), CreatorRequestId: undefined }],
      "delete service": ["DeleteService", { Id: ServiceId }],
    };
    const answer = await this.#send(node, ...requests[asked.kind]);
    const { called, returned, code, body } = answer;
    if (isUndone(answer)) return answer;
    const isKnown = isSure(answer);
    const outcome = isKnown ? outcomes[code] : "done";
    if (outcome === undefined) this.history.broken.add(`${asked.kind} answers ${code}: ${body.Message}`);
    const operation = { ...asked, outcome } as Change; // each outcome is one that the kind can have, or the model refuses it
    for (const each of name === undefined ? names : [name]) {
      this.history.add(`${service.name}/${each}`, { called, returned: isKnown ? returned : undefined, operation });
    }
    if (code === "" && body.OperationId !== undefined) this.operations.push(String(body.OperationId));
    return answer;
  }

  async #read(node: Node, { id: ServiceId, name: service }: DnsService, name: string, isConsistent: boolean) {
    const answer = await this.#send(node, "GetInstance", { ServiceId, InstanceId: name }, isConsistent);
    const { called, returned, kind, status, code, body } = answer;
    if (kind !== "answered" || status >= 500) return answer;
    if (code !== "" && code !== "InstanceNotFound") this.history.broken.add(`GetInstance answers ${code}`);
    const { Attributes = {} } = (body.Instance ?? {}) as { Attributes?: Record<string, string> };
    const value = Attributes.AWS_INSTANCE_IPV4 ?? "";
    if (value !== "" && !sameMembers(Attributes, JSON.parse(this.#attributes.get(value) ?? "{}"))) {
      this.history.broken.add(
        `${service}/${name} has attributes that were never registered: ${JSON.stringify(Attributes)}`,
      );
    }
    const key = `${service}/${name}`;
    this.history.compare(key, answer, value);
    if (isConsistent) this.history.add(key, { called, returned, operation: { kind: "read", value } });
    return answer;
  }

  async #revision(node: Node, { name: ServiceName }: DnsService): Promise<Answer> {
    const answer = await this.#send(node, "DiscoverInstancesRevision", { NamespaceName: this.namespace, ServiceName });
    const { InstancesRevision } = answer.body;
    if (InstancesRevision !== undefined) {
      this.history.observeInstances(node.name, ServiceName, answer, Number(InstancesRevision));
    }
    return answer;
  }

  async #send(node: Node, operation: string, input: object, isConsistent = false): Promise<Answer> {
    this.#inFlight.set(node.name, this.inFlight(node) + 1);
    const answer = await ask(node, operation, input, isConsistent ? consistent : {});
    this.#inFlight.set(node.name, this.inFlight(node) - 1);
    if (answer.kind === "answered") this.history.observe(node.name, answer, isConsistent && answer.status < 500);
    return answer;
  }

  /** Asks one node after the other until one does it: only for requests that do no harm a second time. */
  async #insist(operation: string, input: object): Promise<Answer> {
    for (let tries = 0; ; tries += 1) {
      const node = this.nodes[tries % this.nodes.length] as Node; // there is one at least
      const answer = await this.#send(node, operation, input);
      if (answer.kind === "answered" && answer.status === 200) return answer;
      if (tries >= 100) throw new Error(`${operation}: ${answer.kind} ${answer.status} ${JSON.stringify(answer.body)}`);
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  #serviceNamed(Name: string) {
    const DnsConfig = { DnsRecords: [{ Type: "A", TTL: 0 }] };
    return { Name, NamespaceId: this.#namespaceId, DnsConfig, CreatorRequestId: `${this.namespace}-${Name}` };
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] as T; // never empty
  }
}

function sameMembers(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const [keys, others] = [Object.keys(one), Object.keys(other)];
  return keys.length === others.length && keys.every((key) => one[key] === other[key]);
}
