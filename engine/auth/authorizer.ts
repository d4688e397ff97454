/** Whether a caller may do what it asks: by the policies of its key, and by shares in another account's namespace. */
import { CloudMapError } from "../../api/errors.ts";
import type { Inclusion } from "../../api/extensions.ts";
import { authorizations, type Input, type OperationName, operations } from "../../api/operations.ts";
import type { Tag } from "../../api/tags.ts";
import type { Context } from "../context.ts";
import type { Registry } from "../registry.ts";
import type { Caller } from "./caller.ts";
import type { Facts } from "./condition.ts";
import { type Asked, actionOf, decide, type OtherAction, type Permissions } from "./policy.ts";
import { type Resource, resourcesOf } from "./resource.ts";

export interface Asking {
  readonly caller: Caller;
  /** The IP address that the request came from. */
  readonly address: string;
  /** Told the revision from which a read is answered, each time that it looks: while it waits, the registry moves on. */
  readonly looked?: (revision: number) => void;
  /** What its answer is to tell beside what AWS's does. */
  readonly include?: ReadonlySet<Inclusion> | undefined;
}

/** Refuses, with AWS's sentence, what the caller may not do; what does not exist is found out later. */
export function authorize<N extends OperationName>(
  registry: Registry,
  operation: N,
  input: Input<N>,
  { caller, address }: Asking,
  context: Context,
): void {
  const { permissions } = caller;
  if (permissions === undefined && !context.hasShares) return;
  const resources = resourcesOf(registry, operation, input, context);
  for (const resource of resources) checkShare(operation, resource, caller, context);
  if (permissions === undefined) return;

  const request: Sent = { operation, input, caller, address, context, resources };
  const asked = resources.length > 0 ? resources.map((each) => askedOf(request, each)) : [askedOf(request)];
  for (const each of asked) check(caller, permissions, actionOf(operation), each);
  if (!operation.startsWith("Create") || tagsOf(input).length === 0) return;
  check(caller, permissions, actionOf("TagResource"), askedOf({ ...request, operation: "TagResource" }));
}

/** The same for what is no operation of the service. */
export function authorizeAction({ caller, address }: Asking, action: OtherAction, arn: string, region: string): void {
  const { permissions } = caller;
  if (permissions === undefined) return;
  check(caller, permissions, action, { arn, facts: (key) => callerFact(key, caller, address, region) });
}

function check(caller: Caller, permissions: Permissions, action: string, asked: Asked): void {
  const verdict = decide(permissions, action, asked);
  if (verdict === "allowed") return;
  const reason =
    verdict === "denied"
      ? " with an explicit deny in an identity-based policy"
      : ` because no identity-based policy allows the ${action} action`;
  throw notAuthorized(caller, action, asked.arn, reason);
}

function notAuthorized({ arn }: Caller, action: string, resource: string, reason: string): CloudMapError {
  return new CloudMapError(
    "AccessDeniedException",
    `User: ${arn} is not authorized to perform: ${action} on resource: ${resource}${reason}`,
  );
}

/**
 * In a namespace that another account shares, who may look may look at everything; who may write makes services, and
 * changes those that it made: the operations for which AWS knows `servicediscovery:ServiceCreatedByAccount`.
 */
function checkShare(operation: OperationName, resource: Resource, caller: Caller, context: Context): void {
  const { found } = resource;
  if (found === undefined || found.owner === caller.account) return;
  if (operations[operation].kind === "read") return;
  const isOwn = operation === "CreateService" || (isAboutService(operation) && found.creator === caller.account);
  if (isOwn && context.shared(found.namespaceId) === "write") return;
  const action = actionOf(operation);
  throw notAuthorized(caller, action, resource.arn, ` because no resource-based policy allows the ${action} action`);
}

function isAboutService(operation: OperationName): boolean {
  return authorizations[operation].keys.includes("servicediscovery:ServiceCreatedByAccount");
}

interface Sent {
  readonly operation: OperationName;
  readonly input: object;
  readonly caller: Caller;
  readonly address: string;
  readonly context: Context;
  readonly resources: readonly Resource[];
}

function askedOf(sent: Sent, resource?: Resource): Asked {
  return { arn: resource?.arn ?? "*", facts: factsOf(sent, resource) };
}

/** What conditions can ask about, by lower-case keys. */
function factsOf({ operation, input, caller, address, context, resources }: Sent, resource?: Resource): Facts {
  const { keys } = authorizations[operation];
  const supported = (name: (typeof keys)[number], value: () => string | undefined): readonly string[] | undefined => {
    const found = keys.includes(name) ? value() : undefined;
    return found === undefined ? undefined : [found];
  };
  const of = (kind: Resource["kind"]) => resources.find((each) => each.kind === kind);
  const texts = input as { readonly [member: string]: unknown };
  const text = (member: string) => (typeof texts[member] === "string" ? texts[member] : undefined);
  return (key) => {
    switch (key) {
      case "aws:resourceaccount":
        return [resource?.account ?? caller.account];
      case "aws:tagkeys":
        return keys.includes("aws:TagKeys") ? tagKeysOf(input) : undefined;
      case "servicediscovery:namespacearn":
        return supported("servicediscovery:NamespaceArn", () => of("namespace")?.arn);
      case "servicediscovery:namespacename":
        return supported("servicediscovery:NamespaceName", () => text("NamespaceName"));
      case "servicediscovery:servicearn":
        return supported("servicediscovery:ServiceArn", () => of("service")?.arn);
      case "servicediscovery:servicename":
        return supported("servicediscovery:ServiceName", () => text("ServiceName"));
      case "servicediscovery:servicecreatedbyaccount":
        return supported("servicediscovery:ServiceCreatedByAccount", () => of("service")?.found?.creator);
      default:
        if (!key.includes("/")) return callerFact(key, caller, address, context.region);
        return tagFact(key, keys.includes("aws:RequestTag") ? tagsOf(input) : [], resource?.found?.tags ?? []);
    }
  };
}

/** What is known of the caller, whatever it asks. */
function callerFact(key: string, caller: Caller, address: string, region: string): readonly string[] | undefined {
  switch (key) {
    case "aws:principalaccount":
      return [caller.account];
    case "aws:principalarn":
      return [caller.arn];
    case "aws:username":
      return [caller.arn.slice(caller.arn.indexOf("/") + 1)];
    case "aws:userid":
      return [caller.userId];
    case "aws:requestedregion":
      return [region];
    case "aws:sourceip":
      return [address];
    default:
      return undefined;
  }
}

/** "Tag keys in condition keys are not case-sensitive." */
function tagFact(key: string, request: readonly Tag[], resource: readonly Tag[]): readonly string[] | undefined {
  const slash = key.indexOf("/");
  const [prefix, name] = [key.slice(0, slash), key.slice(slash + 1)];
  const tags = prefix === "aws:requesttag" ? request : prefix === "aws:resourcetag" ? resource : [];
  const found = tags.find((tag) => tag.Key.toLowerCase() === name);
  return found === undefined ? undefined : [found.Value];
}

function tagsOf(input: object): readonly Tag[] {
  return "Tags" in input ? ((input.Tags ?? []) as readonly Tag[]) : []; // checked by the operation's schema
}

function tagKeysOf(input: object): readonly string[] {
  if ("TagKeys" in input) return input.TagKeys as readonly string[]; // checked by the operation's schema
  return tagsOf(input).map(({ Key }) => Key);
}
