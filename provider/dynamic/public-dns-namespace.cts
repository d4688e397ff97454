// The dynamic provider of public DNS namespaces: CommonJS, for the text in a user's state requires it; what it does is loaded when it is called.
import type { dynamic } from "@pulumi/pulumi";

type Provider = Required<dynamic.ResourceProvider>;

const hosted = async () => (await import("./host.ts")).hosted("PublicDnsNamespace");

module.exports = {
  configure: async (request) => (await hosted()).configure(request),
  check: async (olds, news) => (await hosted()).check(olds, news),
  diff: async (id, olds, news) => (await hosted()).diff(id, olds, news),
  create: async (inputs) => (await hosted()).create(inputs),
  read: async (id, props) => (await hosted()).read(id, props),
  update: async (id, olds, news) => (await hosted()).update(id, olds, news),
  delete: async (id, props) => (await hosted()).delete(id, props),
} satisfies Provider;
