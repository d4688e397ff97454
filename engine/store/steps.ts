/**
 * The versions of the data in etcd: each step says how a value of one version is made one of the next, and back. A node
 * that knows more steps than a registry has come to reads and writes by them, until all nodes know them.
 */

export interface Step {
  /** The value of a key as this version has it, of one as the version before had it. */
  up(key: string, value: string): string;
  /** And back, for the nodes that do not know this version yet. */
  down(key: string, value: string): string;
}

/** From version 1 to 2 first. What is here stays: values of any age may be there. */
export const steps: readonly Step[] = [];

/** The newest version that somebody knows who knows these steps. */
export function newestOf(known: readonly Step[]): number {
  return known.length + 1;
}

/** A value of a version as the newest one has it. */
export function bringUp(known: readonly Step[], version: number, key: string, value: string): string {
  return known.slice(version - 1).reduce((before, step) => step.up(key, before), value);
}

/** A value of the newest version as an older one has it. */
export function bringDown(known: readonly Step[], version: number, key: string, value: string): string {
  return known.slice(version - 1).reduceRight((after, step) => step.down(key, after), value);
}
