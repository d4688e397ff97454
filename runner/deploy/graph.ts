// What depends on what in a list of resources that is in the order of their dependencies.

import { dependenciesOf, type Resource } from "../state/resource.ts";

/** Each resource with its direct dependencies, of which those on a component include the component's children. */
export class Graph {
  readonly #resources: readonly Resource[];
  readonly #index: ReadonlyMap<Resource, number>;
  readonly #byUrn = new Map<string, number[]>();
  readonly #childrenOf = new Map<string, number[]>();

  constructor(resources: readonly Resource[]) {
    this.#resources = resources;
    this.#index = new Map(resources.map((resource, i) => [resource, i]));
    for (const [i, resource] of resources.entries()) {
      append(this.#byUrn, resource.urn, i);
      for (let parent = resource.parent; parent; parent = this.#parentOf(parent)) append(this.#childrenOf, parent, i);
    }
  }

  has(resource: Resource): boolean {
    return this.#index.has(resource);
  }

  #parentOf(urn: string): string | undefined {
    const i = this.#byUrn.get(urn)?.at(-1);
    return i === undefined ? undefined : this.#resources[i]?.parent;
  }

  /** Everything later in the list that directly or indirectly depends on a resource, in order. */
  dependentsOf(resource: Resource, ignored: ReadonlySet<string>, withChildren: boolean): Resource[] {
    const affected = new Set([resource.urn]);
    const start = (this.#index.get(resource) ?? this.#resources.length) + 1;
    const found: Resource[] = [];
    for (const candidate of this.#resources.slice(start)) {
      if (ignored.has(candidate.urn)) continue;
      const touches = dependenciesOf(candidate).some(
        ({ urn, kind }) => affected.has(urn) && (kind !== "parent" || withChildren),
      );
      if (!touches) continue;
      affected.add(candidate.urn);
      found.push(candidate);
    }
    return found;
  }

  dependenciesOf(resource: Resource): Set<Resource> {
    const limit = this.#index.get(resource) ?? this.#resources.length;
    const found = new Set<Resource>();
    for (const { urn, kind } of dependenciesOf(resource)) {
      for (const i of this.#byUrn.get(urn) ?? []) {
        const dependency = this.#resources[i];
        if (dependency === undefined || i >= limit) continue;
        found.add(dependency);
        if (kind !== "parent" && !dependency.custom) this.#addChildren(urn, limit, found);
      }
    }
    return found;
  }

  #addChildren(urn: string, limit: number, found: Set<Resource>): void {
    for (const i of this.#childrenOf.get(urn) ?? []) {
      const child = this.#resources[i];
      if (i < limit && child !== undefined) found.add(child);
    }
  }

  /** All that a resource directly or indirectly needs. */
  allDependenciesOf(resource: Resource): Set<Resource> {
    const found = new Set<Resource>();
    const queue = [resource];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const dependency of this.dependenciesOf(next)) {
        if (found.has(dependency)) continue;
        found.add(dependency);
        queue.push(dependency);
      }
    }
    return found;
  }

  /**
   * Groups of the condemned in the order of their deletion: all that depends on a resource is in earlier groups. The
   * members of one group need nothing of each other (pkg/resource/deploy/step_generator.go, ScheduleDeletes).
   */
  deletionOrder(condemned: readonly Resource[]): Resource[][] {
    const waiting = new Set(condemned);
    const depths = new Map<Resource, number>();
    const groups: Resource[][] = [];
    const indexOf = (resource: Resource): number => this.#index.get(resource) ?? this.#resources.length;
    for (const resource of condemned.toSorted((a, b) => indexOf(a) - indexOf(b))) {
      const needed = [...this.dependenciesOf(resource)].filter((dependency) => waiting.has(dependency));
      const depth = Math.max(-1, ...needed.map((dependency) => depths.get(dependency) ?? 0)) + 1;
      depths.set(resource, depth);
      const group = groups[depth] ?? [];
      group.push(resource);
      groups[depth] = group;
    }
    return groups.reverse();
  }
}

function append(map: Map<string, number[]>, key: string, index: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [index]);
  else list.push(index);
}
