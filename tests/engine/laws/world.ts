/** The registry as AWS describes it, in the plainest words: what a generated command should answer, and what is there then. */
import fc from "fast-check";

export const kinds = ["HTTP", "DNS_PRIVATE", "DNS_PUBLIC"] as const;
export type Kind = (typeof kinds)[number];

/** How long a reported UNHEALTHY waits. */
export const window = 30_000;

const word = fc.constantFrom("x", "y", "z");
const status = fc.constantFrom("HEALTHY", "UNHEALTHY");
const step = <T extends string, R>(type: T, rest: { [K in keyof R]: fc.Arbitrary<R[K]> }) =>
  fc.record({ type: fc.constant(type), ...rest }, { noNullPrototype: true }) as fc.Arbitrary<{ readonly type: T } & R>;

/** Commands on namespaces of some kinds; names are few, so that commands meet. */
export function commandsOn(some: readonly Kind[]) {
  const where = { kind: fc.constantFrom(...some), namespace: fc.constantFrom("one.example", "ONE.example") };
  const inService = { ...where, service: fc.constantFrom("api", "api", "API") };
  const ofInstance = { ...inService, instance: fc.constantFrom("i-1", "a/b") };
  return fc.oneof(
    { weight: 3, arbitrary: step("createNamespace", { ...where, description: word }) },
    { weight: 1, arbitrary: step("updateNamespace", { ...where, description: word }) },
    { weight: 1, arbitrary: step("deleteNamespace", where) },
    { weight: 4, arbitrary: step("createService", { ...inService, custom: fc.boolean() }) },
    { weight: 1, arbitrary: step("deleteService", inService) },
    {
      weight: 8,
      arbitrary: step("register", { ...ofInstance, value: word, initial: fc.option(status, { nil: undefined }) }),
    },
    { weight: 5, arbitrary: step("deregister", ofInstance) },
    { weight: 4, arbitrary: step("report", { ...ofInstance, status }) },
    { weight: 1, arbitrary: step("setAttribute", { ...inService, key: word, value: word }) },
    { weight: 1, arbitrary: step("deleteAttribute", { ...inService, key: word }) },
    { weight: 1, arbitrary: step("tag", { ...inService, key: word, value: word }) },
    { weight: 1, arbitrary: step("untag", { ...inService, key: word }) },
    { weight: 3, arbitrary: step("wait", { milliseconds: fc.constantFrom(1, window - 1, window) }) },
    { weight: 3, arbitrary: step("restart", {}) },
  );
}
export type Command = ReturnType<typeof commandsOn> extends fc.Arbitrary<infer C> ? C : never;

interface Instance {
  attributes: Record<string, string>;
  unhealthyFrom: number | undefined;
}

interface Service {
  readonly custom: boolean;
  readonly attributes: Record<string, string>;
  readonly tags: Record<string, string>;
  readonly instances: Map<string, Instance>;
}

interface Namespace {
  readonly name: string;
  readonly kind: Kind;
  readonly httpName: string;
  description: string;
  readonly services: Map<string, Service & { readonly name: string }>;
}

/** Which service's instances a command registered or deregistered, of those that it was about. */
export interface Expected {
  readonly answer: string;
  readonly moves: boolean;
}

export class World {
  readonly #namespaces = new Map<string, Namespace>();
  now: number;

  constructor(now: number) {
    this.now = now;
  }

  /** Does a command; `id` is that of a namespace it makes. */
  do(command: Command, id: string): Expected {
    const answer = this.#answer(command, id);
    return { answer, moves: answer === "done" && (command.type === "register" || command.type === "deregister") };
  }

  #answer(command: Command, id: string): string {
    if (command.type === "restart") return "done";
    if (command.type === "wait") {
      this.now += command.milliseconds;
      return "done";
    }
    const key = `${command.kind} ${same(command.kind, command.namespace)}`;
    const namespace = this.#namespaces.get(key);
    if (command.type === "createNamespace") {
      if (namespace !== undefined)
        return command.kind === "DNS_PRIVATE" ? "CANNOT_CREATE_HOSTED_ZONE" : "NamespaceAlreadyExists";
      this.#namespaces.set(key, {
        name: command.namespace,
        kind: command.kind,
        httpName: this.#freeHttpName(command.namespace, id),
        description: command.description,
        services: new Map(),
      });
      return "done";
    }
    if (namespace === undefined)
      return "service" in command && command.type !== "createService" ? unknown(command) : "NamespaceNotFound";
    if (command.type === "updateNamespace") namespace.description = command.description;
    else if (command.type === "deleteNamespace") {
      if (namespace.services.size > 0) return "ResourceInUse";
      this.#namespaces.delete(key);
    } else return inNamespace(namespace, command, this.now);
    return "done";
  }

  #freeHttpName(name: string, id: string): string {
    const isTaken = [...this.#namespaces.values()].some(({ httpName }) => httpName === name);
    return isTaken ? `${name}-${id.slice(3)}` : name;
  }

  /** All that a client can see, by names. */
  shown(): object {
    return [...this.#namespaces.values()].sort(byName).map(({ services, ...namespace }) => ({
      ...namespace,
      services: [...services.values()].sort(byName).map(({ name, attributes, tags, instances, custom }) => ({
        name,
        attributes,
        tags,
        instances: Object.fromEntries([...instances].map(([id, instance]) => [id, instance.attributes])),
        health: Object.fromEntries(
          [...instances].map(([id, each]) => [id, custom ? healthOf(each, this.now) : "UNKNOWN"]),
        ),
        discovered: [...instances]
          .filter(([, each]) => !custom || healthOf(each, this.now) === "HEALTHY")
          .map(([id]) => id)
          .sort(),
      })),
    }));
  }
}

export function byName(a: { name: string; kind?: string }, b: { name: string; kind?: string }): number {
  return `${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1;
}

/** Names in DNS are the same in either case. */
export function same(kind: Kind, name: string): string {
  return kind === "HTTP" ? name : name.toLowerCase();
}

type InService = Extract<Command, { service: string }>;

function unknown({ type }: InService): string {
  return type === "tag" || type === "untag" ? "ResourceNotFoundException" : "ServiceNotFound";
}

function inNamespace({ kind, services }: Namespace, command: InService, now: number): string {
  const key = same(kind, command.service);
  const service = services.get(key);
  if (command.type === "createService") {
    if (service !== undefined) return "ServiceAlreadyExists";
    const { service: name, custom } = command;
    services.set(key, { name, custom, attributes: {}, tags: {}, instances: new Map() });
    return "done";
  }
  if (service === undefined) return unknown(command);
  if (command.type === "deleteService") {
    if (service.instances.size > 0) return "ResourceInUse";
    services.delete(key);
  } else if (command.type === "setAttribute") service.attributes[command.key] = command.value;
  else if (command.type === "deleteAttribute") delete service.attributes[command.key];
  else if (command.type === "tag") service.tags[command.key] = command.value;
  else if (command.type === "untag") delete service.tags[command.key];
  else return ofInstances(service, command, now);
  return "done";
}

function ofInstances({ instances, custom }: Service, command: Extract<InService, { instance: string }>, now: number) {
  const found = instances.get(command.instance);
  if (command.type === "register") {
    const { value, initial } = command;
    const attributes = { value, ...(initial !== undefined && { AWS_INIT_HEALTH_STATUS: initial }) };
    const kept = found?.unhealthyFrom;
    const unhealthyFrom = initial === undefined || !custom ? kept : initial === "UNHEALTHY" ? now : undefined;
    instances.set(command.instance, { attributes, unhealthyFrom });
    return "done";
  }
  if (found === undefined) return "InstanceNotFound";
  if (command.type === "deregister") instances.delete(command.instance);
  else if (!custom) return "CustomHealthNotFound";
  else found.unhealthyFrom = command.status === "HEALTHY" ? undefined : (found.unhealthyFrom ?? now + window);
  return "done";
}

function healthOf({ unhealthyFrom }: Instance, now: number): string {
  return unhealthyFrom !== undefined && unhealthyFrom <= now ? "UNHEALTHY" : "HEALTHY";
}
