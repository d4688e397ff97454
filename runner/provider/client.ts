// A provider in another process, called over gRPC.

import { randomBytes } from "node:crypto";
import { credentials } from "@grpc/grpc-js";
import type pb from "@pulumi/pulumi/proto/provider_pb.js";
import { Failure } from "../failure.ts";
import { call, grpcOptions, waitForReady } from "../rpc/server.ts";
import { empties, provider as messages, providerService } from "../rpc/stubs.ts";
import { settingText } from "../stack/config.ts";
import { nameOf, providerPackage, typeOf } from "../state/urn.ts";
import { withSecretsOf } from "../value/difference.ts";
import {
  containsUnknown,
  type Properties,
  type Value,
  withoutReferences,
  withoutSecrets,
  withoutUnknowns,
} from "../value/value.ts";
import { decodeProperties, encodeProperties } from "../value/wire.ts";
import { checkedOf, diffOf, plain, readOf } from "./answer.ts";
import { Connection } from "./connection.ts";
import { type Plugin, type PluginHost, startPlugin } from "./plugin.ts";
import {
  type Checked,
  type CheckRequest,
  type CreateRequest,
  type DeleteRequest,
  type Diff,
  type DiffRequest,
  DiffUnavailable,
  type Invoked,
  type Made,
  type Provider,
  type ReadRequest,
  type ReadResult,
  type UpdateRequest,
} from "./provider.ts";

interface Protocol {
  readonly acceptSecrets: boolean;
  readonly acceptResources: boolean;
  readonly supportsPreview: boolean;
}

const unavailableDiff =
  "The provider for this resource has inputs that are not known during preview.\n" +
  "This preview may not correctly represent the changes that will be applied during an update.";

export async function openProvider(
  host: PluginHost,
  pkg: string,
  version: string | undefined,
): Promise<ProviderClient> {
  const plugin = await startPlugin(host, pkg, version);
  const provider = new ProviderClient(plugin, pkg);
  await provider.greet(host);
  return provider;
}

export class ProviderClient implements Provider {
  readonly #connection: Connection;
  readonly #client: InstanceType<typeof providerService.ResourceProviderClient>;
  #protocol: Protocol | undefined;

  constructor(plugin: Plugin, pkg: string) {
    this.#connection = new Connection(plugin, pkg);
    this.#client = new providerService.ResourceProviderClient(
      plugin.address,
      credentials.createInsecure(),
      grpcOptions,
    );
  }

  /** The calls that the CLI makes first; servers may leave them unimplemented. */
  async greet(host: PluginHost): Promise<void> {
    await waitForReady(this.#client, 10, this.#connection.name);
    const handshake = new messages.ProviderHandshakeRequest()
      .setEngineAddress(host.engine)
      .setRootDirectory(host.project.root)
      .setProgramDirectory(host.project.program)
      .setConfigureWithUrn(true);
    await this.#connection.optional(() =>
      call<pb.ProviderHandshakeResponse>((done) => this.#client.handshake(handshake, done)),
    );
    await this.#connection.optional(() => call((done) => this.#client.getPluginInfo(new empties.Empty(), done)));
  }

  async checkConfig(urn: string, olds: Properties, news: Properties): Promise<Checked> {
    const request = new messages.CheckRequest()
      .setUrn(urn)
      .setName(nameOf(urn))
      .setType(typeOf(urn))
      .setOlds(encodeProperties(plain(olds)))
      .setNews(encodeProperties(plain(news)));
    const response = await this.#connection.optional(() =>
      call<pb.CheckResponse>((done) => this.#client.checkConfig(request, done)),
    );
    if (response === undefined) return { inputs: news, failures: [] };
    return checkedOf(response, news, true);
  }

  async diffConfig(
    urn: string,
    oldInputs: Properties,
    oldOutputs: Properties,
    newInputs: Properties,
  ): Promise<Diff | undefined> {
    const request = new messages.DiffRequest()
      .setUrn(urn)
      .setName(nameOf(urn))
      .setType(typeOf(urn))
      .setOldInputs(encodeProperties(plain(oldInputs)))
      .setOlds(encodeProperties(plain(oldOutputs)))
      .setNews(encodeProperties(plain(newInputs)));
    const response = await this.#connection.optional(() =>
      call<pb.DiffResponse>((done) => this.#client.diffConfig(request, done)),
    );
    return response && diffOf(response);
  }

  /** With unknown configuration the provider is not configured, and answers for itself in previews only. */
  async configure(urn: string, id: string, inputs: Properties): Promise<void> {
    if (containsUnknown(inputs)) return;
    const pkg = providerPackage(typeOf(urn));
    const request = new messages.ConfigureRequest()
      .setUrn(urn)
      .setName(nameOf(urn))
      .setType(typeOf(urn))
      .setId(id)
      .setArgs(encodeProperties(inputs))
      .setAcceptsecrets(true)
      .setAcceptresources(true)
      .setSendsOldInputs(true)
      .setSendsOldInputsToDelete(true);
    for (const [key, value] of Object.entries(inputs)) {
      if (key !== "version") request.getVariablesMap().set(`${pkg}:config:${key}`, settingText(withoutSecrets(value)));
    }
    const response = await this.#connection.ask(() =>
      call<pb.ConfigureResponse>((done) => this.#client.configure(request, done)),
    );
    this.#protocol = {
      acceptSecrets: response.getAcceptsecrets(),
      acceptResources: response.getAcceptresources(),
      supportsPreview: response.getSupportspreview(),
    };
  }

  async check(request: CheckRequest): Promise<Checked> {
    const protocol = this.#protocol;
    if (protocol === undefined) return { inputs: request.news, failures: [] };
    const send = (properties: Properties) => this.#encode(properties, request.allowUnknowns);
    const message = new messages.CheckRequest()
      .setUrn(request.urn)
      .setName(nameOf(request.urn))
      .setType(typeOf(request.urn))
      .setOlds(send(request.olds))
      .setNews(send(request.news))
      .setRandomseed(randomBytes(32));
    const response = await this.#connection.ask(() =>
      call<pb.CheckResponse>((done) => this.#client.check(message, done)),
    );
    return checkedOf(response, request.news, !protocol.acceptSecrets);
  }

  async diff(request: DiffRequest): Promise<Diff> {
    if (this.#protocol === undefined) throw new DiffUnavailable(unavailableDiff);
    const send = (properties: Properties) => this.#encode(properties, request.allowUnknowns);
    const message = new messages.DiffRequest()
      .setId(request.id)
      .setUrn(request.urn)
      .setName(nameOf(request.urn))
      .setType(typeOf(request.urn))
      .setOldInputs(send(request.oldInputs))
      .setOlds(send(request.oldOutputs))
      .setNews(send(request.newInputs))
      .setIgnorechangesList([...request.ignoreChanges]);
    return diffOf(await this.#connection.ask(() => call<pb.DiffResponse>((done) => this.#client.diff(message, done))));
  }

  async create(request: CreateRequest): Promise<Made> {
    const echo = this.#previewOf(request);
    if (echo !== undefined) return { id: "", outputs: echo };
    const message = new messages.CreateRequest()
      .setUrn(request.urn)
      .setName(nameOf(request.urn))
      .setType(typeOf(request.urn))
      .setProperties(this.#encode(request.inputs, request.preview))
      .setTimeout(request.timeout)
      .setPreview(request.preview);
    const made = await this.#connection.partial(async () => {
      const response = await call<pb.CreateResponse>((done) => this.#client.create(message, done));
      return { id: response.getId(), outputs: decodeProperties(response.getProperties()) };
    });
    if (made.id === "" && !request.preview) {
      throw new Failure(
        `the provider gave no id for the new resource ${request.urn}; it may exist without being known`,
      );
    }
    return { ...made, outputs: this.#received(made.outputs, request.inputs) };
  }

  async update(request: UpdateRequest): Promise<Made> {
    const echo = this.#previewOf({ inputs: request.newInputs, preview: request.preview });
    if (echo !== undefined) return { id: request.id, outputs: echo };
    const message = new messages.UpdateRequest()
      .setId(request.id)
      .setUrn(request.urn)
      .setName(nameOf(request.urn))
      .setType(typeOf(request.urn))
      .setOldInputs(this.#encode(request.oldInputs, false))
      .setOlds(this.#encode(request.oldOutputs, false))
      .setNews(this.#encode(request.newInputs, request.preview))
      .setTimeout(request.timeout)
      .setIgnorechangesList([...request.ignoreChanges])
      .setPreview(request.preview);
    const made = await this.#connection.partial(async () => {
      const response = await call<pb.UpdateResponse>((done) => this.#client.update(message, done));
      return { id: request.id, outputs: decodeProperties(response.getProperties()) };
    });
    return { ...made, id: request.id, outputs: this.#received(made.outputs, request.newInputs) };
  }

  async read(request: ReadRequest): Promise<ReadResult> {
    if (this.#protocol === undefined) return { id: "", outputs: {}, inputs: {} };
    const message = new messages.ReadRequest()
      .setId(request.id)
      .setUrn(request.urn)
      .setName(nameOf(request.urn))
      .setType(typeOf(request.urn))
      .setProperties(this.#encode(request.state, false))
      .setTimeout(request.timeout);
    if (request.inputs !== undefined) message.setInputs(this.#encode(request.inputs, false));
    const result: ReadResult = await this.#connection.partial(async () => {
      const response = await call<pb.ReadResponse>((done) => this.#client.read(message, done));
      return readOf(response);
    });
    return {
      ...result,
      outputs: result.outputs && this.#received(result.outputs, request.state),
      inputs: result.inputs && this.#received(result.inputs, request.inputs ?? {}),
    };
  }

  async delete(request: DeleteRequest): Promise<void> {
    const message = new messages.DeleteRequest()
      .setId(request.id)
      .setUrn(request.urn)
      .setName(nameOf(request.urn))
      .setType(typeOf(request.urn))
      .setProperties(this.#encode(request.outputs, false))
      .setOldInputs(this.#encode(request.inputs, false))
      .setTimeout(request.timeout);
    await this.#connection.ask(() => call((done) => this.#client.delete(message, done)));
  }

  /** The package's schema, as JSON; of a plugin that has none to tell, nothing. */
  schema(): Promise<string | undefined> {
    const asked = call<pb.GetSchemaResponse>((done) => this.#client.getSchema(new messages.GetSchemaRequest(), done));
    return asked.then((answer) => answer.getSchema()).catch(() => undefined);
  }

  async invoke(token: string, inputs: Properties, preview: boolean): Promise<Invoked> {
    const message = new messages.InvokeRequest().setTok(token).setArgs(this.#encode(inputs, false)).setPreview(preview);
    const response = await this.#connection.ask(() =>
      call<pb.InvokeResponse>((done) => this.#client.invoke(message, done)),
    );
    const failures = response
      .getFailuresList()
      .map((item) => ({ property: item.getProperty(), reason: item.getReason() }));
    return { outputs: decodeProperties(response.getReturn()), failures };
  }

  async cancel(): Promise<void> {
    await call((done) => this.#client.cancel(new empties.Empty(), done)).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#client.close();
    await this.#connection.plugin.stop();
  }

  // Providers that do not offer previews are not asked: what they would return is taken to be their inputs.
  #previewOf({ inputs, preview }: { readonly inputs: Properties; readonly preview: boolean }): Properties | undefined {
    if (!preview) return undefined;
    if (this.#protocol === undefined) return {};
    return this.#protocol.supportsPreview ? undefined : inputs;
  }

  #encode(properties: Properties, allowUnknowns: boolean): ReturnType<typeof encodeProperties> {
    let sent: Value = allowUnknowns ? properties : withoutUnknowns(properties);
    if (!this.#protocol?.acceptSecrets) sent = withoutSecrets(sent);
    if (!this.#protocol?.acceptResources) sent = withoutReferences(sent);
    return encodeProperties(sent as Properties); // A map stays a map.
  }

  #received(outputs: Properties, inputs: Properties): Properties {
    return this.#protocol?.acceptSecrets ? outputs : withSecretsOf(outputs, inputs);
  }
}
