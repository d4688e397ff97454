// What the scenarios for any registry have in common.
import { expect } from "chai";
import type { Props } from "../../provider/casing.ts";
import type { Kind, Resource } from "../../provider/kind.ts";
import { httpNamespace, privateDnsNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import type { Workbench } from "./workbench.ts";

export interface Scenario {
  readonly title: string;
  /** Each has names of its own. */
  readonly run: (bench: Workbench, name: string) => Promise<unknown>;
  /** Why moto 5.2 cannot take it. */
  readonly moto?: string;
}

export const zone = (ttl: number) => ({ dnsProperties: { soa: { ttl } } });
export const records = (ttl: number) => ({ dnsRecords: [{ type: "A", ttl }] });
export const address = { AWS_INSTANCE_IPV4: "192.0.2.1" };

/** What was made is read as it was given, then changed to what is wanted, and gone in the end. */
export async function lives(bench: Workbench, kind: Kind, ...news: readonly Props[]): Promise<void> {
  const [first = {}, ...later] = news;
  let made = await bench.make(kind, first);
  expect(await bench.look(kind, made)).to.deep.equal(made);
  for (const each of later) {
    made = await bench.change(kind, made, each);
    expect(await bench.look(kind, made)).to.deep.equal(made);
  }
  await bench.remove(kind, made);
  expect(await bench.look(kind, made)).to.equal(undefined);
  await bench.remove(kind, made);
}

export const inHttp = (bench: Workbench, name: string, more: Props = {}) =>
  bench.make(httpNamespace, { name, ...more });
export const inDns = (bench: Workbench, name: string) => bench.make(privateDnsNamespace, { name, vpc: `vpc-${name}` });

/** A service of an HTTP namespace, for instances. */
export async function home(bench: Workbench, name: string, more: Props = {}): Promise<Resource> {
  return bench.make(service, { name, namespaceId: (await inHttp(bench, name)).id, ...more });
}

export function register(bench: Workbench, ServiceId: string, InstanceId: string) {
  return bench.session.client.call("RegisterInstance", { ServiceId, InstanceId, Attributes: address });
}
