/** The form of policies: what is wrong with one, all of it at once. */
import { authorizations, operations } from "../../api/operations.ts";
import { conditionProblems, listOf } from "./condition.ts";
import { actionOf, otherActions, type PolicyDocument, type Statement } from "./policy.ts";
import { matchesWildcard } from "./wildcard.ts";

/** What is wrong, and where: `policies.reader.Statement[0].Action`. */
export interface Flaw {
  readonly path: string;
  readonly reason: string;
}

/** Actions of the service that are not operations of its API: they may be named, and allow nothing here. */
const others = ["PutResourcePolicy", "GetResourcePolicy", "DeleteResourcePolicy"];
const names = [...Object.keys(operations), ...others].map((name) => `servicediscovery:${name}`);
const actions = [...names, ...otherActions].map((name) => name.toLowerCase());

/** Keys that every request has, as far as it has what they tell of. */
const globalKeys = [
  "aws:PrincipalAccount",
  "aws:PrincipalArn",
  "aws:RequestedRegion",
  "aws:ResourceAccount",
  "aws:SourceIp",
  "aws:userid",
  "aws:username",
];
const tagPrefixes = ["aws:requesttag/", "aws:resourcetag/"];
const knownKeys = new Set(
  [...globalKeys, "aws:TagKeys", ...Object.values(authorizations).flatMap(({ keys }) => keys)]
    .filter((key) => key !== "aws:RequestTag")
    .map((key) => key.toLowerCase()),
);

function isConditionKey(key: string): boolean {
  const lower = key.toLowerCase();
  return knownKeys.has(lower) || tagPrefixes.some((prefix) => lower.startsWith(prefix) && lower !== prefix);
}

/** The policy's types have been checked by its schema; this is what a schema cannot say. */
export function policyFlaws({ Statement }: PolicyDocument, path: string): Flaw[] {
  if ("Effect" in Statement) return statementFlaws(Statement, `${path}.Statement`);
  return Statement.flatMap((statement, index) => statementFlaws(statement, `${path}.Statement[${index}]`));
}

function statementFlaws(statement: Statement, path: string): Flaw[] {
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement;
  const flaws: Flaw[] = [];
  const oneOf = (a: unknown, b: unknown, names: string) => {
    if ((a === undefined) === (b === undefined)) flaws.push({ path, reason: `needs one of ${names}` });
  };
  oneOf(Action, NotAction, "Action and NotAction");
  oneOf(Resource, NotResource, "Resource and NotResource");
  for (const [name, values] of Object.entries({ Action, NotAction })) {
    for (const value of listOf(values ?? [])) flaws.push(...flawIn(`${path}.${name}`, value, actionReason(value)));
  }
  for (const [name, values] of Object.entries({ Resource, NotResource })) {
    for (const value of listOf(values ?? [])) flaws.push(...flawIn(`${path}.${name}`, value, resourceReason(value)));
  }
  const inCondition = conditionProblems(Condition, isConditionKey);
  return [...flaws, ...inCondition.map((each) => ({ path: `${path}.Condition.${each.path}`, reason: each.reason }))];
}

function flawIn(path: string, value: string, reason: string | undefined): Flaw[] {
  return reason === undefined ? [] : [{ path, reason: `${JSON.stringify(value)} ${reason}` }];
}

/** Actions of other services may stand in a policy that was written for AWS; a misspelt one of this service helps nobody. */
function actionReason(action: string): string | undefined {
  if (action === "*") return undefined;
  if (!/^[A-Za-z0-9-]+:[A-Za-z0-9*?]+$/.test(action)) return `is not an action: write ${actionOf("DiscoverInstances")}`;
  const lower = action.toLowerCase();
  if (!/^(servicediscovery|cloudmap):/.test(lower)) return undefined;
  if (actions.some((known) => matchesWildcard(lower, known))) return undefined;
  return "is not an action of Cloud Map, and none matches it";
}

function resourceReason(resource: string): string | undefined {
  if (resource.includes("${")) return "has a policy variable, which the engine does not read";
  if (resource === "*" || /^arn:[^:]*:[^:]*:?/.test(resource) || /^arn:\*$/.test(resource)) return undefined;
  return 'is neither "*" nor an ARN';
}
