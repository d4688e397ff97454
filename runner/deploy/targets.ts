// Which resources an operation is about: `--target`, `--exclude`, `--replace` with URNs and globs.

export class UrnSet {
  readonly #urns: Set<string>;
  readonly #globs: readonly RegExp[];
  readonly constrained: boolean;

  /** `*` stands for text without colons, `**` for any. */
  constructor(patterns: readonly string[]) {
    this.#urns = new Set(patterns.filter((pattern) => !pattern.includes("*")));
    this.#globs = patterns.filter((pattern) => pattern.includes("*")).map(globToRegExp);
    this.constrained = patterns.length > 0;
  }

  has(urn: string): boolean {
    return this.#urns.has(urn) || this.#globs.some((glob) => glob.test(urn));
  }

  add(urn: string): void {
    this.#urns.add(urn);
  }

  get urns(): string[] {
    return [...this.#urns];
  }
}

function globToRegExp(glob: string): RegExp {
  const source = glob.split("**").map((part) => part.split("*").map(quoted).join("[^:]*"));
  return new RegExp(`^${source.join(".*")}$`);
}

function quoted(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
