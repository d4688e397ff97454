// What the kill tests deploy, and what the registry must have then: all of it, once, and nothing else.
import { call } from "../engine/running.ts";
import { instance, namespace, type Spec, service } from "./spec.ts";

export const spec = (zone: string): Spec => ({
  resources: [namespace("shop"), service("web", "shop"), instance("web-1", "web", { zone })],
});

export const whole = (zone: string) => ["shop", "web", `web-1 in zone ${zone}`];

/** All that the registry has, by name. */
export async function contents(engine: { readonly url: string }): Promise<(string | undefined)[]> {
  const { Namespaces = [] } = await call(engine, "ListNamespaces", {});
  const { Services = [] } = await call(engine, "ListServices", {});
  const instances = await Promise.all(
    Services.map(
      async ({ Id: ServiceId = "" }) => (await call(engine, "ListInstances", { ServiceId })).Instances ?? [],
    ),
  );
  return [
    ...Namespaces.map(({ Name }) => Name),
    ...Services.map(({ Name }) => Name),
    ...instances.flat().map(({ Id, Attributes = {} }) => `${Id} in zone ${Attributes.zone}`),
  ];
}
