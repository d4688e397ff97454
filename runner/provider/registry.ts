// The providers of one operation: provider resources are resources too, and this is what manages them.

import { randomUUID } from "node:crypto";
import { Failure } from "../failure.ts";
import type { Resource } from "../state/resource.ts";
import { formatReference, parseReference, providerPackage, typeOf } from "../state/urn.ts";
import { equalProperties } from "../value/difference.ts";
import { type Properties, unknownString } from "../value/value.ts";
import { openProvider, type ProviderClient } from "./client.ts";
import type { PluginHost } from "./plugin.ts";
import type {
  Checked,
  CheckRequest,
  CreateRequest,
  DeleteRequest,
  Diff,
  DiffRequest,
  Made,
  Provider,
  ReadResult,
  UpdateRequest,
} from "./provider.ts";
import { noDiff, replaces } from "./provider.ts";

// Inputs of the engine's own (version pinning, downloads), which no provider gets to see.
const internalKey = "__internal";

export function filtered(inputs: Properties): Properties {
  const { [internalKey]: _internal, ...rest } = inputs;
  return rest;
}

export class Registry implements Provider {
  readonly #host: PluginHost;
  readonly #preview: boolean;
  readonly #ready = new Map<string, ProviderClient>();
  /** Checked but not yet configured, by URN. */
  readonly #checked = new Map<string, ProviderClient>();
  readonly #loading = new Map<string, Promise<void>>();
  readonly #aliases = new Map<string, string>();
  readonly #opened = new Set<ProviderClient>();

  constructor(host: PluginHost, preview: boolean) {
    this.#host = host;
    this.#preview = preview;
  }

  find(reference: string): ProviderClient | undefined {
    return this.#ready.get(reference);
  }

  /** A renamed provider answers to its former URN too. */
  alias(urn: string, former: string): void {
    this.#aliases.set(urn, former);
  }

  /** Loads a provider from the state, as deletes and refreshes need it. */
  async ensure(reference: string | undefined, olds: ReadonlyMap<string, Resource>): Promise<void> {
    if (!reference || this.#ready.has(reference)) return;
    const { urn, id } = parseReference(reference);
    const resource = olds.get(urn);
    if (resource === undefined || resource.id !== id)
      throw new Failure(`the provider ${reference} is not in the state`);
    const loading = this.#loading.get(reference) ?? this.same(resource, false);
    this.#loading.set(reference, loading);
    await loading;
  }

  /** Configures a provider as its state says, in the place of one that was only checked. */
  async same(resource: Resource, fromCheck: boolean): Promise<void> {
    const { urn, id = "", inputs = {} } = resource;
    if (id === "" || id === unknownString) throw new Failure(`the provider ${urn} has no known id`);
    const reference = formatReference({ urn, id });
    if (this.#ready.has(reference)) return;
    const client = (fromCheck ? this.#take(urn) : undefined) ?? (await this.#open(urn, inputs));
    await client.configure(urn, id, filtered(inputs));
    this.#put(urn, id, client);
  }

  async check({ urn, olds, news }: CheckRequest): Promise<Checked> {
    const client = await this.#open(urn, news);
    const checked = await client.checkConfig(urn, filtered(olds), filtered(news));
    if (checked.failures.length > 0) return checked;
    this.#checked.set(urn, client);
    const inputs = { ...checked.inputs };
    if (inputs.version === undefined && news.version !== undefined) inputs.version = news.version;
    if (news[internalKey] !== undefined) inputs[internalKey] = news[internalKey];
    return { inputs, failures: [] };
  }

  async diff(request: DiffRequest): Promise<Diff> {
    const { urn, id, oldInputs, oldOutputs, newInputs } = request;
    const client = this.#checked.get(urn) ?? this.find(formatReference({ urn, id }));
    if (client === undefined) throw new Failure(`the provider ${urn} is not loaded`);
    const news = filtered(newInputs);
    const diff = (await client.diffConfig(urn, filtered(oldInputs), oldOutputs, news)) ?? {
      ...noDiff,
      changes: "unknown",
    };
    if (diff.changes !== "unknown") return diff;
    return { ...diff, changes: equalProperties(oldOutputs, news) && !replaces(diff) ? "none" : "some" };
  }

  async create({ urn, inputs }: CreateRequest): Promise<Made> {
    const id = this.#preview ? unknownString : randomUUID();
    const client = this.#take(urn) ?? (await this.#open(urn, inputs));
    const outputs = filtered(inputs);
    await client.configure(urn, id, outputs);
    this.#put(urn, id, client);
    return { id, outputs };
  }

  async update({ urn, id, newInputs }: UpdateRequest): Promise<Made> {
    const client = this.#take(urn) ?? (await this.#open(urn, newInputs));
    const outputs = filtered(newInputs);
    await client.configure(urn, id, outputs);
    this.#put(urn, id, client);
    return { id, outputs };
  }

  async read(): Promise<ReadResult> {
    throw new Failure("provider resources may not be read");
  }

  async delete({ urn, id }: DeleteRequest): Promise<void> {
    this.#ready.delete(formatReference({ urn, id }));
  }

  async cancel(): Promise<void> {
    await Promise.all([...this.#opened].map((client) => client.cancel()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#opened].map((client) => client.close()));
    this.#opened.clear();
  }

  async #open(urn: string, inputs: Properties): Promise<ProviderClient> {
    const version = typeof inputs.version === "string" ? inputs.version : undefined;
    const client = await openProvider(this.#host, providerPackage(typeOf(urn)), version);
    this.#opened.add(client);
    return client;
  }

  #take(urn: string): ProviderClient | undefined {
    const client = this.#checked.get(urn);
    this.#checked.delete(urn);
    return client;
  }

  #put(urn: string, id: string, client: ProviderClient): void {
    this.#ready.set(formatReference({ urn, id }), client);
    const former = this.#aliases.get(urn);
    if (former !== undefined) this.#ready.set(formatReference({ urn: former, id }), client);
  }
}
