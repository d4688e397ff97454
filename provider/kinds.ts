// The whole provider on one screen: every kind by the name of its type token.
import { instance } from "./instance.ts";
import type { Kind } from "./kind.ts";
import { httpNamespace, privateDnsNamespace, publicDnsNamespace } from "./namespace.ts";
import { service } from "./service.ts";

export const kinds = {
  HttpNamespace: httpNamespace,
  PrivateDnsNamespace: privateDnsNamespace,
  PublicDnsNamespace: publicDnsNamespace,
  Service: service,
  Instance: instance,
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;
