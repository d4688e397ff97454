/**
 * The conditions of a policy's statement:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { BlockList, isIP } from "node:net";
import { matchesArn, matchesWildcard } from "./wildcard.ts";

/** Operator → key → values, as a policy has them. */
export type ConditionBlock = { readonly [operator: string]: { readonly [key: string]: string | readonly string[] } };

/** What is known of a request under a key, in lower case; undefined where the request has no such key. */
export type Facts = (key: string) => readonly string[] | undefined;

export type Condition = (facts: Facts) => boolean;

interface Operator {
  readonly matches: (wanted: string, given: string) => boolean;
  /** Whether it holds when nothing matches: "StringNotEquals" and its like. */
  readonly negated?: true;
  /** What is wrong with a value of the policy. */
  readonly problem?: (wanted: string) => string | undefined;
}

const equals = (wanted: string, given: string) => wanted === given;
const equalsIgnoringCase = (wanted: string, given: string) => wanted.toLowerCase() === given.toLowerCase();
const notArn = (wanted: string) => (wanted === "*" || wanted.startsWith("arn:") ? undefined : "must be an ARN");
const notTruth = (wanted: string) => (/^(true|false)$/i.test(wanted) ? undefined : "must be true or false");
const notNetwork = (wanted: string) =>
  networkOf(wanted) === undefined ? "must be an address or a network, such as 192.0.2.0/24" : undefined;

/** By lower-case names. */
const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    StringEquals: { matches: equals },
    StringNotEquals: { matches: equals, negated: true },
    StringEqualsIgnoreCase: { matches: equalsIgnoringCase },
    StringNotEqualsIgnoreCase: { matches: equalsIgnoringCase, negated: true },
    StringLike: { matches: matchesWildcard },
    StringNotLike: { matches: matchesWildcard, negated: true },
    ArnEquals: { matches: matchesArn, problem: notArn },
    ArnNotEquals: { matches: matchesArn, negated: true, problem: notArn },
    ArnLike: { matches: matchesArn, problem: notArn },
    ArnNotLike: { matches: matchesArn, negated: true, problem: notArn },
    Bool: { matches: equalsIgnoringCase, problem: notTruth },
    IpAddress: { matches: isWithin, problem: notNetwork },
    NotIpAddress: { matches: isWithin, negated: true, problem: notNetwork },
  } satisfies Record<string, Operator>).map(([name, operator]) => [name.toLowerCase(), operator]),
);

const names = "StringEquals, StringLike, ArnLike, Bool, IpAddress, Null and their like";

interface Parsed {
  readonly set: "any" | "all" | undefined;
  readonly name: string;
  readonly ifExists: boolean;
}

/** `ForAnyValue:StringLikeIfExists`: a quantifier, an operator, and what holds without the key. */
function parse(operator: string): Parsed {
  const [, quantifier = "", name = "", ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/i.exec(operator) ?? [];
  const set = quantifier === "" ? undefined : quantifier.toLowerCase() === "forallvalues" ? "all" : "any";
  return { set, name: name.toLowerCase(), ifExists: ifExists !== undefined };
}

/** What is wrong with a condition: where in the block, and why. */
export function conditionProblems(
  block: ConditionBlock,
  isKey: (key: string) => boolean,
): { readonly path: string; readonly reason: string }[] {
  return Object.entries(block).flatMap(([operator, keys]) => {
    const { name, set, ifExists } = parse(operator);
    const isNull = name === "null" && set === undefined && !ifExists;
    const found = operators.get(name);
    if (found === undefined && !isNull) {
      return [{ path: operator, reason: `is not an operator that the engine knows: take ${names}` }];
    }
    const check = isNull ? notTruth : found?.problem;
    return Object.entries(keys).flatMap(([key, values]) => {
      const path = `${operator}.${key}`;
      if (!isKey(key)) return [{ path, reason: "is not a condition key that the engine knows" }];
      return listOf(values).flatMap((value) => {
        const reason = value.includes("${") ? "has a policy variable, which the engine does not read" : check?.(value);
        return reason === undefined ? [] : [{ path, reason: `${reason}, and is ${JSON.stringify(value)}` }];
      });
    });
  });
}

/** A test of what is known of a request: all operators and all their keys must hold. */
export function compileCondition(block: ConditionBlock): Condition {
  const tests = Object.entries(block).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => compileTest(parse(operator), key.toLowerCase(), listOf(values))),
  );
  return (facts) => tests.every((test) => test(facts));
}

function compileTest({ set, name, ifExists }: Parsed, key: string, values: readonly string[]): Condition {
  if (name === "null") {
    const absent = values.some((value) => value.toLowerCase() === "true");
    return (facts) => ((facts(key)?.length ?? 0) === 0) === absent;
  }
  const { matches, negated = false } = operators.get(name) ?? { matches: () => false };
  const holds = (given: string) => values.some((wanted) => matches(wanted, given)) !== negated;
  return (facts) => {
    const given = facts(key);
    if (given === undefined || given.length === 0) return ifExists || set === "all" || (set === undefined && negated);
    return set === "all" || (set === undefined && negated) ? given.every(holds) : given.some(holds);
  };
}

export function listOf(values: string | readonly string[]): readonly string[] {
  return typeof values === "string" ? [values] : values;
}

function isWithin(network: string, address: string): boolean {
  const plain = address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
  const family = isIP(plain);
  const found = networkOf(network);
  return found?.family === family && found.list.check(plain, family === 4 ? "ipv4" : "ipv6");
}

interface Network {
  readonly family: number;
  readonly list: BlockList;
}

const networks = new Map<string, Network | undefined>();

/** An address, or one with the length of its prefix; made once for each text, of which policies have few. */
function networkOf(text: string): Network | undefined {
  if (!networks.has(text)) networks.set(text, parseNetwork(text));
  return networks.get(text);
}

function parseNetwork(text: string): Network | undefined {
  const [, address = "", length] = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  const longest = family === 4 ? 32 : 128;
  const prefix = length === undefined ? longest : Number(length);
  if (family === 0 || prefix > longest) return undefined;
  const list = new BlockList();
  list.addSubnet(address, prefix, family === 4 ? "ipv4" : "ipv6");
  return { family, list };
}
