// Which resource an import means: by its id, or by the path of names from its namespace on.
import type { Client } from "../client.ts";
import { CallError } from "../failure.ts";
import { findNamespace } from "../functions/namespace.ts";
import { findService } from "../functions/service.ts";
import { instanceIdOf, parseInstanceId, shortId } from "../ids.ts";
import type { KindName } from "../kinds.ts";

const forms = {
  Service: "a service is srv-…, or NAMESPACE/SERVICE by names",
  Instance: "an instance is srv-…/INSTANCE-ID, or NAMESPACE/SERVICE/INSTANCE-ID by names",
};

/** `ns-…`, `srv-…`, `srv-…/instance`; or `namespace`, `namespace/service`, `namespace/service/instance`. */
export async function naturalId(kind: KindName, id: string, client: Client): Promise<string> {
  if (isNatural(id)) return kind === "Instance" || kind === "PrivateDnsNamespace" ? id : shortId(withoutVpc(id));
  if (kind !== "Service" && kind !== "Instance") return namespaceId(id, client);
  const [namespace = "", service = "", ...rest] = id.split("/");
  if (service === "" || (kind === "Instance") !== rest.length > 0) {
    throw new CallError("NotFound", `${JSON.stringify(id)}: ${forms[kind]}`);
  }
  const serviceId = await findService(service, await namespaceId(namespace, client), client);
  return kind === "Instance" ? instanceIdOf(serviceId, rest.join("/")) : serviceId;
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
