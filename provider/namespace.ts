// HTTP namespaces: their life from the first check to their removal.
import { CreateHttpNamespace, type Namespace } from "../api/namespace.ts";
import type { Input } from "../api/operations.ts";
import { type Props, toProgram, toWire } from "./casing.ts";
import { judge } from "./check.ts";
import type { Client } from "./client.ts";
import type { Deadline } from "./deadline.ts";
import { compare, defined, flag, inWordsOf, map, type PropertyRules, text } from "./difference.ts";
import { CallError, hasCode, PartialFailure } from "./failure.ts";
import { namedInputs, ownInputs, programSchema, stateOnlyFailures, tagFailures } from "./inputs.ts";
import type { CreateRequest, Kind, Resource } from "./kind.ts";
import { drawToken, takeOver } from "./ownership.ts";
import { submit, Unfinished } from "./poll.ts";
import { named, remove } from "./removal.ts";
import { drainService, servicesOf } from "./service.ts";
import type { Session } from "./session.ts";
import { readTags, tagProps, toTagList, updateTags, withAllTags } from "./tags.ts";

const title = "HTTP namespace";
const schema = programSchema(CreateHttpNamespace.input);

const properties: PropertyRules = {
  name: { replaces: true },
  description: { canonical: text },
  tags: { canonical: map },
  tagsAll: { canonical: map },
  forceDestroy: { canonical: flag },
};

export const httpNamespace: Kind = {
  title,
  schema,
  properties,
  outputs: ["arn", "httpName", "account"],
  naming: "suffixed",
  timeout: 5 * 60_000,

  check({ olds, news, autoName, defaultTags }) {
    const inputs = withAllTags(namedInputs("name", news, olds, autoName), defaultTags);
    const { tagsAll, forceDestroy, ...judged } = inputs;
    const failures = [
      ...judge({ schema, inputs: judged, rules: () => [] }),
      ...tagFailures(tagsAll),
      ...stateOnlyFailures({ forceDestroy }),
    ];
    return { inputs, failures, warnings: [] };
  },

  diff(olds, news) {
    return { ...compare(olds, news, properties), deleteBeforeReplace: false };
  },

  async create(request, session) {
    const { inputs, owner, deadline } = request;
    const drawn = drawToken(owner);
    const input = { ...createInput(inputs), CreatorRequestId: drawn };
    try {
      const { Targets } = await submit(session.client, "CreateHttpNamespace", input, deadline);
      return await described(Targets?.NAMESPACE ?? "", inputs, session);
    } catch (error) {
      if (hasCode(error, "NamespaceAlreadyExists")) return adopt(error, drawn, request, session);
      throw await halfMade(error, inputs, session);
    }
  },

  async read({ id, props, defaultTags }, session) {
    session.refuseOther(props.account);
    const namespace = await find(session.client, id);
    if (namespace === undefined) return undefined;
    if (namespace.Type !== "HTTP") {
      throw new CallError("OtherKind", `${id} is a namespace of type ${namespace.Type}, not HTTP`);
    }
    const tags = tagProps(await readTags(session.client, namespace.Arn ?? ""), props, defaultTags);
    const actual = { ...(toProgram(schema, namespace) as Props), ...tags, forceDestroy: props.forceDestroy };
    return { id, props: { ...inWordsOf(props, actual, properties), ...computed(namespace, session) } };
  },

  async update({ id, olds, inputs, owner, deadline }, session) {
    session.refuseOther(olds.account);
    const { changed } = compare(olds, inputs, properties);
    if (changed.includes("description")) await describe(id, inputs.description, owner, deadline, session);
    const known = typeof olds.arn === "string" ? pickComputed(olds) : (await described(id, inputs, session)).props;
    await updateTags(session.client, String(known.arn), olds, inputs, deadline.signal);
    return { ...ownInputs(inputs, properties), ...known };
  },

  async delete({ id, props, deadline }, session) {
    session.refuseOther(props.account);
    const { client, say } = session;
    const subject = `the ${title} ${props.name} (${id})`;
    if (session.adopted.has(id)) return say(`Keeping ${subject}: its replacement has taken it over.`);
    const services = new Map<string, string>();
    await remove({
      attempt: () => submit(client, "DeleteNamespace", { Id: id }, deadline),
      gone: ["NamespaceNotFound"],
      blockers: async () => {
        services.clear();
        for (const service of await servicesOf(client, id)) services.set(`${service.name} (${service.id})`, service.id);
        return [...services.keys()];
      },
      drain:
        props.forceDestroy !== true
          ? undefined
          : async (blockers) => {
              say(`Removing what ${subject} holds, as forceDestroy says: the services ${named(blockers)}.`);
              for (const serviceId of services.values()) await drainService(serviceId, true, session, deadline);
            },
      noun: "services",
      deadline,
      say,
      subject,
    });
  },
};

function createInput(inputs: Props): Input<"CreateHttpNamespace"> {
  const Tags = toTagList(inputs.tagsAll);
  const wire = toWire(CreateHttpNamespace.input, { ...inputs, tags: undefined });
  return { ...(wire as Input<"CreateHttpNamespace">), ...(Tags.length > 0 && { Tags }) }; // passed by the check
}

async function find(client: Client, id: string): Promise<Namespace | undefined> {
  try {
    return (await client.call("GetNamespace", { Id: id })).Namespace;
  } catch (error) {
    if (hasCode(error, "NamespaceNotFound")) return undefined;
    throw error;
  }
}

function computed({ Arn, Properties }: Namespace, { account }: Session): Props {
  return defined({ arn: Arn, httpName: Properties?.HttpProperties?.HttpName, account });
}

function pickComputed({ arn, httpName, account }: Props): Props {
  return defined({ arn, httpName, account });
}

/** The new namespace with all outputs; from here on it exists, whatever fails. */
async function described(id: string, inputs: Props, session: Session): Promise<Resource> {
  const props = ownInputs(inputs, properties);
  try {
    const namespace = await find(session.client, id);
    return { id, props: { ...props, ...computed(namespace ?? {}, session) } };
  } catch (error) {
    throw new PartialFailure(id, { ...props, ...defined({ account: session.account }) }, error);
  }
}

/** When time is up the namespace may be there all the same: then it is recorded, so that it is not made twice. */
async function halfMade(error: unknown, inputs: Props, session: Session): Promise<unknown> {
  const id = error instanceof Unfinished ? error.targets.NAMESPACE : undefined;
  if (id === undefined) return error;
  const namespace = await find(session.client, id).catch(() => undefined);
  if (namespace === undefined) return error;
  return new PartialFailure(id, { ...ownInputs(inputs, properties), ...computed(namespace, session) }, error);
}

async function adopt(refusal: CallError, drawn: string, request: CreateRequest, session: Session): Promise<Resource> {
  const { inputs, owner } = request;
  const name = String(inputs.name);
  const there = await whatExists(refusal, name, session.client);
  if (there?.Id === undefined) throw refusal;
  takeOver({ title, name, id: there.Id, token: there.CreatorRequestId, drawn, owner }, session);
  const { Id: id, Arn = "" } = there;
  const tagsAll = await readTags(session.client, Arn);
  const olds = { ...(toProgram(schema, there) as Props), tagsAll, ...computed(there, session) };
  try {
    return { id, props: await httpNamespace.update({ ...request, id, olds }, session) };
  } catch (error) {
    throw new PartialFailure(id, olds, error);
  }
}

/** The refusal names what is in the way; an operation that failed for it does not, so the name is looked up. */
async function whatExists({ details }: CallError, name: string, client: Client): Promise<Namespace | undefined> {
  if (details.NamespaceId !== undefined) return find(client, details.NamespaceId);
  let token: string | undefined;
  do {
    const Filters = [
      { Name: "NAME", Values: [name] },
      { Name: "TYPE", Values: ["HTTP"] },
    ] as const;
    const page = await client.call("ListNamespaces", { Filters, ...(token && { NextToken: token }) });
    const [found] = page.Namespaces ?? [];
    if (found?.Id !== undefined) return find(client, found.Id);
    token = page.NextToken;
  } while (token);
  return undefined;
}

async function describe(
  id: string,
  description: unknown,
  owner: string,
  deadline: Deadline,
  { client }: Session,
): Promise<void> {
  const Description = typeof description === "string" ? description : ""; // "" clears it
  const input = { Id: id, UpdaterRequestId: drawToken(owner), Namespace: { Description } };
  await submit(client, "UpdateHttpNamespace", input, deadline);
}
