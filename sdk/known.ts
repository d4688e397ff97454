// Chooses between outputs by what is known already: at a preview some are not, and Pulumi's own `apply` waits for all.
import * as pulumi from "@pulumi/pulumi";

/** The one of two outputs that is known; of two that are, what `choose` says; the second where none is. */
export function eitherOf<T>(
  first: pulumi.Output<T>,
  second: pulumi.Output<T>,
  choose: (first: T, second: T) => T,
): pulumi.Output<T> {
  const chosen = Promise.all([isKnown(first), isKnown(second)]).then(([known, otherKnown]) => {
    if (!known) return second;
    return otherKnown ? pulumi.all([first, second]).apply(([one, other]) => choose(one as T, other as T)) : first;
  });
  return pulumi.output(chosen) as pulumi.Output<T>;
}

/** Pulumi's outputs know it, and its types do not say so. */
export function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as { readonly isKnown: Promise<boolean> }).isKnown;
}
