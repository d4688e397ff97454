// Services: their life from the first check to their removal.
import type { NamespaceType } from "../api/namespace.ts";
import type { Input } from "../api/operations.ts";
import { serviceProblems } from "../api/rules.ts";
import type { StructureSchema } from "../api/schema.ts";
import { CreateService, type Service } from "../api/service.ts";
import { isRecord, type Props, toWire } from "./casing.ts";
import { judge } from "./check.ts";
import { compare, defined, inWordsOf } from "./difference.ts";
import { drainService } from "./drain.ts";
import { CallError, hasCode, PartialFailure } from "./failure.ts";
import { generationOf } from "./generation.ts";
import { callNameOf } from "./ids.ts";
import { namedInputs, ownInputs, programProps, programSchema, stateOnlyFailures, tagFailures } from "./inputs.ts";
import type { CreateRequest, Kind, ParentShape, Resource, UpdateRequest } from "./kind.ts";
import { namespaceType } from "./namespace-lookup.ts";
import { drawToken, isOwn, takeOver } from "./ownership.ts";
import { submit } from "./poll.ts";
import {
  declaredAttributes,
  findServiceAttributes,
  readServiceAttributes,
  updateServiceAttributes,
} from "./service-attributes.ts";
import { getService } from "./service-lists.ts";
import { serviceProperties as properties } from "./service-properties.ts";
import type { Session } from "./session.ts";
import { readTags, tagProps, toTagList, updateTags, withAllTags } from "./tags.ts";

const title = "service";
const made = programSchema(CreateService.input);
const schema: StructureSchema = { ...made, properties: { ...made.properties, Attributes: declaredAttributes } };

export const service: Kind = {
  title,
  schema,
  properties,
  outputs: ["arn", "namespaceType", "generation", "account"],
  timeout: 2 * 60_000,

  check({ olds, news, autoName, parent, defaultTags }) {
    const inputs = withAllTags(inNamespace(namedInputs("name", news, olds, autoName)), defaultTags);
    const { tagsAll, forceDestroy, adopt, ...judged } = inputs;
    const failures = [
      ...judge({ schema, inputs: judged, rules: (input) => rules(input, parent) }),
      ...(inputs.namespaceId === undefined ? [noNamespace] : []),
      ...tagFailures(tagsAll),
      ...stateOnlyFailures({ forceDestroy, adopt }),
    ];
    return { inputs, failures, warnings: [] };
  },

  /** Its name is free again only when the old one is gone; in another namespace it is free anyway. */
  diff(olds, news) {
    const { changed, replaces } = compare(olds, news, properties);
    const sameName = !changed.includes("name") && !replaces.includes("namespaceId");
    return { changed, replaces, deleteBeforeReplace: sameName };
  },

  /** In its own place it has to go before it is made anew, and its instances before it. */
  outage({ name, type }, { replaces, deleteBeforeReplace }) {
    if (!deleteBeforeReplace || replaces.length === 0) return undefined;
    const from = type === "HTTP" ? "discovery" : "DNS and discovery";
    return `service ${name}: ${replaces.join(" and ")} cannot be changed in place, so that it is deleted and made anew: its instances are out of ${from} until they are registered again`;
  },

  async create(request, session) {
    const { inputs, owner, deadline } = request;
    const drawn = drawToken(owner);
    const input = { ...createInput(inputs), CreatorRequestId: drawn };
    try {
      const { Service = {} } = await session.client.call("CreateService", input, { signal: deadline.signal });
      return await withAttributes(await described(Service, inputs, session), request, session);
    } catch (error) {
      if (hasCode(error, "ServiceAlreadyExists")) return takenOver(error, drawn, request, session);
      throw error;
    }
  },

  async read({ id, props, defaultTags }, session) {
    session.refuseOther(props);
    const found = await session.services.find(callNameOf(id, props.arn, session.account), props.namespaceId);
    if (found === undefined) return undefined;
    const tags = await tagsOf(found, props, defaultTags, session);
    const attributes = await attributesOf(found, props, session);
    const known = { attributes, forceDestroy: props.forceDestroy };
    const actual = { ...programProps(schema, found), ...tags, ...known };
    return {
      id: found.Id ?? id,
      props: { ...inWordsOf(props, actual, properties), ...(await computed(found, session, props)) },
    };
  },

  async update(request, session) {
    const { id, olds, inputs, deadline } = request;
    session.refuseOther(olds);
    session.services.change(id);
    await change(request, session);
    const name = callNameOf(id, olds.arn, session.account);
    const whole = typeof olds.arn === "string" && typeof olds.generation === "string";
    const known = whole ? olds : await computed((await getService(session.client, name)) ?? {}, session, olds);
    await updateServiceAttributes(session.client, name, olds.attributes, inputs.attributes, deadline.signal);
    await updateTags(session.client, String(known.arn), olds, inputs, deadline.signal);
    const outputs = ["arn", "type", "namespaceType", "generation", "account"].map((name) => [name, known[name]]);
    return { ...defined(Object.fromEntries(outputs)), ...ownInputs(inputs, properties) };
  },

  async delete({ id, props, deadline }, session) {
    session.refuseOther(props);
    if (session.adopted.has(id)) {
      return session.say(`Keeping the service ${props.name} (${id}): its replacement has taken it over.`);
    }
    session.services.change(id);
    const name = callNameOf(id, props.arn, session.account);
    await drainService(name, props.forceDestroy === true, session, deadline);
  },
};

/** pulumi-aws lets a service of a DNS namespace name it in dnsConfig only. */
function inNamespace(inputs: Props): Props {
  const { namespaceId } = isRecord(inputs.dnsConfig) ? inputs.dnsConfig : {};
  return inputs.namespaceId === undefined && namespaceId !== undefined ? { ...inputs, namespaceId } : inputs;
}

const noNamespace = {
  property: "namespaceId",
  reason: "namespaceId is required. Give the namespace itself, its id (ns-…) or its ARN.",
};

function rules(input: Props, parent: ParentShape | undefined) {
  const type = parent?.namespaceType;
  const known = type === "HTTP" || type === "DNS_PUBLIC" || type === "DNS_PRIVATE";
  return serviceProblems(input as Input<"CreateService">, known ? (type as NamespaceType) : undefined); // of the schema's form
}

function createInput(inputs: Props): Input<"CreateService"> {
  const Tags = toTagList(inputs.tagsAll);
  const wire = toWire(CreateService.input, { ...inputs, tags: undefined });
  return { ...(wire as Input<"CreateService">), ...(Tags.length > 0 && { Tags }) }; // passed by the check
}

/** In another account's namespace tags are that account's, and nobody else is told them: there they stay as they were. */
async function tagsOf(
  found: Service,
  props: Props,
  defaultTags: Parameters<typeof tagProps>[2],
  { client, account }: Session,
): Promise<Props> {
  const { Id = "", Arn = "" } = found;
  const isOthers = callNameOf(Id, Arn, account) !== Id;
  return isOthers
    ? { tags: props.tags, tagsAll: props.tagsAll }
    : tagProps(await readTags(client, found), props, defaultTags);
}

/** Those that the program does not declare are others' business; of an import, all are told. */
async function attributesOf(
  { Id = "", Arn }: Service,
  props: Props,
  { client, account }: Session,
): Promise<Props | undefined> {
  const name = callNameOf(Id, Arn, account);
  if (props.name === undefined) return findServiceAttributes(client, name);
  return props.attributes === undefined ? undefined : readServiceAttributes(client, name);
}

/** The new service has them as well; where that fails it is there all the same, without them. */
async function withAttributes(
  service: Resource,
  { inputs, deadline }: CreateRequest,
  { client, account }: Session,
): Promise<Resource> {
  try {
    const name = callNameOf(service.id, service.props.arn, account);
    await updateServiceAttributes(client, name, undefined, inputs.attributes, deadline.signal);
    return service;
  } catch (error) {
    const { attributes: _, ...rest } = service.props;
    throw new PartialFailure(service.id, rest, error);
  }
}

/** What nothing but the service itself tells; of its namespace the type, where only that says what can be changed. */
async function computed(found: Service, session: Session, olds: Props = {}): Promise<Props> {
  const { Arn, Type, CreateDate, NamespaceId } = found;
  const isAsked = Type === "HTTP" && NamespaceId !== undefined && olds.namespaceType === undefined;
  const asked = isAsked ? await namespaceType(session, NamespaceId) : olds.namespaceType;
  const generation = generationOf(CreateDate);
  return defined({ arn: Arn, type: Type, namespaceType: asked, generation, account: session.account });
}

/** The new service with all outputs; it exists, whatever fails from here on. */
async function described(found: Service, inputs: Props, session: Session): Promise<Resource> {
  const { Id: id = "", Arn: arn } = found;
  const props = ownInputs(inputs, properties);
  try {
    return {
      id,
      props: { ...props, ...(await computed({ ...found, NamespaceId: String(inputs.namespaceId) }, session)) },
    };
  } catch (error) {
    throw new PartialFailure(id, { ...props, ...defined({ arn, account: session.account }) }, error);
  }
}

/**
 * "If you omit any existing DnsRecords or HealthCheckConfig configurations …, the configurations are deleted": all that is
 * wanted is sent with each change. A description that is omitted stays, an empty one goes.
 */
async function change({ id, olds, inputs, deadline }: UpdateRequest, { client, account }: Session): Promise<void> {
  const { changed } = compare(olds, inputs, properties);
  if (!["description", "dnsConfig", "healthCheckConfig"].some((name) => changed.includes(name))) return;
  const wanted = toWire(schema, inputs) as Input<"CreateService">; // passed by the check
  const { Description = "", DnsConfig, HealthCheckConfig } = wanted;
  const Service = {
    ...(changed.includes("description") && { Description }),
    ...(DnsConfig && { DnsConfig: { DnsRecords: DnsConfig.DnsRecords } }),
    ...(HealthCheckConfig && { HealthCheckConfig }),
  };
  await submit(client, "UpdateService", { Id: callNameOf(id, olds.arn, account), Service }, deadline);
}

/** Services are made at once and whole, so what is there has the inputs of an earlier run: they may have changed since. */
async function takenOver(
  refusal: CallError,
  drawn: string,
  request: CreateRequest,
  session: Session,
): Promise<Resource> {
  const { inputs, owner } = request;
  const { ServiceId = "", ServiceArn } = refusal.details;
  const found = await getService(session.client, callNameOf(ServiceId, ServiceArn, session.account));
  if (found?.Id === undefined) throw refusal;
  const token = found.CreatorRequestId ?? refusal.details.CreatorRequestId;
  const wanted = inputs.adopt === true;
  const thing = { title, name: String(inputs.name), id: found.Id, token, drawn, owner, wanted };
  const isStanding = request.isStanding?.(found.Arn, generationOf(found.CreateDate)) === true;
  if (!isStanding) takeOver(thing, session);
  const attributes = await attributesOf(found, inputs, session);
  const tagsAll = await readTags(session.client, found);
  const own = programProps(schema, found);
  const olds = { ...own, ...defined({ attributes }), tagsAll, ...(await computed(found, session)) };
  const { replaces } = compare(olds, inputs, properties);
  if (isStanding && replaces.length > 0) throw inTheWay(found, replaces);
  if (isStanding) takeOver(thing, session);
  if (replaces.length > 0)
    return remake(callNameOf(found.Id, found.Arn, session.account), replaces, isOwn(token, owner), request, session);
  try {
    return { id: found.Id, props: await service.update({ ...request, id: found.Id, olds }, session) };
  } catch (error) {
    throw new PartialFailure(found.Id, olds, error);
  }
}

/** Made anew it could get the id of the old one, which Pulumi deletes afterwards: nothing would be left. */
function inTheWay({ Id, Name }: Service, replaces: readonly string[]): CallError {
  const why = `its ${replaces.join(" and ")} cannot be changed in place, and it has the name until it is deleted, but Pulumi was told to create before it deletes`;
  const remedy =
    "Take `deleteBeforeReplace: false` out of its options; where a resource transform hands back the options that it was given, which say that of all resources, let it hand back `deleteBeforeReplace: undefined`, or give the service `deleteBeforeReplace: true`.";
  return new CallError(
    "InTheWay",
    `the stack's own service ${Name} (${Id}) is in the way: ${why}; nothing was changed. ${remedy}`,
  );
}

/** Our own, in no state yet, and different from what is wanted by now: it is made again. */
async function remake(
  serviceId: string,
  differing: readonly string[],
  own: boolean,
  request: CreateRequest,
  session: Session,
): Promise<Resource> {
  if (!own) {
    const what = `its ${differing.join(" and ")} differ from the program's, which cannot be changed in place`;
    throw new CallError("Different", `the service ${serviceId} cannot be taken over as it is: ${what}.`);
  }
  session.services.change(serviceId);
  await drainService(serviceId, false, session, request.deadline);
  session.adopted.delete(serviceId);
  return service.create(request, session);
}
