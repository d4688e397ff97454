/** How pages name namespaces and services: by their ids, and those that another account shares by their ARNs. */

interface Named {
  readonly Id?: string | undefined;
  readonly Arn?: string | undefined;
}

/** What the API is told, of a reader's account. */
export function referenceOf({ Id = "", Arn = "" }: Named, account: string): string {
  return Arn === "" || ownerIn(Arn) === account ? Id : Arn;
}

/** That of the namespace that a service is in. */
export function parentOf(service: Named & { readonly NamespaceId?: string }, account: string): string {
  const { Arn = "", NamespaceId = "" } = service;
  return referenceOf({ Id: NamespaceId, Arn: Arn.replace(/:service\/.*/, `:namespace/${NamespaceId}`) }, account);
}

/** `arn:aws:servicediscovery:REGION:ACCOUNT:…` */
const ownerIn = (arn: string): string | undefined => arn.split(":")[4];

export const namespacePath = (reference: string): string => `/namespaces/${encodeURIComponent(reference)}`;
export const servicePath = (reference: string): string => `/services/${encodeURIComponent(reference)}`;
