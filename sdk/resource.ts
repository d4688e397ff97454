// What the resource classes share: how they register as dynamic providers, who owns them, what a program hands over.
import * as pulumi from "@pulumi/pulumi";
import { hiddenInputs } from "./hidden.ts";

/** The kinds by the subpath of the package that hosts them: both are in users' states, and stay for ever. */
export const subpaths = {
  HttpNamespace: "http-namespace",
  PrivateDnsNamespace: "private-dns-namespace",
  PublicDnsNamespace: "public-dns-namespace",
  Service: "service",
  Instance: "instance",
} as const;

export type KindName = keyof typeof subpaths;

/** What `pulumi.dynamic.Resource` registers for a resource of module `cloudmap`. */
export function typeOf(kind: KindName): string {
  return `pulumi-nodejs:dynamic/cloudmap:${kind}`;
}

/** The text that Pulumi keeps as the resource's provider and evaluates: it loads the package that is installed then. */
function providerText(kind: KindName): string {
  return `exports.handler=()=>require("pulumi-cloudmap/dynamic/${subpaths[kind]}")`;
}

/** Who does the work: a dynamic provider, for which the npm package is enough; or the plugin `pulumi-resource-cloudmap`. */
export type Host = "dynamic" | "plugin";

interface Registration {
  readonly host: Host;
  readonly kind: KindName;
  readonly name: string;
  /** The program's inputs; all outputs are among the keys, for Pulumi fills only those. */
  readonly inputs: pulumi.Inputs;
  /** The name that the resource gets where the program gives none, and whether it needs a suffix to be unique. */
  readonly autoName?: "verbatim" | "suffixed";
  /** What is known of the parent that the program handed over as a resource. */
  readonly parent?: pulumi.Inputs | undefined;
  readonly options: pulumi.CustomResourceOptions;
}

/** What a resource registers as; its type on the other host is an alias, so that a stack can move between them. */
export function registrationOf(
  registration: Registration,
): [string, string, pulumi.Inputs, pulumi.CustomResourceOptions] {
  const { host, kind, name, options } = registration;
  const [type, other] = host === "plugin" ? [pluginType(kind), typeOf(kind)] : [typeOf(kind), pluginType(kind)];
  const inputs = host === "plugin" ? pluginInputs(registration) : dynamicInputs(registration);
  const aliases = [...(options.aliases ?? []), { type: other }];
  return [type, name, inputs, { ...options, aliases }];
}

/** The type token of the plugin's resources. */
export function pluginType(kind: KindName): string {
  return `cloudmap:index:${kind}`;
}

/** Of a resource that is only read (`get`) there are no inputs but the provider. */
function dynamicInputs({ kind, name, inputs, autoName, parent, options }: Registration): pulumi.Inputs {
  if (options.import !== undefined) throw cannotImport(kind, name);
  const registered = { ...inputs, __provider: providerText(kind) };
  if (options.id !== undefined) return registered;
  return { ...registered, __own: hiddenInputs({ type: typeOf(kind), name, autoName, parent, options }) };
}

/** The SDK's dynamic provider evaluates text that an import does not give it, and ends in "code must be a string". */
function cannotImport(kind: KindName, name: string): pulumi.RunError {
  const instead =
    '`adopt: true` among its properties takes it over, and "pulumi-cloudmap/plugin" has the same class, which can import';
  return new pulumi.RunError(`${kind} ${name}: Pulumi's dynamic providers cannot \`import\`. ${instead}.`);
}

/** Pulumi tells the plugin all that it has to know, but for what the parent is like that was handed over. */
function pluginInputs({ inputs, parent, options }: Registration): pulumi.Inputs {
  return parent === undefined || options.id !== undefined ? inputs : { ...inputs, __parent: parent };
}

/** A parent as a program names it: the resource itself, or its id or ARN. */
export type Parent<R extends pulumi.CustomResource> = pulumi.Input<string> | R;

/** One of these texts; also a text of which the compiler does not know which it is, which the preview judges. */
export type OneOf<T extends string> = T | (string & {});

/** The id of a parent. */
export function idOf<R extends pulumi.CustomResource>(parent: Parent<R> | undefined): pulumi.Input<string> | undefined {
  return pulumi.CustomResource.isInstance(parent) ? parent.id : parent;
}
