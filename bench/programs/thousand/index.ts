// One program on four providers: ours on both hosts; and an ordinary dynamic provider whose code is written here, and a plugin, which do nothing.
import * as pulumi from "@pulumi/pulumi";
import * as cloudmap from "pulumi-cloudmap";
import * as onPlugin from "pulumi-cloudmap/plugin";

const inlined: pulumi.dynamic.ResourceProvider = {
  async check(_olds, news) {
    return { inputs: news, failures: [] };
  },
  async diff(_id, olds, news) {
    const { __provider: _before, ...before } = olds;
    const { __provider: _after, ...after } = news;
    return { changes: JSON.stringify(before) !== JSON.stringify(after) };
  },
  async create(inputs) {
    return { id: `noop-${Math.random()}`, outs: inputs };
  },
  async read(id, props) {
    const { __provider: _code, ...inputs } = props;
    return { id, props, inputs };
  },
  async update(_id, _olds, news) {
    return { outs: news };
  },
  async delete() {},
};

type Args = Record<string, unknown>;
type Kind = "HttpNamespace" | "Service" | "Instance";
type Make = (kind: Kind, name: string, args: Args) => pulumi.CustomResource;

class Inlined extends pulumi.dynamic.Resource {
  constructor(kind: string, name: string, args: Args) {
    super(inlined, name, args, {}, "noop", kind);
  }
}

class Plugged extends pulumi.CustomResource {
  constructor(kind: string, name: string, args: Args) {
    super(`noop:index:${kind}`, name, args);
  }
}

// Their arguments differ; `Make` is what the providers have in common.
type Kinds = Readonly<Record<Kind, new (name: string, args: Args) => pulumi.CustomResource>>;
const ours = cloudmap as unknown as Kinds;
const hosted = onPlugin as unknown as Kinds;

const makers: Readonly<Record<string, Make>> = {
  ours: (kind, name, args) => new ours[kind](name, args),
  hosted: (kind, name, args) => new hosted[kind](name, args),
  inlined: (kind, name, args) => new Inlined(kind, name, args),
  plugin: (kind, name, args) => new Plugged(kind, name, args),
};

const { BENCH_PROVIDER = "ours", BENCH_COUNT = "1000", BENCH_SERVICES = "1" } = process.env;
const make = makers[BENCH_PROVIDER];
if (make === undefined) throw new Error(`BENCH_PROVIDER is one of ${Object.keys(makers).join(", ")}`);

const shop = make("HttpNamespace", "shop", { name: "shop" });
const names = Array.from({ length: Number(BENCH_SERVICES) }, (_, index) => (index === 0 ? "web" : `web${index}`));
const services = names.map((name) => make("Service", name, { name, namespaceId: shop.id }));
for (let index = 0; index < Number(BENCH_COUNT); index++) {
  const attributes = { AWS_INSTANCE_IPV4: `10.0.${index >> 8}.${index & 255}`, AWS_INSTANCE_PORT: "8080" };
  const serviceId = services[index % services.length]?.id;
  make("Instance", `web-${index}`, { instanceId: `web-${index}`, serviceId, attributes });
}
