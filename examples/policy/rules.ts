// The rules of the policy pack, as functions: what is wrong with a resource, in sentences.

/** A resource as policies see it: with the inputs that its provider has checked. */
export interface Seen {
  readonly type: string;
  readonly urn: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** The URN of its parent. */
  readonly parent?: string | undefined;
}

/** `Service` of `cloudmap:index:Service` and of `pulumi-nodejs:dynamic/cloudmap:Service`: one kind, on two hosts. */
export function kindOf(type: string): string | undefined {
  return /^(?:cloudmap:index|pulumi-nodejs:dynamic\/cloudmap):(\w+)$/.exec(type)?.[1];
}

/** `tagsAll` has the default tags too. */
export function ownerIsNamed({ type, urn, props }: Seen): readonly string[] {
  if (!/Namespace$|^Service$/.test(kindOf(type) ?? "")) return [];
  const tags = (props.tagsAll ?? props.tags ?? {}) as Readonly<Record<string, string>>;
  return tags.owner ? [] : [`${nameOf(urn)} has no tag owner: set it, or cloudmap:defaultTags for all.`];
}

export function dnsOnlyInside({ type, urn }: Seen): readonly string[] {
  const [, , stack] = urn.split(/:+/);
  if (kindOf(type) !== "PublicDnsNamespace" || stack === "production") return [];
  return [`${nameOf(urn)} is a public DNS namespace in ${stack}: use a PrivateDnsNamespace there.`];
}

/** Its instances are children of the component; those without a weight are in none of its groups. */
export function weightsAddUp(
  resources: readonly Seen[],
): readonly { readonly message: string; readonly urn: string }[] {
  const weighed = resources.filter(({ type, props }) => kindOf(type) === "Instance" && weightOf(props) !== undefined);
  const components = new Set(weighed.flatMap(({ parent }) => (parent === undefined ? [] : [parent])));
  return [...components].flatMap((urn) => {
    const own = weighed.filter(({ parent }) => parent === urn);
    const sum = own.reduce((total, { props }) => total + Number(weightOf(props)), 0);
    return sum === 100 ? [] : [{ message: `The weights in ${nameOf(urn)} add up to ${sum}, and not to 100.`, urn }];
  });
}

function weightOf({ attributes }: Seen["props"]): string | undefined {
  return (attributes as Readonly<Record<string, string>> | undefined)?.CLOUDMAP_WEIGHT;
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
