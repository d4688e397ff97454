// The resource monitor: the service that a program registers its resources with.

import { status as codes, type UntypedServiceImplementation } from "@grpc/grpc-js";
import type pb from "@pulumi/pulumi/proto/resource_pb.js";
import type { Goal, Outcome, ReadGoal } from "../deploy/goal.ts";
import { Failure, messageOf, notSupported } from "../failure.ts";
import type { Invoked } from "../provider/provider.ts";
import { isProviderType, packageOf, parseReference, providerPackage, typeOf } from "../state/urn.ts";
import { containsUnknown, type Properties, type Value, withoutReferences, withoutSecrets } from "../value/value.ts";
import { decodeProperties, encodeProperties } from "../value/wire.ts";
import { goalOf, propertiesOf } from "./request.ts";
import { handler, StatusError, unavailable } from "./server.ts";
import { empties, monitor as messages, monitorService, provider as providerMessages } from "./stubs.ts";

/** What the monitor needs of the operation that it serves. */
export interface MonitorHost {
  readonly project: string;
  readonly stack: string;
  readonly organization: string;
  readonly preview: boolean;
  readonly parallel: number;
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  register(goal: Goal): Promise<Outcome>;
  read(goal: ReadGoal): Promise<Outcome>;
  registerOutputs(urn: string, outputs: Properties): void;
  /** The reference of a package's default provider, registered when first asked for. */
  defaultProvider(pkg: string, version: string): Promise<string>;
  invoke(token: string, provider: string, inputs: Properties): Promise<Invoked>;
  /** Ends the deployment with this error. */
  fail(error: unknown): void;
  /** Resolves when everything is done, deletes included. */
  programDone(): Promise<void>;
}

const { ResourceMonitorFeature: Feature } = messages;
// Only what is implemented: for the others the SDK itself tells the user that they are missing.
const features: ReadonlyMap<string, number> = new Map<string, number>([
  ["secrets", Feature.RESOURCE_MONITOR_FEATURE_SECRETS],
  ["resourceReferences", Feature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES],
  ["aliasSpecs", Feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS],
  ["replacementTrigger", Feature.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER],
  ["deletedWith", Feature.RESOURCE_MONITOR_FEATURE_DELETED_WITH],
  ["replaceWith", Feature.RESOURCE_MONITOR_FEATURE_REPLACE_WITH],
]);

export function monitorImplementation(host: MonitorHost): UntypedServiceImplementation {
  const monitor = new Monitor(host);
  // An error of ours is told once, by us: the program only finds its monitor shut.
  const guarded = <Request, Response>(answer: (request: Request) => Promise<Response> | Response) =>
    handler(async (request: Request) => {
      try {
        return await answer(request);
      } catch (error) {
        if (error instanceof StatusError) throw error;
        host.fail(error);
        throw unavailable();
      }
    });
  const implemented: UntypedServiceImplementation = {
    getDeploymentInfo: handler(() => monitor.deploymentInfo()),
    supportsFeature: handler((request: pb.SupportsFeatureRequest) =>
      new messages.SupportsFeatureResponse().setHassupport(features.has(request.getId())),
    ),
    registerResource: guarded((request: pb.RegisterResourceRequest) => monitor.register(request)),
    registerResourceOutputs: guarded((request: pb.RegisterResourceOutputsRequest) => monitor.registerOutputs(request)),
    readResource: guarded((request: pb.ReadResourceRequest) => monitor.read(request)),
    invoke: guarded((request: pb.ResourceInvokeRequest) => monitor.invoke(request)),
    signalAndWaitForShutdown: handler(async () => {
      await host.programDone();
      return new empties.Empty();
    }),
  };
  const others = Object.keys(monitorService.ResourceMonitorService).filter((name) => !(name in implemented));
  return { ...Object.fromEntries(others.map((name) => [name, handler(() => refuse(name))])), ...implemented };
}

function refuse(method: string): never {
  const what: Readonly<Record<string, string>> = {
    call: "calling a method of a remote component",
    registerPackage: "a parameterized provider package",
    registerStackTransform: "a resource transform",
    registerStackInvokeTransform: "an invoke transform",
    registerResourceHook: "a resource hook",
    registerErrorHook: "an error hook",
  };
  throw new StatusError(codes.UNIMPLEMENTED, notSupported(what[method] ?? method).message);
}

class Monitor {
  readonly #host: MonitorHost;
  readonly #goals = new Map<string, Goal>();
  /** The `providers` option of each component, for its children. */
  readonly #providers = new Map<string, ReadonlyMap<string, string>>();

  constructor(host: MonitorHost) {
    this.#host = host;
  }

  deploymentInfo(): pb.DeploymentInfo {
    const { project, stack, organization, preview, parallel, config, secretKeys } = this.#host;
    const info = new messages.DeploymentInfo()
      .setProject(project)
      .setStack(stack)
      .setOrganization(organization)
      .setDryrun(preview)
      .setParallel(parallel)
      .setConfigsecretkeysList([...secretKeys])
      .setSupportedfeaturesList([...features.values()] as pb.ResourceMonitorFeature[]); // Numbers of that enumeration.
    for (const [key, value] of Object.entries(config)) info.getConfigMap().set(key, value);
    return info;
  }

  async register(request: pb.RegisterResourceRequest): Promise<pb.RegisterResourceResponse> {
    if (request.getRemote()) throw notSupported(`the remote component ${request.getType()}`);
    const goal = await this.#withProvider(inherit(goalOf(request), this.#goals.get(request.getParent())), request);
    const { resource, result, unknown = false } = await this.#host.register(goal);
    this.#goals.set(resource.urn, goal);
    if (!goal.custom) this.#providers.set(resource.urn, this.#providersOf(request));
    if (result !== "success" && !request.getSupportsresultreporting())
      throw new Failure("resource registration failed");
    const outputs = goal.custom ? (resource.outputs ?? {}) : {};
    return new messages.RegisterResourceResponse()
      .setUrn(resource.urn)
      .setId(resource.id ?? "")
      .setObject(encodeProperties(answered(outputs, request)))
      .setUnknown(unknown)
      .setResult(resultOf(result));
  }

  registerOutputs(request: pb.RegisterResourceOutputsRequest): InstanceType<typeof empties.Empty> {
    this.#host.registerOutputs(request.getUrn(), propertiesOf(request.getOutputs()));
    return new empties.Empty();
  }

  async read(request: pb.ReadResourceRequest): Promise<pb.ReadResourceResponse> {
    const type = request.getType();
    const provider = request.getProvider() || (await this.#host.defaultProvider(packageOf(type), request.getVersion()));
    const { resource } = await this.#host.read({
      type,
      name: request.getName(),
      id: request.getId(),
      parent: request.getParent(),
      properties: propertiesOf(request.getProperties()),
      dependencies: request.getDependenciesList(),
      provider,
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    });
    const accepts = {
      getAcceptsecrets: () => request.getAcceptsecrets(),
      getAcceptresources: () => request.getAcceptresources(),
    };
    return new messages.ReadResourceResponse()
      .setUrn(resource.urn)
      .setProperties(
        encodeProperties(answered(resource.outputs ?? {}, { ...accepts, getSupportspartialvalues: () => true })),
      );
  }

  async invoke(request: pb.ResourceInvokeRequest): Promise<pb.ResourceInvokeResponse> {
    const [token, version] = [request.getTok(), request.getVersion()];
    const provider = request.getProvider() || (await this.#host.defaultProvider(packageOf(token), version));
    const { outputs, failures } = await this.#host
      .invoke(token, provider, decodeProperties(request.getArgs()))
      .catch((error: unknown) => {
        throw new StatusError(codes.UNKNOWN, `invocation of ${token} returned an error: ${messageOf(error)}`);
      });
    const accepts = { getAcceptsecrets: () => true, getAcceptresources: () => request.getAcceptresources() };
    return new messages.ResourceInvokeResponse()
      .setReturn(encodeProperties(answered(outputs, { ...accepts, getSupportspartialvalues: () => true })))
      .setFailuresList(
        failures.map(({ property, reason }) =>
          new providerMessages.CheckFailure().setProperty(property).setReason(reason),
        ),
      );
  }

  /** Its own, else that of the `providers` of it or its parents, else its package's default one. */
  async #withProvider(goal: Goal, request: pb.RegisterResourceRequest): Promise<Goal> {
    if (!goal.custom || isProviderType(goal.type)) return { ...goal, provider: "" };
    const pkg = packageOf(goal.type);
    const own = goal.provider || request.getProvidersMap().get(pkg) || this.#providers.get(goal.parent)?.get(pkg);
    return { ...goal, provider: own || (await this.#host.defaultProvider(pkg, request.getVersion())) };
  }

  #providersOf(request: pb.RegisterResourceRequest): ReadonlyMap<string, string> {
    const own = new Map<string, string>();
    request.getProvidersMap().forEach((reference, pkg) => {
      own.set(pkg, reference);
    });
    return new Map([...(this.#providers.get(request.getParent()) ?? []), ...own]);
  }
}

/** The options that a child takes from its parent in the engine, not in the SDK (source_eval.go, inheritFromParent). */
function inherit(goal: Goal, parent: Goal | undefined): Goal {
  if (parent === undefined) return goal;
  const serves =
    parent.provider !== "" && providerPackage(typeOf(parseReference(parent.provider).urn)) === packageOf(goal.type);
  return {
    ...goal,
    deletedWith: goal.deletedWith || parent.deletedWith,
    protect: goal.protect ?? parent.protect,
    retainOnDelete: goal.retainOnDelete ?? parent.retainOnDelete,
    provider: goal.provider || (serves ? parent.provider : ""),
  };
}

function resultOf(result: Outcome["result"]): pb.Result {
  return result === "success" ? messages.Result.SUCCESS : messages.Result.FAIL;
}

interface Accepts {
  getAcceptsecrets(): boolean;
  getAcceptresources(): boolean;
  getSupportspartialvalues(): boolean;
}

function answered(outputs: Properties, accepts: Accepts): Properties {
  let sent: Value = outputs;
  if (!accepts.getSupportspartialvalues()) {
    sent = Object.fromEntries(Object.entries(outputs).filter(([, value]) => !containsUnknown(value)));
  }
  if (!accepts.getAcceptsecrets()) sent = withoutSecrets(sent);
  if (!accepts.getAcceptresources()) sent = withoutReferences(sent);
  return sent as Properties; // A map stays a map.
}
