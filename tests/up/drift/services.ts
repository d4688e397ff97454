// What others can do to services.
import type { Input } from "../../../api/operations.ts";
import type { KindDrifts, Target } from "./table.ts";
import { adopt, forceDestroy, tags } from "./tags.ts";

type Change = Input<"UpdateService">["Service"];

const update =
  (Service: Change) =>
  ({ id, call }: Target) =>
    call("UpdateService", { Id: id, Service });

const aRecord = (TTL: number): Change => ({ DnsConfig: { DnsRecords: [{ Type: "A", TTL }] } });
const dnsConfig = { dnsRecords: [{ type: "A", ttl: 10 }] };
const two = {
  dnsRecords: [
    { type: "AAAA", ttl: 10 },
    { type: "A", ttl: 20 },
  ],
};
const probe = { type: "HTTP", resourcePath: "/up", failureThreshold: 3 };
const probed = { dnsConfig, healthCheckConfig: probe };

const declares = { attributes: { tier: "front", team: "web" } };
const set =
  (Attributes: Readonly<Record<string, string>>) =>
  ({ id, call }: Target) =>
    call("UpdateServiceAttributes", { ServiceId: id, Attributes });

export const services: KindDrifts = {
  "": [
    {
      others: "delete it",
      within: "http",
      meddle: ({ id, call }) => call("DeleteService", { Id: id }),
      refresh: "delete",
    },
    {
      others: "delete it with its namespace",
      within: "own",
      meddle: async ({ id, call }) => {
        const { Service } = await call("GetService", { Id: id });
        await call("DeleteService", { Id: id });
        return call("DeleteNamespace", { Id: Service?.NamespaceId ?? "" });
      },
      refresh: "delete",
    },
    {
      others: "delete it, and make one of the same name, which has the same id: its `generation` is another",
      within: "http",
      meddle: async ({ id, call }) => {
        const { Service: { Name = "", NamespaceId = "" } = {} } = await call("GetService", { Id: id });
        await call("DeleteService", { Id: id });
        return call("CreateService", { Name, NamespaceId });
      },
      refresh: "nothing",
      tells: "generation",
    },
  ],
  name: { never: "the API cannot change it" },
  namespaceId: { never: "the API cannot change it" },
  type: { never: "the API cannot change it" },
  description: [
    {
      others: "set another (in a DNS namespace)",
      within: "private",
      declares: { dnsConfig, description: "declared" },
      meddle: update({ ...aRecord(10), Description: "theirs" }),
      refresh: "update description",
    },
    {
      others: "clear it (in a DNS namespace)",
      within: "private",
      declares: { dnsConfig, description: "declared" },
      meddle: update({ ...aRecord(10), Description: "" }),
      refresh: "update description",
    },
    {
      others: "set one where the program has none (in a DNS namespace)",
      within: "public",
      declares: { dnsConfig },
      meddle: update({ ...aRecord(10), Description: "theirs" }),
      refresh: "update description",
    },
  ],
  dnsConfig: [
    {
      others: "set another TTL",
      within: "private",
      declares: { dnsConfig },
      meddle: update(aRecord(99)),
      refresh: "update dnsConfig.dnsRecords",
    },
    {
      others: "give the records in another order",
      within: "private",
      declares: { dnsConfig: two },
      meddle: update({
        DnsConfig: {
          DnsRecords: [
            { Type: "A", TTL: 20 },
            { Type: "AAAA", TTL: 10 },
          ],
        },
      }),
      refresh: "nothing",
    },
    {
      others: "remove the records, by an update that leaves them out",
      within: "private",
      declares: { dnsConfig, description: "declared" },
      meddle: update({ Description: "declared" }),
      refresh: "update dnsConfig",
      up: "replace dnsConfig",
    },
  ],
  healthCheckConfig: [
    {
      others: "set another path and threshold",
      within: "public",
      declares: probed,
      meddle: update({
        ...aRecord(10),
        HealthCheckConfig: { Type: "HTTP", ResourcePath: "/theirs", FailureThreshold: 5 },
      }),
      refresh: "update healthCheckConfig.failureThreshold healthCheckConfig.resourcePath",
    },
    {
      others: "set them back to the defaults",
      within: "public",
      declares: probed,
      meddle: update({ ...aRecord(10), HealthCheckConfig: { Type: "HTTP" } }),
      refresh: "update healthCheckConfig.failureThreshold healthCheckConfig.resourcePath",
    },
    {
      others: "remove it",
      within: "public",
      declares: probed,
      meddle: update(aRecord(10)),
      refresh: "update healthCheckConfig",
    },
    {
      others: "set one where the program has none",
      within: "public",
      declares: { dnsConfig },
      meddle: update({ ...aRecord(10), HealthCheckConfig: { Type: "TCP" } }),
      refresh: "update healthCheckConfig",
    },
  ],
  healthCheckCustomConfig: { never: "the API cannot change it" },
  attributes: [
    { others: "change one", declares, meddle: set({ tier: "back" }), refresh: "update attributes.tier" },
    {
      others: "remove one",
      declares,
      meddle: ({ id, call }) => call("DeleteServiceAttributes", { ServiceId: id, Attributes: ["tier"] }),
      refresh: "update attributes.tier",
    },
    { others: "add one", declares, meddle: set({ new: "1" }), refresh: "update attributes.new" },
    { others: "set one where the program declares none", meddle: set({ new: "1" }), refresh: "nothing" },
  ],
  tags,
  tagsAll: { never: "`tags` are a part of it, and reported with it" },
  forceDestroy,
  adopt,
};
