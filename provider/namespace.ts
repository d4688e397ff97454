// The three kinds of namespaces: their life from the first check to their removal.
import { createHash } from "node:crypto";
import { defaultSoaTtl, type Namespace, type NamespaceType } from "../api/namespace.ts";
import { type Input, operations } from "../api/operations.ts";
import { namespaceNameProblems } from "../api/rules.ts";
import { isRecord, type Props, toWire } from "./casing.ts";
import { judge } from "./check.ts";
import { compare, defined, flag, inWordsOf, map, nothing, type PropertyRules, text } from "./difference.ts";
import { drainNamespace } from "./drain.ts";
import { CallError, hasCode, messageOf, PartialFailure } from "./failure.ts";
import { generationOf } from "./generation.ts";
import { findHostedZone } from "./hosted-zone.ts";
import { namedInputs, ownInputs, programProps, programSchema, stateOnlyFailures, tagFailures } from "./inputs.ts";
import type { CreateRequest, Kind, Resource, UpdateRequest } from "./kind.ts";
import { findNamesake, findNamespace, isInVpc } from "./namespace-lookup.ts";
import { drawToken, takeOver } from "./ownership.ts";
import { submit, Unfinished } from "./poll.ts";
import type { Session } from "./session.ts";
import { readTags, tagProps, toTagList, updateTags, withAllTags } from "./tags.ts";

type Creation = "CreateHttpNamespace" | "CreatePrivateDnsNamespace" | "CreatePublicDnsNamespace";
type Update = "UpdateHttpNamespace" | "UpdatePrivateDnsNamespace" | "UpdatePublicDnsNamespace";

/** What sets the namespaces of one type apart. */
interface Form {
  readonly title: string;
  readonly type: NamespaceType;
  readonly create: Creation;
  readonly update: Update;
  readonly properties: PropertyRules;
}

const common: PropertyRules = {
  name: { replaces: true },
  description: { canonical: text },
  tags: { canonical: map },
  tagsAll: { canonical: map },
  forceDestroy: { canonical: flag },
  adopt: { canonical: nothing },
};

const http: Form = {
  title: "HTTP namespace",
  type: "HTTP",
  create: "CreateHttpNamespace",
  update: "UpdateHttpNamespace",
  properties: common,
};

const privateDns: Form = {
  title: "private DNS namespace",
  type: "DNS_PRIVATE",
  create: "CreatePrivateDnsNamespace",
  update: "UpdatePrivateDnsNamespace",
  properties: { ...common, vpc: { replaces: true }, properties: { canonical: soaTtlOf("DNS_PRIVATE") } },
};

const publicDns: Form = {
  title: "public DNS namespace",
  type: "DNS_PUBLIC",
  create: "CreatePublicDnsNamespace",
  update: "UpdatePublicDnsNamespace",
  properties: { ...common, properties: { canonical: soaTtlOf("DNS_PUBLIC") } },
};

/** The outputs that not all of them have. */
const places = { HTTP: ["httpName"], DNS_PRIVATE: ["hostedZone"], DNS_PUBLIC: ["hostedZone", "nameServers"] } as const;

export const httpNamespace: Kind = kindOf(http);
export const privateDnsNamespace: Kind = kindOf(privateDns);
export const publicDnsNamespace: Kind = kindOf(publicDns);

function kindOf(form: Form): Kind {
  const { title, type, properties } = form;
  const schema = programSchema(operations[form.create].input);
  return {
    title,
    schema,
    properties,
    outputs: ["arn", "generation", "account", ...places[type]],
    namespaceType: type,
    naming: type === "HTTP" ? "suffixed" : "verbatim",
    timeout: 5 * 60_000,

    check({ olds, news, autoName, defaultTags }) {
      const inputs = withAllTags(namedInputs("name", news, olds, autoName), defaultTags);
      const { tagsAll, forceDestroy, adopt, ...judged } = inputs;
      const rules = ({ Name }: Props) =>
        type === "HTTP" || typeof Name !== "string" ? [] : namespaceNameProblems(Name);
      const failures = [
        ...judge({ schema, inputs: judged, rules }),
        ...tagFailures(tagsAll),
        ...stateOnlyFailures({ forceDestroy, adopt }),
      ];
      return { inputs, failures, warnings: [] };
    },

    /** Private ones of one name can stand side by side in two VPCs. */
    diff(olds, news) {
      const { changed, replaces } = compare(olds, news, properties);
      return { changed, replaces, deleteBeforeReplace: !changed.includes("name") && !changed.includes("vpc") };
    },

    create: (request, session) => create(form, request, session),

    async read({ id: wanted, props, defaultTags }, session) {
      session.refuseOther(props);
      const { id, vpc } = parseId(wanted);
      const found = await findNamespace(session.client, id);
      if (found === undefined) return undefined;
      if (found.Type !== type)
        throw new CallError("OtherKind", `${id} is a namespace of type ${found.Type}, not ${type}`);
      const tags = tagProps(await readTags(session.client, found), props, defaultTags);
      const zone = await zoneProps(form, found, { vpc, ...props }, session);
      const known = { vpc: zone.vpc, forceDestroy: props.forceDestroy }; // the API answers neither
      const actual = { ...programProps(schema, found), ...tags, ...known };
      const { nameServers } = zone;
      const outputs = { ...computed(form, found, session), ...defined({ nameServers }) };
      return { id: found.Id ?? id, props: { ...inWordsOf(props, actual, properties), ...outputs } };
    },

    update: (request, session) => update(form, request, session),

    async delete({ id, props, deadline }, session) {
      session.refuseOther(props);
      const subject = `the ${title} ${props.name} (${id})`;
      if (session.adopted.has(id)) return session.say(`Keeping ${subject}: its replacement has taken it over.`);
      await drainNamespace({ id, subject }, props.forceDestroy === true, session, deadline);
    },
  };
}

/** pulumi-aws imports private namespaces by `ns-…:vpc-…`, for Cloud Map does not answer their VPC. */
function parseId(id: string): { readonly id: string; readonly vpc?: string | undefined } {
  const parts = /^(.+):(vpc-[^:]*)$/.exec(id);
  return parts === null ? { id } : { id: parts[1] ?? "", vpc: parts[2] };
}

/** The TTL at `properties.dnsProperties.soa.ttl`; left out, it is the service's own. */
function soaTtlOf(type: keyof typeof defaultSoaTtl) {
  return (properties: unknown): unknown => {
    const dns = isRecord(properties) ? properties.dnsProperties : undefined;
    const soa = isRecord(dns) ? dns.soa : undefined;
    return (isRecord(soa) ? soa.ttl : undefined) ?? defaultSoaTtl[type];
  };
}

async function create(form: Form, request: CreateRequest, session: Session): Promise<Resource> {
  const { inputs, deadline } = request;
  const drawn = drawToken(makerOf(request));
  try {
    const input = { ...createInput(form, inputs), CreatorRequestId: drawn };
    const { Targets } = await submit(session.client, form.create, input, deadline);
    return await described(form, Targets?.NAMESPACE ?? "", inputs, session);
  } catch (error) {
    // Two private zones of one name in one VPC are found out only when the zone is made: then the operation fails.
    if (hasCode(error, "NamespaceAlreadyExists", "CANNOT_CREATE_HOSTED_ZONE")) {
      return takenOver(form, error, drawn, request, session);
    }
    throw await halfMade(form, error, inputs, session);
  }
}

/**
 * Whose it is. A private namespace that moves to another VPC stands beside its successor for a while, of one name and one
 * owner: the VPC, which Cloud Map does not answer, has to tell which of them a crash left behind.
 */
function makerOf({ inputs, owner }: CreateRequest): string {
  if (owner === "" || inputs.vpc === undefined) return owner;
  return `${owner}.${createHash("sha256").update(String(inputs.vpc)).digest("base64url").slice(0, 6)}`;
}

function createInput({ create: operation }: Form, inputs: Props): Input<Creation> {
  const Tags = toTagList(inputs.tagsAll);
  const wire = toWire(operations[operation].input, { ...inputs, tags: undefined });
  return { ...(wire as Input<Creation>), ...(Tags.length > 0 && { Tags }) }; // passed by the check
}

function computed({ type }: Form, { Arn, CreateDate, Properties }: Namespace, { account }: Session): Props {
  const zone = { hostedZone: Properties?.DnsProperties?.HostedZoneId };
  const place = type === "HTTP" ? { httpName: Properties?.HttpProperties?.HttpName } : zone;
  return defined({ arn: Arn, generation: generationOf(CreateDate), account, ...place });
}

/** What Route 53 says of its zone, where that is not known yet and it may be asked: both stay what they are. */
async function zoneProps({ type, title }: Form, found: Namespace, known: Props, { client }: Session): Promise<Props> {
  const { vpc, nameServers } = known;
  const HostedZoneId = found.Properties?.DnsProperties?.HostedZoneId;
  const isImported = known.name === undefined;
  const isWanted = type === "DNS_PRIVATE" ? isImported : nameServers === undefined;
  if (type === "HTTP" || HostedZoneId === undefined || !isWanted) return { vpc, nameServers };
  const zone = await findHostedZone(client, HostedZoneId);
  if (type === "DNS_PUBLIC") return { nameServers: zone?.nameServers.length ? zone.nameServers : undefined };
  if (typeof vpc === "string" && zone?.vpcs.length && !zone.vpcs.includes(vpc)) {
    throw new CallError("OtherVpc", `the ${title} ${found.Name} (${found.Id}) is not in ${vpc}, but in ${zone.vpcs}`);
  }
  return { vpc: vpc ?? zone?.vpcs[0] };
}

/** The new namespace with all outputs; from here on it exists, whatever fails. */
async function described(form: Form, id: string, inputs: Props, session: Session): Promise<Resource> {
  const props = ownInputs(inputs, form.properties);
  try {
    const namespace = (await findNamespace(session.client, id)) ?? {};
    const { nameServers } = await zoneProps(form, namespace, inputs, session);
    return { id, props: { ...props, ...computed(form, namespace, session), ...defined({ nameServers }) } };
  } catch (error) {
    throw new PartialFailure(id, { ...props, ...defined({ account: session.account }) }, error);
  }
}

/** When time is up the namespace may be there all the same: then it is recorded, so that it is not made twice. */
async function halfMade(form: Form, error: unknown, inputs: Props, session: Session): Promise<unknown> {
  const id = error instanceof Unfinished ? error.targets.NAMESPACE : undefined;
  if (id === undefined) return error;
  const namespace = await findNamespace(session.client, id).catch(() => undefined);
  if (namespace === undefined) return error;
  const props = { ...ownInputs(inputs, form.properties), ...computed(form, namespace, session) };
  return new PartialFailure(id, props, error);
}

async function takenOver(
  form: Form,
  refusal: CallError,
  drawn: string,
  request: CreateRequest,
  session: Session,
): Promise<Resource> {
  const { inputs } = request;
  const { title, type, create: operation } = form;
  const [name, owner] = [String(inputs.name), makerOf(request)];
  const vpc = inputs.adopt === true ? inputs.vpc : undefined;
  const there = await findNamesake(refusal, { name, type, owner, program: request.owner, vpc }, session);
  if (there?.Id === undefined) throw refusal;
  const { Id: id, CreatorRequestId: token } = there;
  try {
    // A failed operation names nobody, and a namesake in another VPC is in nobody's way: its zone tells where it is.
    const isNamed = refusal.details.NamespaceId !== undefined;
    const wanted = inputs.adopt === true && (isNamed || (await isInVpc(there, inputs.vpc, session.client)));
    takeOver({ title, name, id, token, drawn, owner, wanted }, session);
  } catch (error) {
    // A failed operation does not name what is in its way, so its own reason stays with what was found by name.
    throw refusal.details.NamespaceId === undefined ? refusal.with((said) => `${said}: ${messageOf(error)}`) : error;
  }
  const tagsAll = await readTags(session.client, there);
  const own = programProps(programSchema(operations[operation].input), there);
  const { nameServers } = await zoneProps(form, there, inputs, session);
  const outputs = { ...computed(form, there, session), ...defined({ nameServers }) };
  const olds = { ...own, vpc: inputs.vpc, tagsAll, ...outputs };
  try {
    return { id, props: await update(form, { ...request, id, olds }, session) };
  } catch (error) {
    throw new PartialFailure(id, defined(olds), error);
  }
}

async function update(form: Form, request: UpdateRequest, session: Session): Promise<Props> {
  const { id, olds, inputs, owner, deadline } = request;
  session.refuseOther(olds);
  const Namespace = changeOf(form, olds, inputs);
  if (Object.keys(Namespace).length > 0) {
    const input = { Id: id, UpdaterRequestId: drawToken(owner), Namespace };
    await submit(session.client, form.update, input, deadline);
  }
  const whole = typeof olds.arn === "string" && typeof olds.generation === "string";
  const known = whole ? olds : (await described(form, id, inputs, session)).props;
  await updateTags(session.client, String(known.arn), olds, inputs, deadline.signal);
  const outputs = ["arn", "generation", "account", "httpName", "hostedZone", "nameServers"].map((name) => [
    name,
    known[name],
  ]);
  return { ...ownInputs(inputs, form.properties), ...defined(Object.fromEntries(outputs)) };
}

/** What an update leaves out stays: what the program no longer gives is cleared, or set to the service's own. */
function changeOf({ properties }: Form, olds: Props, inputs: Props): Input<Update>["Namespace"] {
  const { changed } = compare(olds, inputs, properties);
  const { description } = inputs;
  const TTL = Number(properties.properties?.canonical?.(inputs.properties));
  return {
    ...(changed.includes("description") && { Description: typeof description === "string" ? description : "" }),
    ...(changed.includes("properties") && { Properties: { DnsProperties: { SOA: { TTL } } } }),
  };
}
