/** The plugin as Pulumi runs it: a process that is started with an engine's address, and called over gRPC. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { credentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import type { Props } from "../../../provider/casing.ts";
import { empties, engine, engineService, provider, providerService } from "../../../provider/plugin/stubs.ts";
import { received, sent } from "../../../provider/plugin/wire.ts";

export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});
export const output = (value: unknown, isSecret = false) => ({
  "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4",
  ...(value !== undefined && { value }),
  secret: isSecret,
});
export const reference = (id: string) => ({
  "4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e",
  urn: "urn:pulumi:dev::shop::cloudmap:index:Service::web",
  id,
});

export interface Said {
  readonly urn: string;
  readonly message: string;
  readonly ephemeral: boolean;
  readonly isWarning: boolean;
}

type Client = InstanceType<typeof providerService.ResourceProviderClient>;
type Unary<Request, Response> = (
  request: Request,
  done: (error: ServiceError | null, response: Response) => void,
) => unknown;

type Ask = <Request, Response>(
  method: (client: Client) => Unary<Request, Response>,
  request: Request,
) => Promise<Response>;

export interface Plugin extends AsyncDisposable {
  readonly client: Client;
  /** What it told the user. */
  readonly said: Said[];
  readonly ask: Ask;
  checkConfig(news: Props): Promise<{ inputs: Props; failures: string[] }>;
  configure(args: Props, name?: string): Promise<void>;
  check(urn: string, news: Props, olds?: Props, naming?: Naming): Promise<{ inputs: Props; failures: string[] }>;
  create(urn: string, inputs: Props, preview?: boolean): Promise<{ id: string; outputs: Props }>;
  diff(
    urn: string,
    id: string,
    olds: Props,
    news: Props,
  ): Promise<{ changes: number; replaces: string[]; paths: Record<string, number> }>;
  read(urn: string, id: string, olds?: Props, inputs?: Props): Promise<{ id: string; outputs: Props; inputs: Props }>;
  update(urn: string, id: string, olds: Props, inputs: Props, preview?: boolean): Promise<Props>;
  remove(urn: string, id: string, olds: Props, seconds?: number): Promise<void>;
}

export const urnOf = (kind: string, name: string) => `urn:pulumi:dev::shop::cloudmap:index:${kind}::${name}`;

/** An engine of Pulumi's, as far as a plugin talks to it: it listens to what there is to tell the user. */
export async function listener(said: Said[]) {
  const server = new Server();
  server.addService(engineService.EngineService, {
    log: (call: { request: InstanceType<typeof engine.LogRequest> }, done: (error: null, empty: object) => void) => {
      const { request } = call;
      const isWarning = request.getSeverity() === engine.LogSeverity.WARNING;
      said.push({ urn: request.getUrn(), message: request.getMessage(), ephemeral: request.getEphemeral(), isWarning });
      done(null, new empties.Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

/** What the stack's `pulumi:autonaming` makes of a resource without a name. */
export interface Naming {
  readonly mode: "PROPOSE" | "ENFORCE" | "DISABLE";
  readonly name: string;
}

const pathOf = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const executable = [pathOf("bin/pulumi-resource-cloudmap.ts")];
/** As the CLI starts what has a PulumiPlugin.yaml of Node.js: under the SDK's own entry. */
export const underTheSdk = [pathOf("node_modules/@pulumi/pulumi/cmd/run-plugin"), pathOf("plugin")];

export async function startPlugin(env: NodeJS.ProcessEnv = {}, started = executable): Promise<Plugin> {
  const said: Said[] = [];
  const { address, stop } = await listener(said);
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [...started, address], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH, HOME, CI: "1", ...env },
  });
  const [port] = await once(createInterface(child.stdout), "line");
  const client = new providerService.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const ask: Ask = (method, request) =>
    new Promise((resolve, reject) => {
      method(client).call(client, request, (error, response) => (error === null ? resolve(response) : reject(error)));
    });
  return {
    client,
    said,
    ask,
    ...checks(ask),
    ...changes(ask),
    [Symbol.asyncDispose]: async () => {
      client.close();
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      stop();
    },
  };
}

type CheckResponse = InstanceType<typeof provider.CheckResponse>;

function checks(ask: Ask): Pick<Plugin, "checkConfig" | "configure" | "check" | "diff"> {
  const checkOf = (urn: string, news: Props, olds: Props) =>
    new provider.CheckRequest().setUrn(urn).setOlds(sent(olds)).setNews(sent(news)).setRandomseed(new Uint8Array(32));
  const checked = (response: CheckResponse) => ({
    inputs: received(response.getInputs()),
    failures: response.getFailuresList().map((failure) => `${failure.getProperty()}: ${failure.getReason()}`),
  });
  return {
    checkConfig: async (news) => {
      const request = checkOf("urn:pulumi:dev::shop::pulumi:providers:cloudmap::x", news, {});
      return checked(await ask(({ checkConfig }) => checkConfig, request));
    },
    configure: async (args, name = "default") => {
      const request = new provider.ConfigureRequest()
        .setName(name)
        .setArgs(sent(args))
        .setAcceptsecrets(true)
        .setAcceptresources(true);
      await ask(({ configure }) => configure, request);
    },
    check: async (urn, news, olds = {}, naming = undefined) => {
      const request = checkOf(urn, news, olds);
      const { AutonamingOptions } = provider.CheckRequest;
      if (naming !== undefined) {
        const { Mode } = AutonamingOptions;
        request.setAutonaming(new AutonamingOptions().setMode(Mode[naming.mode]).setProposedName(naming.name));
      }
      return checked(await ask(({ check }) => check, request));
    },
    diff: async (urn, id, olds, news) => {
      const request = new provider.DiffRequest().setUrn(urn).setId(id).setOlds(sent(olds)).setNews(sent(news));
      const response = await ask<typeof request, InstanceType<typeof provider.DiffResponse>>(
        ({ diff }) => diff,
        request,
      );
      const paths: Record<string, number> = {};
      response.getDetaileddiffMap().forEach((detail, path) => {
        paths[path] = detail.getKind();
      });
      return { changes: response.getChanges(), replaces: response.getReplacesList(), paths };
    },
  };
}

function changes(ask: Ask): Pick<Plugin, "create" | "read" | "update" | "remove"> {
  return {
    create: async (urn, inputs, preview = false) => {
      const request = new provider.CreateRequest().setUrn(urn).setProperties(sent(inputs)).setPreview(preview);
      const response = await ask<typeof request, InstanceType<typeof provider.CreateResponse>>(
        ({ create }) => create,
        request,
      );
      return { id: response.getId(), outputs: received(response.getProperties()) };
    },
    read: async (urn, id, olds = {}, inputs = {}) => {
      const request = new provider.ReadRequest()
        .setUrn(urn)
        .setId(id)
        .setProperties(sent(olds))
        .setInputs(sent(inputs));
      const response = await ask<typeof request, InstanceType<typeof provider.ReadResponse>>(
        ({ read }) => read,
        request,
      );
      const [outputs, read] = [received(response.getProperties()), received(response.getInputs())];
      return { id: response.getId(), outputs, inputs: read };
    },
    update: async (urn, id, olds, inputs, preview = false) => {
      const request = new provider.UpdateRequest().setUrn(urn).setId(id).setOlds(sent(olds)).setNews(sent(inputs));
      const response = await ask<typeof request, InstanceType<typeof provider.UpdateResponse>>(
        ({ update }) => update,
        request.setPreview(preview),
      );
      return received(response.getProperties());
    },
    remove: async (urn, id, olds, seconds = 0) => {
      const request = new provider.DeleteRequest().setUrn(urn).setId(id).setProperties(sent(olds));
      await ask(({ delete: remove }) => remove, request.setTimeout(seconds));
    },
  };
}
