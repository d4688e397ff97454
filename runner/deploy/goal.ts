// What a program asks for: the registration or reading of one resource.

import type { Resource, Timeouts } from "../state/resource.ts";
import type { Properties, Value } from "../value/value.ts";

/** A former name of a resource: a whole URN, or the parts that differ. */
export type Alias =
  | { readonly urn: string }
  | {
      readonly name: string;
      readonly type: string;
      readonly stack: string;
      readonly project: string;
      readonly parent: string;
      readonly noParent: boolean;
    };

export interface Goal {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly properties: Properties;
  readonly parent: string;
  readonly protect: boolean | undefined;
  readonly dependencies: readonly string[];
  readonly provider: string;
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly deleteBeforeReplace: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly Alias[];
  /** The id to import, or "". */
  readonly importId: string;
  readonly timeouts: Timeouts;
  readonly replaceOnChanges: readonly string[];
  readonly replacementTrigger: Value | undefined;
  readonly retainOnDelete: boolean | undefined;
  readonly deletedWith: string;
  readonly replaceWith: readonly string[];
}

export const emptyGoal: Goal = {
  type: "",
  name: "",
  custom: false,
  properties: {},
  parent: "",
  protect: undefined,
  dependencies: [],
  provider: "",
  propertyDependencies: {},
  deleteBeforeReplace: undefined,
  ignoreChanges: [],
  additionalSecretOutputs: [],
  aliases: [],
  importId: "",
  timeouts: {},
  replaceOnChanges: [],
  replacementTrigger: undefined,
  retainOnDelete: undefined,
  deletedWith: "",
  replaceWith: [],
};

export interface ReadGoal {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly parent: string;
  readonly properties: Properties;
  readonly dependencies: readonly string[];
  readonly provider: string;
  readonly additionalSecretOutputs: readonly string[];
}

/** What the program is told of its registration. */
export interface Outcome {
  readonly resource: Resource;
  readonly result: "success" | "failed" | "skipped";
  /** Its outputs are not known: a target run left it out. */
  readonly unknown?: boolean;
}

export type Answer = (outcome: Outcome) => void;
