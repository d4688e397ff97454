// What a deployer says that it does, from its JSON: the Pulumi CLI's preview digest, or its events, one a line.
import { isDeepStrictEqual } from "node:util";

/** One resource's step; `same` ones, providers and the stack itself are left out. */
export interface Step {
  readonly op: string;
  readonly name: string;
  /** Paths of the inputs (in a refresh: of the outputs) that differ. */
  readonly changes: readonly string[];
  /** What the provider says forces the replacement, where it is one. */
  readonly replaces: readonly string[];
}

type Props = Readonly<Record<string, unknown>>;
interface State {
  readonly inputs?: Props;
  readonly outputs?: Props;
}
interface Told {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: State;
  readonly newState?: State;
  readonly replaceReasons?: readonly string[];
}

export function readSteps(from: string | readonly Event[], compared: "inputs" | "outputs"): Step[] {
  const all = typeof from === "string" ? toldIn(from) : from.flatMap(eventIn);
  const told = all.filter(({ op, urn }) => op !== "same" && !/::pulumi:(providers|pulumi):/.test(urn));
  return told.map(({ op, urn, oldState, newState, replaceReasons }) => ({
    op,
    name: urn.slice(urn.lastIndexOf("::") + 2),
    changes: ["update", "replace"].includes(op) ? paths(oldState?.[compared], newState?.[compared]) : [],
    replaces: [...(replaceReasons ?? [])].sort(),
  }));
}

/** `update web attributes.zone`: one line a step, in alphabetical order. */
export function summary(steps: readonly Step[]): string[] {
  const shown = steps.filter(({ op }) => !/^(create-replacement|delete-replaced)$/.test(op));
  return shown.map(({ op, name, changes }) => [op, name, ...changes].join(" ")).sort();
}

function toldIn(output: string): Told[] {
  const lines = output.split("\n").filter((line) => line.startsWith('{"'));
  if (lines.length > 0) return lines.flatMap((line) => eventIn(JSON.parse(line)));
  const start = output.indexOf("{\n");
  if (start < 0) throw new Error(`no JSON in: ${output}`);
  return JSON.parse(output.slice(start, output.lastIndexOf("}") + 1)).steps;
}

/** An event of the deployment, as far as the tests look. */
export interface Event {
  readonly resOutputsEvent?: {
    readonly metadata: { op: string; urn: string; old?: State; new?: State; keys?: readonly string[] };
  };
}

function eventIn({ resOutputsEvent }: Event): Told[] {
  if (resOutputsEvent === undefined) return [];
  const { op, urn, old, new: next, keys = [] } = resOutputsEvent.metadata;
  return [{ op, urn, ...(old && { oldState: old }), ...(next && { newState: next }), replaceReasons: keys }];
}

function paths(olds: Props = {}, news: Props = {}, above = ""): string[] {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((key) => !key.startsWith("__"));
  return keys.sort().flatMap((key) => {
    const [before, after] = [olds[key], news[key]];
    if (isDeepStrictEqual(before, after)) return [];
    return isProps(before) && isProps(after) ? paths(before, after, `${above}${key}.`) : [`${above}${key}`];
  });
}

function isProps(value: unknown): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
