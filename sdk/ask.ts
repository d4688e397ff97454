// How the functions reach the registry: in the program's own process, or through an explicit provider of the plugin.
import * as pulumi from "@pulumi/pulumi";
import type { FunctionName } from "../provider/dynamic/functions.ts";

/** With a `provider`, or a `parent` that has one for this package, the plugin is asked; else the stack's own registry. */
export async function ask<R>(name: FunctionName, args: object, options: pulumi.InvokeOptions = {}): Promise<R> {
  const provider = options.provider ?? options.parent?.getProvider(`cloudmap:index:${name}`);
  if (provider !== undefined) return pulumi.runtime.invoke(`cloudmap:index:${name}`, { ...args }, options).catch(tell);
  const { answer } = await import("../provider/dynamic/functions.ts"); // most programs ask nothing
  const config = new pulumi.Config("cloudmap");
  const found = await answer(name, { ...args }, (key) => config.get(key.slice("cloudmap:".length))).catch(tell);
  return found as R; // what a function answers is its own output type
}

/** Pulumi prints the stack of an error that ends the program, but not of its own RunError: what is said is all there is to it. */
function tell(error: unknown): never {
  if (!(error instanceof Error)) throw error;
  throw Object.assign(new pulumi.RunError(error.message), {
    cause: error,
    ...("code" in error && { code: error.code }),
  });
}

/** At preview, a question about something that is still to be made is not asked: its answer is not known yet. */
export function askOutput<R>(
  name: FunctionName,
  args: object,
  { dependsOn = [], ...options }: pulumi.InvokeOutputOptions = {},
): pulumi.Output<R> {
  const asked = pulumi.output({ ...args });
  const made = pulumi.output(dependencies(asked, dependsOn));
  return pulumi.all([asked, made]).apply(([known]) => ask<R>(name, known, options)) as pulumi.Output<R>;
}

/** The ids of all resources that a question depends on: by its arguments, or because the program says so. */
async function dependencies(
  asked: pulumi.Output<unknown>,
  dependsOn: NonNullable<pulumi.InvokeOutputOptions["dependsOn"]>,
): Promise<pulumi.Output<string>[]> {
  const said = await Promise.all([dependsOn].flat());
  const { allResources } = asked as WithResources;
  const resources = new Set([...((await allResources?.()) ?? []), ...said]);
  return [...resources].flatMap((each) => (pulumi.CustomResource.isInstance(each) ? [each.id] : []));
}

/** Every output has it, but for its published type (sdk/nodejs/output.ts). */
interface WithResources extends pulumi.Output<unknown> {
  readonly allResources?: () => Promise<Iterable<pulumi.Resource>>;
}
