// A program that registers what a JSON file says: the scenarios' resources, options and outputs.

const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");

const spec = JSON.parse(readFileSync(process.env.SPEC_FILE, "utf8"));
const made = new Map();

// The text that a dynamic provider is stored as; the behaviour itself stays in this folder.
const behaviour = `exports.handler = () => require(${JSON.stringify(`${__dirname}/behaviour.js`)})`;

class Custom extends pulumi.CustomResource {
  constructor(name, inputs, options) {
    super(
      `pulumi-nodejs:dynamic/spec:${spec.kind ?? "Thing"}`,
      name,
      { __provider: behaviour, computed: undefined, ...inputs },
      options,
    );
  }
}

class Component extends pulumi.ComponentResource {
  constructor(name, inputs, options) {
    super("spec:index:Component", name, inputs, options);
  }
}

// `=a.computed` is an output of the resource a, and {"$secret": x} a secret.
function value(given) {
  if (typeof given === "string" && /^=[\w-]+\.\w+$/.test(given)) {
    const [name, property] = given.slice(1).split(".");
    return made.get(name)[property];
  }
  if (Array.isArray(given)) return given.map(value);
  if (typeof given !== "object" || given === null) return given;
  if ("$secret" in given) return pulumi.secret(value(given.$secret));
  return Object.fromEntries(Object.entries(given).map(([key, item]) => [key, value(item)]));
}

const resource = (name) => made.get(name);
const links = {
  parent: resource,
  deletedWith: resource,
  dependsOn: (names) => names.map(resource),
  replaceWith: (names) => names.map(resource),
};

function option([key, given]) {
  if (key in links) return [key, links[key](given)];
  if (key !== "aliases") return [key, given];
  return [
    key,
    given.map((alias) =>
      typeof alias === "object" && "parent" in alias ? { ...alias, parent: resource(alias.parent) } : alias,
    ),
  ];
}

for (const { name, component, inputs = {}, options = {}, outputs } of spec.resources) {
  const resolved = Object.fromEntries(Object.entries(options).map(option));
  const kind = component ? Component : Custom;
  const own = component ? value(inputs) : { name, ...value(inputs) };
  made.set(name, new kind(name, own, resolved));
  if (outputs !== undefined) made.get(name).registerOutputs(value(outputs));
}
if (spec.throws) throw new Error(spec.throws);
for (const [key, given] of Object.entries(spec.outputs ?? {})) exports[key] = value(given);
