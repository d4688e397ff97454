// Attributes are published to everybody who can discover a service: a Pulumi secret among them deserves a word.
import * as pulumi from "@pulumi/pulumi";

/** Warns, with the resource, of each attribute that is a secret; never fails the program. */
export function warnOfSecrets(attributes: pulumi.Input<object> | undefined, resource: pulumi.Resource): void {
  void findSecrets(attributes)
    .then((keys) => keys.map((key) => warn(key, resource)))
    .catch(() => undefined); // what made an output fail is told with that output
}

function warn(key: string, resource: pulumi.Resource): Promise<void> {
  return pulumi.log.warn(`${key} is a Pulumi secret, but everybody who can discover the service reads it.`, resource);
}

/** The keys of the attributes that are secrets; "attributes" where they are one output that is. */
export async function findSecrets(attributes: pulumi.Input<object> | undefined): Promise<readonly string[]> {
  const value = await attributes;
  if (value === undefined) return [];
  if (pulumi.Output.isInstance(value)) return (await pulumi.isSecret(value)) ? ["attributes"] : [];
  const entries = await Promise.all(
    Object.entries(value).map(async ([key, each]) => ((await isSecret(each)) ? [key] : [])),
  );
  return entries.flat();
}

async function isSecret(value: unknown): Promise<boolean> {
  return pulumi.Output.isInstance(value) && pulumi.isSecret(value);
}
