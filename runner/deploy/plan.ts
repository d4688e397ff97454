// What planning a deployment knows: the state it starts from, what was asked for, what was decided so far.

import type { Registry } from "../provider/registry.ts";
import { dependenciesOf, type Resource } from "../state/resource.ts";
import type { Goal } from "./goal.ts";
import { Graph } from "./graph.ts";
import type { UrnSet } from "./targets.ts";

/** The state before the deployment, as a refresh may have brought it up to date. */
export class Base {
  readonly resources: readonly Resource[];
  readonly graph: Graph;
  /** Without those that wait for their deletion. */
  readonly live: ReadonlyMap<string, Resource>;

  constructor(resources: readonly Resource[]) {
    this.resources = resources;
    this.graph = new Graph(resources);
    this.live = new Map(resources.filter((resource) => !resource.delete).map((resource) => [resource.urn, resource]));
  }
}

export interface PlanOptions {
  readonly preview: boolean;
  readonly targets: UrnSet;
  readonly targetDependents: boolean;
  readonly excludes: UrnSet;
  readonly excludeDependents: boolean;
  readonly replaceTargets: UrnSet;
}

export type Severity = "debug" | "info" | "warning" | "error";

export interface Diagnostic {
  readonly severity: Severity;
  readonly urn: string;
  readonly message: string;
}

export type Report = (diagnostic: Diagnostic) => void;

/** Ends a deployment whose reason was reported already. */
export class Reported extends Error {}

/** The URNs of one decision each; a URN can be in several. */
export class Plan {
  readonly base: Base;
  readonly stack: string;
  readonly project: string;
  readonly providers: Registry;
  readonly options: PlanOptions;
  readonly report: Report;

  readonly urns = new Set<string>();
  readonly reads = new Set<string>();
  readonly creates = new Set<string>();
  readonly sames = new Set<string>();
  readonly updates = new Set<string>();
  readonly replaces = new Set<string>();
  readonly imports = new Set<string>();
  readonly deletes = new Set<string>();
  readonly skippedCreates = new Set<string>();
  /** Deleted early in this deployment: resources, not URNs. */
  readonly deletedEarly = new Set<Resource>();
  /** Former URN to present one. */
  readonly aliased = new Map<string, string>();
  /** Present URN to former one. */
  readonly formerOf = new Map<string, string>();
  readonly goals = new Map<string, Goal>();
  /** What steps produced, by URN. */
  readonly news = new Map<string, Resource>();
  readonly providerResources = new Map<string, Resource>();
  readonly dependentKeys = new Map<string, readonly string[]>();
  errored = false;

  constructor(context: Pick<Plan, "base" | "stack" | "project" | "providers" | "options" | "report">) {
    this.base = context.base;
    this.stack = context.stack;
    this.project = context.project;
    this.providers = context.providers;
    this.options = context.options;
    this.report = context.report;
  }

  error(urn: string, message: string): void {
    this.errored = true;
    this.report({ severity: "error", urn, message });
  }

  /** Was anything done with the resource of this URN, under this name or its present one? */
  isOperatedOn(urn: string): boolean {
    const name = this.aliased.get(urn) ?? urn;
    return [this.sames, this.updates, this.replaces, this.reads].some((urns) => urns.has(name));
  }

  hasStep(urn: string): boolean {
    const sets = [this.reads, this.creates, this.sames, this.updates, this.deletes, this.replaces, this.imports];
    return sets.some((urns) => urns.has(urn));
  }

  isTargeted(resource: Resource): boolean {
    const { targets, targetDependents, excludes, excludeDependents } = this.options;
    const dependsOn = (urns: UrnSet): boolean =>
      dependenciesOf(resource).some((dependency) => urns.has(dependency.urn));
    if (targets.constrained) return targets.has(resource.urn) || (targetDependents && dependsOn(targets));
    if (excludes.constrained) return !(excludes.has(resource.urn) || (excludeDependents && dependsOn(excludes)));
    return true;
  }
}
