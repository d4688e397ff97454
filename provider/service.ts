// Services: their life from the first check to their removal.
import type { NamespaceType } from "../api/namespace.ts";
import type { Input } from "../api/operations.ts";
import { serviceProblems } from "../api/rules.ts";
import { CreateService, type Service } from "../api/service.ts";
import { isRecord, type Props, toProgram, toWire } from "./casing.ts";
import { judge } from "./check.ts";
import type { Client } from "./client.ts";
import type { Deadline } from "./deadline.ts";
import { compare, defined, flag, inWordsOf, map, type PropertyRules, text } from "./difference.ts";
import { CallError, hasCode, PartialFailure } from "./failure.ts";
import { shortId } from "./ids.ts";
import { namedInputs, ownInputs, programSchema, stateOnlyFailures, tagFailures } from "./inputs.ts";
import { listInstances } from "./instance-lists.ts";
import type { CreateRequest, Kind, ParentShape, Resource } from "./kind.ts";
import { drawToken, isOwn, takeOver } from "./ownership.ts";
import { submit } from "./poll.ts";
import { forAll, named, remove } from "./removal.ts";
import type { Session } from "./session.ts";
import { readTags, tagProps, toTagList, updateTags, withAllTags } from "./tags.ts";

const title = "service";
const schema = programSchema(CreateService.input);

/**
 * "You can't update a service of an HTTP namespace" (UpdateService): what only that operation changes is replaced.
 * https://docs.aws.amazon.com/cloud-map/latest/api/API_UpdateService.html
 */
const properties: PropertyRules = {
  name: { replaces: true },
  namespaceId: { replaces: true, parent: true, canonical: id },
  description: { replaces: true, canonical: text },
  type: { replaces: true, computed: true },
  dnsConfig: { replaces: true, canonical: dnsConfig },
  healthCheckConfig: { replaces: true, canonical: healthCheckConfig },
  healthCheckCustomConfig: { replaces: true, canonical: presence },
  tags: { canonical: map },
  tagsAll: { canonical: map },
  forceDestroy: { canonical: flag },
};

export const service: Kind = {
  title,
  schema,
  properties,
  outputs: ["arn", "account"],
  timeout: 2 * 60_000,

  check({ olds, news, autoName, parent, defaultTags }) {
    const inputs = withAllTags(inNamespace(namedInputs("name", news, olds, autoName)), defaultTags);
    const { tagsAll, forceDestroy, ...judged } = inputs;
    const failures = [
      ...judge({ schema, inputs: judged, rules: (input) => rules(input, parent) }),
      ...(inputs.namespaceId === undefined ? [noNamespace] : []),
      ...tagFailures(tagsAll),
      ...stateOnlyFailures({ forceDestroy }),
    ];
    return { inputs, failures, warnings: [] };
  },

  /** Its name is free again only when the old one is gone; in another namespace it is free anyway. */
  diff(olds, news) {
    const { changed, replaces } = compare(olds, news, properties);
    const sameName = !changed.includes("name") && !replaces.includes("namespaceId");
    return { changed, replaces, deleteBeforeReplace: replaces.length > 0 && sameName };
  },

  async create(request, session) {
    const { inputs, owner, deadline } = request;
    const drawn = drawToken(owner);
    const input = { ...createInput(inputs), CreatorRequestId: drawn };
    try {
      const { Service = {} } = await session.client.call("CreateService", input, { signal: deadline.signal });
      return { id: Service.Id ?? "", props: { ...ownInputs(inputs, properties), ...computed(Service, session) } };
    } catch (error) {
      if (hasCode(error, "ServiceAlreadyExists")) return adopt(error, drawn, request, session);
      throw error;
    }
  },

  async read({ id, props, defaultTags }, session) {
    session.refuseOther(props.account);
    const found = await find(session.client, id);
    if (found === undefined) return undefined;
    const tags = tagProps(await readTags(session.client, found.Arn ?? ""), props, defaultTags);
    const actual = { ...(toProgram(schema, found) as Props), ...tags, forceDestroy: props.forceDestroy };
    return { id, props: { ...inWordsOf(props, actual, properties), ...computed(found, session) } };
  },

  async update({ id, olds, inputs, deadline }, session) {
    session.refuseOther(olds.account);
    const known = typeof olds.arn === "string" ? olds : computed((await find(session.client, id)) ?? {}, session);
    const { arn, account, type } = known;
    await updateTags(session.client, String(arn), olds, inputs, deadline.signal);
    return { ...defined({ arn, account, type }), ...ownInputs(inputs, properties) };
  },

  async delete({ id, props, deadline }, session) {
    session.refuseOther(props.account);
    if (session.adopted.has(id)) {
      return session.say(`Keeping the service ${props.name} (${id}): its replacement has taken it over.`);
    }
    await drainService(id, props.forceDestroy === true, session, deadline);
  },
};

function id(value: unknown): unknown {
  return typeof value === "string" ? shortId(value) : value;
}

/** A set: records have no order. The namespace is compared by itself. */
function dnsConfig(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const records = Array.isArray(value.dnsRecords) ? value.dnsRecords.filter(isRecord) : [];
  const dnsRecords = records.map(({ type, ttl }) => `${type} ${ttl}`).sort();
  return { routingPolicy: value.routingPolicy ?? "MULTIVALUE", dnsRecords };
}

/** "The default is 1", and / for what asks for a path. */
function healthCheckConfig(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { type, resourcePath, failureThreshold = 1 } = value;
  return { type, failureThreshold, resourcePath: type === "TCP" ? undefined : resourcePath || "/" };
}

/** Its only member is deprecated and always 1: it is there or it is not. */
function presence(value: unknown): unknown {
  return value === undefined || value === null ? undefined : true;
}

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

async function find(client: Client, serviceId: string): Promise<Service | undefined> {
  try {
    return (await client.call("GetService", { Id: serviceId })).Service;
  } catch (error) {
    if (hasCode(error, "ServiceNotFound")) return undefined;
    throw error;
  }
}

function computed({ Arn, Type }: Service, { account }: Session): Props {
  return defined({ arn: Arn, type: Type, account });
}

/** Services are made at once and whole, so what is there has the inputs of an earlier run: they may have changed since. */
async function adopt(refusal: CallError, drawn: string, request: CreateRequest, session: Session): Promise<Resource> {
  const { inputs, owner } = request;
  const found = await find(session.client, refusal.details.ServiceId ?? "");
  if (found?.Id === undefined) throw refusal;
  const token = found.CreatorRequestId ?? refusal.details.CreatorRequestId;
  takeOver({ title, name: String(inputs.name), id: found.Id, token, drawn, owner }, session);
  const tagsAll = await readTags(session.client, found.Arn ?? "");
  const olds = { ...(toProgram(schema, found) as Props), tagsAll, ...computed(found, session) };
  const { replaces } = compare(olds, inputs, properties);
  if (replaces.length > 0) return remake(found.Id, replaces, isOwn(token, owner), request, session);
  try {
    return { id: found.Id, props: await service.update({ ...request, id: found.Id, olds }, session) };
  } catch (error) {
    throw new PartialFailure(found.Id, olds, error);
  }
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
  await drainService(serviceId, false, session, request.deadline);
  session.adopted.delete(serviceId);
  return service.create(request, session);
}

/** Deletes a service; with force, what is registered in it first, whoever did that. */
export async function drainService(
  serviceId: string,
  force: boolean,
  session: Session,
  deadline: Deadline,
): Promise<void> {
  const { client, say } = session;
  const subject = `the service ${serviceId}`;
  await remove({
    attempt: () => client.call("DeleteService", { Id: serviceId }, { signal: deadline.signal }),
    gone: ["ServiceNotFound"],
    blockers: () => listInstances(client, serviceId),
    drain: !force
      ? undefined
      : async (instances) => {
          say(`Deregistering what is left in ${subject}, as forceDestroy says: ${named(instances)}.`);
          await forAll(instances, 16, (instanceId) => deregister(serviceId, instanceId, session, deadline));
        },
    noun: "instances",
    deadline,
    say,
    subject,
  });
}

/** Already gone is done, whether it is refused at once or the operation fails for it. */
export async function deregister(
  serviceId: string,
  instanceId: string,
  session: Session,
  deadline: Deadline,
): Promise<void> {
  session.instances.change(serviceId, instanceId);
  try {
    await submit(session.client, "DeregisterInstance", { ServiceId: serviceId, InstanceId: instanceId }, deadline);
  } catch (error) {
    if (!hasCode(error, "InstanceNotFound", "ServiceNotFound")) throw error;
  }
}

/** The services of a namespace, as a person knows them. */
export async function servicesOf(
  client: Client,
  namespaceId: string,
): Promise<readonly { id: string; name: string }[]> {
  const found: { id: string; name: string }[] = [];
  let token: string | undefined;
  do {
    const Filters = [{ Name: "NAMESPACE_ID", Values: [namespaceId] }] as const;
    const page = await client.call("ListServices", { Filters, ...(token && { NextToken: token }) });
    for (const { Id = "", Name = "" } of page.Services ?? []) found.push({ id: Id, name: Name });
    token = page.NextToken;
  } while (token);
  return found;
}
