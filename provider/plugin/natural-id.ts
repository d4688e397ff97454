// Which resource an import means: by its id, or by the path of names from its namespace on.
import type { Client } from "../client.ts";
import { CallError } from "../failure.ts";
import { parseInstanceId, shortId } from "../ids.ts";
import type { KindName } from "../kinds.ts";

/** `ns-…`, `srv-…`, `srv-…/instance`; or `namespace`, `namespace/service`, `namespace/service/instance`. */
export async function naturalId(kind: KindName, id: string, client: Client): Promise<string> {
  if (isNatural(id)) return kind === "Instance" ? id : shortId(withoutVpc(id));
  const [namespace = "", service = "", ...rest] = id.split("/");
  if (kind !== "Service" && kind !== "Instance") return namespaceNamed(id, client);
  if (service === "" || (kind === "Instance") !== rest.length > 0)
    throw notFound(`${JSON.stringify(id)}: ${forms[kind]}`);
  const serviceId = await serviceNamed(service, await namespaceNamed(namespace, client), client);
  return kind === "Instance" ? `${serviceId}/${rest.join("/")}` : serviceId;
}

const forms = {
  Service: "a service is srv-…, or NAMESPACE/SERVICE by names",
  Instance: "an instance is srv-…/INSTANCE-ID, or NAMESPACE/SERVICE/INSTANCE-ID by names",
};

function isNatural(id: string): boolean {
  return (
    /^(ns|srv)-[a-z0-9]+(:|$)/.test(id) ||
    id.startsWith("arn:") ||
    parseInstanceId(id)?.serviceId.startsWith("srv-") === true
  );
}

/** pulumi-aws imports private DNS namespaces by `ns-…:vpc-…`. */
function withoutVpc(id: string): string {
  return id.startsWith("arn:") ? id : (id.split(":")[0] ?? id);
}

async function namespaceNamed(name: string, client: Client): Promise<string> {
  const found = [];
  for await (const { Namespaces = [] } of pages((NextToken) =>
    client.call("ListNamespaces", { Filters: [{ Name: "NAME", Values: [name] }], ...NextToken }),
  ))
    found.push(...Namespaces.filter((each) => each.Name === name));
  return only(found, `namespace ${JSON.stringify(name)}`);
}

async function serviceNamed(name: string, namespace: string, client: Client): Promise<string> {
  const found = [];
  for await (const { Services = [] } of pages((NextToken) =>
    client.call("ListServices", { Filters: [{ Name: "NAMESPACE_ID", Values: [namespace] }], ...NextToken }),
  ))
    found.push(...Services.filter((each) => each.Name === name));
  return only(found, `service ${JSON.stringify(name)} in ${namespace}`);
}

async function* pages<P extends { readonly NextToken?: string | undefined }>(
  ask: (token: { NextToken?: string }) => Promise<P>,
): AsyncGenerator<P> {
  let token: string | undefined;
  do {
    const page = await ask(token === undefined ? {} : { NextToken: token });
    yield page;
    token = page.NextToken;
  } while (token !== undefined);
}

function only(found: readonly { readonly Id?: string | undefined }[], what: string): string {
  const [first, second] = found;
  if (first?.Id === undefined) throw notFound(`there is no ${what}`);
  if (second !== undefined) {
    throw new CallError(
      "Ambiguous",
      `there is more than one ${what}: ${found.map(({ Id }) => Id).join(", ")}; name one of these ids`,
    );
  }
  return first.Id;
}

function notFound(message: string): CallError {
  return new CallError("NotFound", message);
}
