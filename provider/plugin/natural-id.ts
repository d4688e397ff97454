// Which resource an import means: by its id, or by the path of names from its namespace on.
import type { Client } from "../client.ts";
import { CallError } from "../failure.ts";
import { findNamespace } from "../functions/namespace.ts";
import { findService } from "../functions/service.ts";
import { instanceIdOf, parseInstanceId, shortId } from "../ids.ts";
import type { KindName } from "../kinds.ts";

const forms = {
  Service: "a service is srv-…, its ARN, or NAMESPACE/SERVICE by names",
  Instance: "an instance is srv-…/INSTANCE-ID, or NAMESPACE/SERVICE/INSTANCE-ID by names",
};

const namespaceForm = "a namespace is ns-…, its ARN, or its name";

/** `ns-…`, `srv-…`, `srv-…/instance`; or `namespace`, `namespace/service`, `namespace/service/instance`. */
export async function naturalId(kind: KindName, id: string, client: Client): Promise<string> {
  if (isOfOther(kind, id)) throw misspelt(kind, id);
  if (isNatural(id)) return kind === "Instance" || kind === "PrivateDnsNamespace" ? id : shortId(withoutVpc(id));
  if (kind !== "Service" && kind !== "Instance") return namespaceId(id, client);
  const [namespace = "", service = "", ...rest] = id.split("/");
  const instance = rest.join("/");
  if (namespace === "" || service === "" || (kind === "Instance" ? instance === "" : rest.length > 0)) {
    throw misspelt(kind, id);
  }
  const serviceId = await findService(service, await namespaceId(namespace, client), client);
  return kind === "Instance" ? instanceIdOf(serviceId, instance) : serviceId;
}

function misspelt(kind: KindName, id: string): CallError {
  const form = kind === "Service" || kind === "Instance" ? forms[kind] : namespaceForm;
  return new CallError("NotFound", `${JSON.stringify(id)} is none of its ids: ${form}`);
}

/** An id that Cloud Map has given to something of another kind: `srv-…/web-1` is no service. */
function isOfOther(kind: KindName, id: string): boolean {
  const own = withoutVpc(id);
  if (/^ns-[a-z0-9]{16}$/.test(own)) return kind === "Service" || kind === "Instance";
  if (/^srv-[a-z0-9]{16}$/.test(own)) return kind !== "Service";
  if (/^srv-[a-z0-9]{16}\//.test(id)) return kind !== "Instance";
  const of = /^arn:[^/]*:(namespace|service)\/[^/]+(\/.)?/.exec(id);
  if (of === null) return false;
  const named = of[1] === "namespace" ? "namespace" : of[2] === undefined ? "Service" : "Instance";
  return named !== (kind === "Service" || kind === "Instance" ? kind : "namespace");
}

/** Says whose an ARN is that is not found, where that is another account; else Pulumi says that there is nothing. */
export function refuseOthers(id: string, account: string | undefined): void {
  const owner = id.startsWith("arn:") ? id.split(":")[4] : undefined;
  if (owner === undefined || account === undefined || owner === account) return;
  throw new CallError(
    "NotFound",
    `it is of the account ${owner}, and this registry, which is that of ${account}, shares nothing of this ARN with it`,
  );
}

async function namespaceId(name: string, client: Client): Promise<string> {
  return (await findNamespace(name, client)).Id ?? "";
}

function isNatural(id: string): boolean {
  const parts = parseInstanceId(id);
  return /^(ns|srv)-[a-z0-9]+(:|$)/.test(id) || id.startsWith("arn:") || parts?.serviceId.startsWith("srv-") === true;
}

/** pulumi-aws imports private DNS namespaces by `ns-…:vpc-…`: to that kind the VPC says something, to others nothing. */
function withoutVpc(id: string): string {
  return id.startsWith("arn:") ? id : (id.split(":")[0] ?? id);
}
