/** An engine with DNS for a test, and the namespaces and services that it answers for. */
import type { Input } from "../../api/operations.ts";
import type { EngineOptions } from "../../engine/engine.ts";
import { call, makeService, namespaceOf, type Running, start } from "../engine/running.ts";

export interface Served extends Running {
  /** Where DNS listens. */
  readonly dns: string;
  makePrivate(Name: string, Vpc?: string, soaTtl?: number): Promise<string>;
  makePublic(Name: string, soaTtl?: number): Promise<string>;
  /** A service with records, such as `A 60` or `SRV 10`. */
  makeRecords(namespace: string, name: string, records: readonly string[], more?: More): Promise<string>;
}

type More = Partial<Input<"CreateService">> & { readonly routing?: "MULTIVALUE" | "WEIGHTED" };

type DnsOptions = NonNullable<EngineOptions["dns"]>;

/** By default DNS runs in the thread of the test, on the clock that the test moves. */
export async function serve(dns: Partial<DnsOptions> = {}, more: Partial<EngineOptions> = {}): Promise<Served> {
  const engine = await start({ dns: { listen: ["127.0.0.1:0"], threads: 0, ...dns }, ...more });
  const soa = (TTL: number | undefined) =>
    TTL === undefined ? {} : { Properties: { DnsProperties: { SOA: { TTL } } } };
  return Object.defineProperties(engine as Served, {
    dns: { get: () => engine.engine.dns.addresses[0] ?? "" },
    makePrivate: {
      value: async (Name: string, Vpc = "vpc-1", ttl?: number) =>
        namespaceOf(engine, await call(engine, "CreatePrivateDnsNamespace", { Name, Vpc, ...soa(ttl) })),
    },
    makePublic: {
      value: async (Name: string, ttl?: number) =>
        namespaceOf(engine, await call(engine, "CreatePublicDnsNamespace", { Name, ...soa(ttl) })),
    },
    makeRecords: {
      value: (namespace: string, name: string, records: readonly string[], { routing, ...others }: More = {}) =>
        makeService(engine, namespace, name, {
          DnsConfig: {
            DnsRecords: records.map((text) => {
              const [Type, TTL] = text.split(" ");
              return { Type: Type as "A", TTL: Number(TTL) }; // what the test wrote
            }),
            ...(routing && { RoutingPolicy: routing }),
          },
          ...others,
        }),
    },
  });
}
