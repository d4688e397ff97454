// Ids: what an ARN names, and the id by which an instance is known in state and import: `srv-…/instance-id`.

/** `ns-…` or `srv-…` of an id or an ARN: the two name the same thing. */
export function shortId(idOrArn: string): string {
  return idOrArn.startsWith("arn:") ? idOrArn.slice(idOrArn.lastIndexOf("/") + 1) : idOrArn;
}

/** An instance's own id is unique in its service only; pulumi-aws imports instances by this form. */
export function instanceIdOf(serviceId: string, instanceId: string): string {
  return `${shortId(serviceId)}/${instanceId}`;
}

/** The parts of an instance's id; instance ids may contain slashes, service ids do not, ARNs have one. */
export function parseInstanceId(id: string): { serviceId: string; instanceId: string } | undefined {
  const parts = /^(arn:[^/]+\/[^/]+|[^/]+)\/(.+)$/.exec(id);
  return parts === null ? undefined : { serviceId: parts[1] ?? "", instanceId: parts[2] ?? "" };
}

/** How a thing is named to the registry: what is in another account's namespace by its ARN, for an id means one's own. */
export function callNameOf(id: string, arn: unknown, account: string | undefined): string {
  const isOthers = typeof arn === "string" && account !== undefined && arn.split(":")[4] !== account;
  return isOthers ? arn : id;
}
