// The names of resources whose program gives none, as the stack's `pulumi:autonaming` has them: Pulumi asks only plugins.
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming-configuration */
interface Autonaming {
  readonly mode?: string;
  readonly pattern?: string;
  readonly enforce?: boolean;
  readonly resources?: Readonly<Record<string, Autonaming>>;
  readonly providers?: Readonly<Record<string, Autonaming>>;
}

export interface Unnamed {
  /** `HttpNamespace` */
  readonly kind: string;
  /** The resource's. */
  readonly name: string;
  /** Whether a suffix would end in a DNS name or an id that others know. */
  readonly form: "verbatim" | "suffixed";
  readonly owner: string;
}

/** The same at every preview and update: a name that is drawn would differ, and hide what a crash left behind. */
export function automaticName({ kind, name, form, owner }: Unnamed): string | undefined {
  const { mode, pattern, enforce } = autonamingOf(kind);
  if (mode === "disabled") return undefined; // the program must name it
  if (mode === "verbatim") return name;
  if (pattern !== undefined && (enforce === true || form === "suffixed")) return expanded(pattern, name, owner);
  return form === "verbatim" ? name : `${name}-${digest(owner).slice(0, 7)}`;
}

/** The closest that is said: of the resource's type, of the provider, of all. */
function autonamingOf(kind: string): Autonaming {
  const all = new pulumi.Config("pulumi").getObject<Autonaming>("autonaming") ?? {};
  const own = all.providers?.cloudmap;
  const closest = own?.resources?.[`cloudmap:index:${kind}`];
  return closest ?? (own?.mode === undefined && own?.pattern === undefined ? all : own);
}

const alphabets: Readonly<Record<string, string>> = {
  hex: "0123456789abcdef",
  alphanum: "abcdefghijklmnopqrstuvwxyz0123456789",
  string: "abcdefghijklmnopqrstuvwxyz",
  num: "0123456789",
};

function expanded(pattern: string, name: string, owner: string): string {
  const known = {
    name,
    organization: pulumi.getOrganization(),
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
  };
  return pattern.replaceAll(
    /\$\{(?:(\w+)|(\w+)\((\d{1,3})\)|config\.([\w:.-]+))\}/g,
    (whole, word, kind, count, key) => {
      if (key !== undefined) return new pulumi.Config(key.split(":").slice(0, -1)[0]).require(key.split(":").at(-1));
      if (word === "uuid") return uuid(digest(`${owner} uuid`));
      if (word !== undefined) return Object.hasOwn(known, word) ? known[word as keyof typeof known] : whole;
      const letters = alphabets[kind];
      return letters === undefined ? whole : drawn(letters, Number(count), `${owner} ${whole}`);
    },
  );
}

/** As if drawn, and the same for the same seed. */
function drawn(letters: string, count: number, seed: string): string {
  const of = (index: number) => Number.parseInt(digest(`${seed} ${index}`).slice(0, 12), 16) % letters.length;
  return Array.from({ length: count }, (_, index) => letters[of(index)]).join("");
}

function uuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
