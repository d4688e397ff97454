/** Filters of lists: all of them must match; they apply to a page after it is taken, so that a page may be empty. */
import { CloudMapError } from "../api/errors.ts";

interface Filter<Name extends string> {
  readonly Name: Name;
  readonly Values: readonly string[];
  readonly Condition?: "EQ" | "IN" | "BETWEEN" | "BEGINS_WITH";
}

type Condition = NonNullable<Filter<string>["Condition"]>;

/** For each filter of a list: the conditions that it knows, and the value that it looks at. */
export type Filters<Name extends string, V> = {
  readonly [N in Name]: { readonly conditions: readonly Condition[]; readonly of: (value: V) => string };
};

/** A test that a value passes when it matches every filter; refuses filters that the list does not know. */
export function matcher<Name extends string, V>(known: Filters<Name, V>, filters: readonly Filter<Name>[] = []) {
  for (const filter of filters) refuse(known, filter);
  return (value: V): boolean => filters.every((filter) => matches(filter, known[filter.Name].of(value)));
}

function refuse<Name extends string, V>(
  known: Filters<Name, V>,
  { Name, Values, Condition = "EQ" }: Filter<Name>,
): void {
  const { conditions } = known[Name];
  if (!conditions.includes(Condition)) {
    throw new CloudMapError(
      "InvalidInput",
      `The filter ${Name} takes the conditions ${conditions.join(", ")}, not ${Condition}.`,
    );
  }
  const odd = Condition === "BETWEEN" ? Values.find((value) => !/^\d+(\.\d+)?$/.test(value)) : undefined;
  if (odd !== undefined) {
    throw new CloudMapError("InvalidInput", `The filter ${Name} takes times in seconds since 1970, not ${odd}.`);
  }
  const [start, end] = Values.map(Number);
  if (Condition === "BETWEEN" && start !== undefined && end !== undefined && start > end) {
    throw new CloudMapError("InvalidInput", `The filter ${Name} takes the start first, and ${start} is after ${end}.`);
  }
  const [least, most] = Condition === "BETWEEN" ? [2, 2] : [1, Condition === "IN" ? Number.POSITIVE_INFINITY : 1];
  if (Values.length < least || Values.length > most) {
    const wanted =
      Condition === "BETWEEN"
        ? "two values: the start and the end"
        : least === most
          ? "one value"
          : "at least one value";
    throw new CloudMapError(
      "InvalidInput",
      `The filter ${Name} with ${Condition} takes ${wanted}, and has ${Values.length}.`,
    );
  }
}

function matches({ Values, Condition = "EQ" }: Filter<string>, value: string): boolean {
  const [first = "", second = ""] = Values;
  switch (Condition) {
    case "EQ":
    case "IN":
      return Values.includes(value);
    case "BEGINS_WITH":
      return value.startsWith(first);
    case "BETWEEN":
      return Number(first) <= Number(value) && Number(value) <= Number(second);
  }
}
