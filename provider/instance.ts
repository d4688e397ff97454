// Instances: their life from the first check to their removal.
import {
  type Attributes,
  type CustomHealthStatus as CustomHealth,
  CustomHealthStatus,
  knownAttributes,
  RegisterInstance,
  requiredAttributes,
  type ServiceShape,
} from "../api/instance.ts";
import type { Input } from "../api/operations.ts";
import { attributeProblems } from "../api/rules.ts";
import { described, type StructureSchema } from "../api/schema.ts";
import type { RecordType } from "../api/service.ts";
import type { Problem } from "../api/validate.ts";
import { isRecord, type Props, toWire } from "./casing.ts";
import { judge } from "./check.ts";
import { compare, defined, flag, inWordsOf, nothing, type PropertyRules } from "./difference.ts";
import { deregister } from "./drain.ts";
import { hasCode, PartialFailure } from "./failure.ts";
import { placeIn } from "./identity.ts";
import { instanceIdOf, parseInstanceId, shortId } from "./ids.ts";
import { namedInputs, ownInputs, programSchema, stateOnlyFailures } from "./inputs.ts";
import { type Address, declareHealth, healthFailures, healthOf, waitForHealth } from "./instance-health.ts";
import type { CreateRequest, Kind, ParentShape, ReadRequest } from "./kind.ts";
import { drawToken, isOwn, takeOver } from "./ownership.ts";
import { submit, Unfinished } from "./poll.ts";
import type { Session } from "./session.ts";
import { hasUnknown } from "./unknown.ts";

const title = "instance";
const registered = programSchema(RegisterInstance.input);
const status = described(
  CustomHealthStatus,
  "The status that a service's custom health check is told: HEALTHY or UNHEALTHY.",
);
const schema: StructureSchema = { ...registered, properties: { ...registered.properties, CustomHealthStatus: status } };

const properties: PropertyRules = {
  serviceId: { replaces: true, parent: true, canonical: id },
  instanceId: { replaces: true },
  attributes: { canonical: ownAttributes },
  customHealthStatus: {},
  waitUntilHealthy: { canonical: flag },
  adopt: { canonical: nothing },
};

export const instance: Kind = {
  title,
  schema,
  properties,
  outputs: ["account"],
  fromId: (id) => ({ ...parseInstanceId(id) }),
  timeout: 2 * 60_000,

  check({ olds, news, autoName, parent }) {
    const inputs = namedInputs("instanceId", news, olds, autoName);
    const { waitUntilHealthy, adopt, ...judged } = inputs;
    const failures = [
      ...judge({ schema, inputs: judged, rules: (input) => rules(input, shapeOf(parent)) }),
      ...stateOnlyFailures({ waitUntilHealthy, adopt }),
      ...healthFailures(inputs, parent),
    ];
    return { inputs, failures, warnings: warnings(inputs, parent) };
  },

  /** Another service or another id is another place: the old and the new one can stand side by side. */
  diff(olds, news) {
    const { changed, replaces } = compare(olds, news, properties);
    const stays = !changed.includes("serviceId") && !changed.includes("instanceId");
    return { changed, replaces, deleteBeforeReplace: stays };
  },

  async create(request, session) {
    const { inputs, owner } = request;
    const token = drawToken(owner);
    if (await claim(inputs, { owner, token }, session)) await register(request, token, session);
    return { id: idOf(inputs), props: await settled(request, session) };
  },

  async read(request, session) {
    session.refuseOther(request.props);
    const { serviceId, instanceId } = addressOf(request);
    const attributes = await find(serviceId, instanceId, session);
    if (attributes === undefined) return undefined;
    const { customHealthStatus: declared, waitUntilHealthy } = request.props;
    const customHealthStatus = declared === undefined ? undefined : await healthNow({ serviceId, instanceId }, session);
    const there = { serviceId, instanceId, attributes, customHealthStatus, waitUntilHealthy };
    const actual = inWordsOf(request.props, there, properties);
    return { id: instanceIdOf(serviceId, instanceId), props: outputs(actual, session) };
  },

  /** RegisterInstance of one that is registered replaces its attributes whole. */
  async update(request, session) {
    session.refuseOther(request.olds);
    const { changed } = compare(request.olds, request.inputs, properties);
    if (changed.includes("attributes")) await register(request, drawToken(request.owner), session);
    return settled(request, session);
  },

  async delete({ props, deadline }, session) {
    session.refuseOther(props);
    const { serviceId, instanceId } = addressed(props);
    const own = instanceIdOf(serviceId, instanceId);
    if (session.adopted.has(own)) return session.say(`Keeping the instance ${own}: its replacement has taken it over.`);
    await deregister(serviceId, instanceId, session, deadline);
    session.instances.release(serviceId, instanceId);
  },
};

function id(value: unknown): unknown {
  return typeof value === "string" ? shortId(value) : value;
}

/** "AWS_EC2_INSTANCE_ID: the AWS_INSTANCE_IPV4 attribute is filled in": what the service adds is not the program's. */
function ownAttributes(value: unknown): unknown {
  if (!isRecord(value) || value.AWS_EC2_INSTANCE_ID === undefined) return value;
  const { AWS_INSTANCE_IPV4: _, ...own } = value;
  return own;
}

function rules({ Attributes }: Props, shape: ServiceShape | undefined): Problem[] {
  if (!isRecord(Attributes)) return [];
  const found = attributeProblems(texts(Attributes), shape);
  return found.map((problem) => ({ ...problem, path: ["Attributes", ...problem.path] }));
}

/** What has another type is refused by the schema. */
function texts(attributes: Props): Attributes {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, String(value)]));
}

/** What the service asks for, as far as the program tells: undefined while it does not know itself. */
function shapeOf(parent: ParentShape | undefined): ServiceShape | undefined {
  if (parent === undefined || hasUnknown(parent)) return undefined;
  const dns = isRecord(parent.dnsConfig) ? parent.dnsConfig : undefined;
  const records = Array.isArray(dns?.dnsRecords)
    ? dns.dnsRecords.filter(isRecord).map(({ type }) => type as RecordType)
    : [];
  const { namespaceType = dns === undefined ? "HTTP" : "DNS_PUBLIC" } = parent;
  const routingPolicy = dns?.routingPolicy === "WEIGHTED" ? "WEIGHTED" : "MULTIVALUE";
  return {
    namespaceType: namespaceType as ServiceShape["namespaceType"], // a kind of namespace names it itself
    records,
    probed: parent.healthCheckConfig !== undefined,
    ...(dns !== undefined && { routingPolicy }),
  };
}

/** "Unknown AWS_* keys … are accepted as attributes": nobody reads them, so they are likely a slip. */
function warnings({ serviceId, instanceId, attributes }: Props, parent: ParentShape | undefined): string[] {
  if (!isRecord(attributes)) return [];
  const where = `instance ${instanceId}${hasUnknown(serviceId) ? "" : ` of ${serviceId}`}`;
  const strange = Object.keys(attributes).filter(
    (key) => key.startsWith("AWS_") && !Object.hasOwn(knownAttributes, key),
  );
  const found = strange.map((key) => `${where}: Cloud Map gives the attribute ${key} no meaning; is it misspelt?`);
  for (const key of unanswered(attributes, shapeOf(parent))) {
    found.push(
      `${where}: ${key} is in no DNS answer, for the service has no records for it; DiscoverInstances tells it`,
    );
  }
  const custom = parent?.healthCheckCustomConfig;
  if (parent !== undefined && custom === undefined && Object.hasOwn(attributes, "AWS_INIT_HEALTH_STATUS")) {
    found.push(`${where}: AWS_INIT_HEALTH_STATUS has no effect, for the service has no healthCheckCustomConfig`);
  }
  return found;
}

const addresses = ["AWS_INSTANCE_IPV4", "AWS_INSTANCE_IPV6", "AWS_INSTANCE_CNAME"] as const;

/** Addresses that neither the service's records nor its probes use. A port is for those who discover by the API. */
function unanswered(attributes: Props, shape: ServiceShape | undefined): string[] {
  if (shape === undefined || shape.records.length === 0) return [];
  const used: string[] = requiredAttributes.filter((rule) => rule.if(shape)).flatMap((rule) => [...rule.attributes]);
  return addresses.filter((key) => Object.hasOwn(attributes, key) && !used.includes(key));
}

function addressed({ serviceId, instanceId, attributes }: Props): Address & { readonly attributes: unknown } {
  return { serviceId: String(serviceId), instanceId: String(instanceId), attributes };
}

/** A get gives the id only. */
function addressOf({ id: whole, props }: ReadRequest): Address {
  if (props.serviceId !== undefined && props.instanceId !== undefined) return addressed(props);
  const parts = parseInstanceId(whole);
  if (parts === undefined) throw new Error(`${JSON.stringify(whole)} is no instance's id: one is srv-…/instance-id`);
  return parts;
}

function outputs(inputs: Props, session: Session): Props {
  return { ...ownInputs(inputs, properties), ...defined(placeIn(session)) };
}

function idOf(inputs: Props): string {
  const { serviceId, instanceId } = addressed(inputs);
  return instanceIdOf(serviceId, instanceId);
}

/** All outputs, once its health is as declared; where it does not become so, the instance is there all the same. */
async function settled({ inputs, deadline }: CreateRequest, session: Session): Promise<Props> {
  const { customHealthStatus, waitUntilHealthy } = inputs;
  const { client } = session;
  const [address, props] = [addressed(inputs), outputs(inputs, session)];
  try {
    if (customHealthStatus !== undefined) {
      session.instances.change(address.serviceId, address.instanceId);
      await declareHealth(client, address, customHealthStatus as CustomHealth, deadline); // passed by the check
    }
    if (waitUntilHealthy === true) await waitForHealth(client, address, "HEALTHY", deadline);
    return props;
  } catch (error) {
    const { customHealthStatus: _, ...rest } = props;
    throw new PartialFailure(idOf(inputs), rest, error);
  }
}

/** One list of a service's health for all of its instances, but for those that this process has changed. */
async function healthNow(address: Address, { client, health, instances }: Session): Promise<string | undefined> {
  const { serviceId, instanceId } = address;
  if (instances.isChanged(serviceId, instanceId)) return healthOf(client, address);
  return (await health.get(serviceId)).get(instanceId);
}

/** Its attributes; undefined where it or its service is gone. */
async function find(serviceId: string, instanceId: string, session: Session): Promise<Attributes | undefined> {
  try {
    const listed = await session.instances.find(serviceId, instanceId);
    if (typeof listed !== "string") return listed;
    return listed === "absent" ? undefined : (await get(serviceId, instanceId, session))?.Attributes;
  } catch (error) {
    if (hasCode(error, "ServiceNotFound")) return undefined;
    throw error;
  }
}

async function get(serviceId: string, instanceId: string, { client }: Session) {
  try {
    const { Instance } = await client.call("GetInstance", { ServiceId: serviceId, InstanceId: instanceId });
    return Instance;
  } catch (error) {
    if (hasCode(error, "InstanceNotFound", "ServiceNotFound")) return undefined;
    throw error;
  }
}

/**
 * RegisterInstance overwrites, so whose it is has to be known before: the list says whether it exists, and only of
 * those that do GetInstance says who made them. Answers whether it is still to be registered.
 */
async function claim(
  inputs: Props,
  ours: { readonly owner: string; readonly token: string },
  session: Session,
): Promise<boolean> {
  const { serviceId, instanceId, attributes } = addressed(inputs);
  const whole = instanceIdOf(serviceId, instanceId);
  session.instances.reserve(serviceId, instanceId, ours.owner);
  if ((await session.instances.find(serviceId, instanceId)) === "absent") return true;
  const found = await get(serviceId, instanceId, session);
  if (found === undefined) return true;
  const token = found.CreatorRequestId;
  const wanted = inputs.adopt === true;
  takeOver({ title, name: instanceId, id: whole, token, drawn: ours.token, owner: ours.owner, wanted }, session);
  const { changed } = compare({ attributes: found.Attributes }, { attributes }, properties);
  return !isOwn(token, ours.owner) || changed.includes("attributes");
}

async function register({ inputs, deadline }: CreateRequest, token: string, session: Session): Promise<void> {
  const input = toWire(RegisterInstance.input, inputs) as Input<"RegisterInstance">; // passed by the check
  const { ServiceId, InstanceId } = input;
  session.instances.change(ServiceId, InstanceId);
  try {
    await submit(session.client, "RegisterInstance", { ...input, CreatorRequestId: token }, deadline);
  } catch (error) {
    throw await halfMade(error, inputs, token, session);
  }
}

/** When time is up the instance may be there all the same: then it is recorded, so that it is not left behind. */
async function halfMade(error: unknown, inputs: Props, token: string, session: Session): Promise<unknown> {
  if (!(error instanceof Unfinished)) return error;
  const { serviceId, instanceId } = addressed(inputs);
  const found = await get(serviceId, instanceId, session).catch(() => undefined);
  if (found?.CreatorRequestId !== token) return error;
  return new PartialFailure(instanceIdOf(serviceId, instanceId), outputs(inputs, session), error);
}
