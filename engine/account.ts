/** Accounts: whose a resource is, who sees it, and which one an id or an ARN names. */
import { arnOf, type Context } from "./context.ts";
import type { Owned } from "./records.ts";

export type Kind = "namespace" | "service";

/** The account that owns a resource: its namespace's, whoever made it. */
export function ownerOf({ Owner }: Owned, { home }: Context): string {
  return Owner ?? home;
}

/** What the record of a resource keeps of its owner: nothing where that is the registry's own account. */
export function ownedBy(account: string, { home }: Context): Owned {
  return account === home ? {} : { Owner: account };
}

/** What a record keeps of who made it: nothing where that is its owner. */
export function createdBy(owned: Owned, context: Context): { readonly CreatedBy?: string } {
  return context.account === ownerOf(owned, context) ? {} : { CreatedBy: context.account };
}

/** "The account that created the service", or that registered the instance. */
export function creatorOf({ CreatedBy }: { readonly CreatedBy?: string }, owned: Owned, context: Context): string {
  return CreatedBy ?? ownerOf(owned, context);
}

/** In whose names names and tokens are unique: part of their keys, and nothing for the registry's own account. */
export function scopeOf({ account, home }: Pick<Context, "account" | "home">): string {
  return account === home ? "" : account;
}

export function arnOfOwned(context: Context, kind: Kind, { Id, Owner }: Owned & { readonly Id: string }): string {
  return arnOf({ region: context.region, account: Owner ?? context.home }, kind, Id);
}

export interface Reference {
  readonly id: string;
  readonly account: string;
}

/**
 * An id names what is the caller's own; "for namespaces shared with your account, specify the ARN". An ARN of another
 * region or kind is taken for an id, and so is found nowhere.
 */
export function referenceOf({ region, account }: Context, kind: Kind, idOrArn: string): Reference {
  const parts = idOrArn.startsWith("arn:") ? idOrArn.split(":") : [];
  const [, , , , owner = ""] = parts;
  const prefix = arnOf({ region, account: owner }, kind, "");
  return parts.length > 0 && idOrArn.startsWith(prefix)
    ? { id: idOrArn.slice(prefix.length), account: owner }
    : { id: idOrArn, account };
}

/** Whether the caller sees what is in a namespace: it is its account's own, or shared with it. */
export function sees(context: Context, namespaceId: string, owned: Owned): boolean {
  return ownerOf(owned, context) === context.account || context.shared(namespaceId) !== undefined;
}

/** Whether a reference names this very resource, and the caller sees it. */
export function names(context: Context, { account }: Reference, namespaceId: string, owned: Owned): boolean {
  return ownerOf(owned, context) === account && sees(context, namespaceId, owned);
}
