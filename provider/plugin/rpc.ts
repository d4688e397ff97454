// Pulumi's ResourceProvider service: messages to and from the host's own words.
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { status } from "@grpc/grpc-js";
import type pb from "@pulumi/pulumi/proto/provider_pb.js";
import type { Props } from "../casing.ts";
import type { CheckFailure } from "../kind.ts";
import { details } from "./detail.ts";
import type { PluginHost } from "./host.ts";
import { StatusError, streamed, unary } from "./server.ts";
import { empties, plugin, provider } from "./stubs.ts";
import { anySecret, concealed, hasSecret, plain, received, sent } from "./wire.ts";

export interface Package {
  readonly version: string;
  /** The text of schema.json. */
  readonly schema: () => Promise<string>;
}

const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;

export function implementation(host: PluginHost, about: Package): UntypedServiceImplementation {
  return { ...ofPackage(about), ...ofConfiguration(host), ...ofResources(host), ...refused };
}

function ofPackage({ version, schema }: Package): UntypedServiceImplementation {
  return {
    handshake: unary(async () =>
      new provider.ProviderHandshakeResponse()
        .setAcceptSecrets(true)
        .setAcceptOutputs(true)
        .setSupportsAutonamingConfiguration(true),
    ),
    getPluginInfo: unary(async () => new plugin.PluginInfo().setVersion(version)),
    getSchema: unary(async () => new provider.GetSchemaResponse().setSchema(await schema())),
    getMapping: unary(async () => new provider.GetMappingResponse()),
    getMappings: unary(async () => new provider.GetMappingsResponse()),
    attach: unary(async () => new empties.Empty()),
  };
}

function ofConfiguration(host: PluginHost): UntypedServiceImplementation {
  return {
    checkConfig: unary(async (request: pb.CheckRequest) => {
      const news = received(request.getNews());
      return checked(news, await host.checkConfig(plain(news)));
    }),
    /** Another endpoint is no other set of resources: each of them records its registry, and says so if it is not there. */
    diffConfig: unary(async (request: pb.DiffRequest) => {
      const same =
        JSON.stringify(plain(received(request.getOlds()))) === JSON.stringify(plain(received(request.getNews())));
      return new provider.DiffResponse().setChanges(same ? DIFF_NONE : DIFF_SOME);
    }),
    configure: unary(async (request: pb.ConfigureRequest) => {
      const args = received(request.getArgs());
      host.configure(plain(args), request.getName(), hasSecret(args.defaultTags));
      return new provider.ConfigureResponse()
        .setAcceptsecrets(true)
        .setAcceptoutputs(true)
        .setSupportspreview(true)
        .setSupportsAutonamingConfiguration(true);
    }),
    invoke: unary(async (request: pb.InvokeRequest) => {
      const { failures, answer } = await host.invoke(request.getTok(), plain(received(request.getArgs())));
      return new provider.InvokeResponse().setReturn(sent(answer)).setFailuresList(failures.map(failureOf));
    }),
    cancel: unary(async () => {
      host.cancel();
      return new empties.Empty();
    }),
  };
}

function ofResources(host: PluginHost): UntypedServiceImplementation {
  return {
    check: unary(async (request: pb.CheckRequest) => {
      const news = received(request.getNews());
      const olds = plain(received(request.getOlds()));
      const { inputs, failures } = await host.check(request.getUrn(), olds, plain(news), request.getAutonaming());
      // What is secret in the tags is so in all tags.
      return checked(concealed(inputs, withTags({ ...news, tagsAll: news.tags }, host)), failures);
    }),
    diff: unary(async (request: pb.DiffRequest) => diff(host, request)),
    create: unary(async (request: pb.CreateRequest) => {
      const inputs = received(request.getProperties());
      const made = await host.create(request.getUrn(), plain(inputs), request.getTimeout(), request.getPreview());
      return new provider.CreateResponse().setId(made.id).setProperties(sent(concealed(made.props, inputs)));
    }),
    read: unary(async (request: pb.ReadRequest) => read(host, request)),
    list: streamed(async (request: pb.ListRequest) => list(host, request)),
    update: unary(async (request: pb.UpdateRequest) => {
      const [stored, inputs] = [received(request.getOlds()), received(request.getNews())];
      const [timeout, preview] = [request.getTimeout(), request.getPreview()];
      const outputs = await host.update(
        request.getUrn(),
        request.getId(),
        plain(stored),
        plain(inputs),
        timeout,
        preview,
      );
      return new provider.UpdateResponse().setProperties(sent(concealed(outputs, inputs)));
    }),
    delete: unary(async (request: pb.DeleteRequest) => {
      await host.delete(
        request.getUrn(),
        request.getId(),
        plain(received(request.getProperties())),
        request.getTimeout(),
      );
      return new empties.Empty();
    }),
  };
}

const refused: UntypedServiceImplementation = {
  call: unary(async (request: pb.CallRequest) => refuse(`the method ${request.getTok()}`)),
  construct: unary(async (request: pb.ConstructRequest) => refuse(`the component ${request.getType()}`)),
  parameterize: unary(async () => refuse("a parameter")),
};

function refuse(what: string): never {
  throw new StatusError(status.UNIMPLEMENTED, `the provider cloudmap does not have ${what}`);
}

function checked(inputs: Props, failures: readonly CheckFailure[]): pb.CheckResponse {
  return new provider.CheckResponse().setInputs(sent(inputs)).setFailuresList(failures.map(failureOf));
}

function failureOf({ property, reason }: CheckFailure): pb.CheckFailure {
  return new provider.CheckFailure().setProperty(property).setReason(reason);
}

/** All tags are secret as a whole where the default tags are. */
function withTags(like: Props, { hasSecretTags }: PluginHost): Props {
  return hasSecretTags ? { ...like, tagsAll: anySecret } : like;
}

/** "Either it returns a single Computed or … Result items followed optionally by a Continuation" (provider.proto). */
async function list(host: PluginHost, request: pb.ListRequest): Promise<pb.ListResponse[]> {
  const { ListResponse } = provider;
  const [limit, pageSize, token] = [request.getLimit(), request.getPageSize(), request.getContinuationToken()];
  const page = await host.list(request.getToken(), plain(received(request.getQuery())), { limit, pageSize, token });
  if (page === undefined) return [new ListResponse().setComputed(new ListResponse.Computed())];
  const results = page.found.map(({ id, name }) =>
    new ListResponse().setResult(new ListResponse.Result().setId(id).setName(name)),
  );
  if (page.next === undefined) return results;
  const more = new ListResponse.Continuation().setContinuationToken(page.next);
  return [...results, new ListResponse().setContinuation(more)];
}

async function diff(host: PluginHost, request: pb.DiffRequest): Promise<pb.DiffResponse> {
  const [stored, news] = [plain(received(request.getOlds())), plain(received(request.getNews()))];
  const ignored = new Set(request.getIgnorechangesList());
  const found = await host.diff(request.getUrn(), request.getId(), stored, news);
  const changed = found.changed.filter((name) => !ignored.has(name));
  const replaces = found.replaces.filter((name) => !ignored.has(name));
  const response = new provider.DiffResponse()
    .setChanges(changed.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setDiffsList(changed)
    .setReplacesList(replaces)
    .setDeletebeforereplace(found.deleteBeforeReplace)
    .setHasdetaileddiff(true);
  for (const { path, kind } of details({ ...found, changed, replaces }, found.olds, news)) {
    const item = new provider.PropertyDiff().setInputdiff(true);
    response.getDetaileddiffMap().set(path, item.setKind(kind as pb.PropertyDiff.Kind)); // one of its numbers
  }
  return response;
}

/** A blank id says that it is gone. */
async function read(host: PluginHost, request: pb.ReadRequest): Promise<pb.ReadResponse> {
  const [stored, inputs] = [received(request.getProperties()), received(request.getInputs())];
  const found = await host.read(request.getUrn(), request.getId(), plain(stored));
  if (found === undefined) return new provider.ReadResponse();
  return new provider.ReadResponse()
    .setId(found.id)
    .setProperties(sent(concealed(found.props, withTags(stored, host))))
    .setInputs(sent(concealed(found.inputs, withTags(inputs, host))));
}
