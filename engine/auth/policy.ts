/**
 * Policies: which of them apply to a request, and what they come to.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { type OperationName, operations } from "../../api/operations.ts";
import { type Condition, type ConditionBlock, compileCondition, type Facts, listOf } from "./condition.ts";
import { matchesWildcard } from "./wildcard.ts";

type OneOrMore = string | readonly string[];

/** A statement as it is written; one of Action and NotAction, one of Resource and NotResource. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action?: OneOrMore;
  readonly NotAction?: OneOrMore;
  readonly Resource?: OneOrMore;
  readonly NotResource?: OneOrMore;
  readonly Condition?: ConditionBlock;
}

export interface PolicyDocument {
  readonly Version?: "2012-10-17" | "2008-10-17";
  readonly Id?: string;
  readonly Statement: Statement | readonly Statement[];
}

/** A resource that a request needs, and what is known of the request with regard to it. */
export interface Asked {
  readonly arn: string;
  readonly facts: Facts;
}

export type Verdict = "allowed" | "denied" | "not allowed";

interface Rule {
  readonly covers: (arn: string) => boolean;
  readonly holds: Condition;
}

/** What all policies of a caller say of one operation. */
interface Rules {
  readonly allow: readonly Rule[];
  readonly deny: readonly Rule[];
}

/** By action. */
export type Permissions = ReadonlyMap<string, Rules>;

export const actionOf = (operation: OperationName): string => `servicediscovery:${operation}`;
/** Of the neighbour Route 53; and what policies call the reading of the engine's metrics, for which AWS has no word. */
export const otherActions = ["route53:GetHostedZone", "cloudmap:GetMetrics"] as const;
export type OtherAction = (typeof otherActions)[number];
const names = Object.keys(operations) as OperationName[]; // the table's own names
const actions = [...names.map(actionOf), ...otherActions];

/** Makes of policies what is asked for each request. */
export function compilePolicies(policies: readonly PolicyDocument[]): Permissions {
  const statements = policies.flatMap(({ Statement }) => ("Effect" in Statement ? [Statement] : Statement));
  const compiled = statements.map((statement) => ({ statement, rule: compile(statement) }));
  const rulesOf = (action: string, effect: Statement["Effect"]) =>
    compiled
      .filter(({ statement }) => statement.Effect === effect && isAbout(statement, action))
      .map(({ rule }) => rule);
  return new Map(actions.map((action) => [action, { allow: rulesOf(action, "Allow"), deny: rulesOf(action, "Deny") }]));
}

function compile({ Resource, NotResource = [], Condition = {} }: Statement): Rule {
  const patterns = listOf(Resource ?? NotResource);
  const covers = (arn: string) => patterns.some((pattern) => matchesWildcard(pattern, arn));
  return {
    covers: Resource === undefined ? (arn) => !covers(arn) : patterns.includes("*") ? () => true : covers,
    holds: compileCondition(Condition),
  };
}

/** "The prefix and the action name are case insensitive." */
function isAbout({ Action, NotAction = [] }: Statement, action: string): boolean {
  const matches = (pattern: string) => matchesWildcard(pattern.toLowerCase(), action.toLowerCase());
  return Action === undefined ? !listOf(NotAction).some(matches) : listOf(Action).some(matches);
}

/** "By default, all requests are implicitly denied; an explicit allow overrides this, an explicit deny overrides any allow." */
export function decide(permissions: Permissions, action: string, { arn, facts }: Asked): Verdict {
  const { allow, deny } = permissions.get(action) ?? { allow: [], deny: [] };
  const applies = ({ covers, holds }: Rule) => covers(arn) && holds(facts);
  if (deny.some(applies)) return "denied";
  return allow.some(applies) ? "allowed" : "not allowed";
}
