// A program that registers what a JSON file says, with a provider plugin.

const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");

const spec = JSON.parse(readFileSync(process.env.SPEC_FILE, "utf8"));
const made = new Map();

class Thing extends pulumi.CustomResource {
  constructor(name, inputs, options) {
    super("plug:index:Thing", name, { computed: undefined, stable: undefined, late: undefined, ...inputs }, options);
  }
}

class Provider extends pulumi.ProviderResource {
  constructor(name, inputs, options) {
    super("plug", name, inputs, options);
  }
}

// `=a.computed` is an output of the resource a, {"$secret": x} a secret, {"$invoke": question} an answer,
// {"$attempt": question} an answer or why there is none.
function value(given) {
  if (typeof given === "string" && /^=[\w-]+\.\w+$/.test(given)) {
    const [name, property] = given.slice(1).split(".");
    return made.get(name)[property];
  }
  if (typeof given !== "object" || given === null) return given;
  if ("$secret" in given) return pulumi.secret(value(given.$secret));
  if ("$invoke" in given) return pulumi.output(ask(given.$invoke));
  if ("$attempt" in given) return pulumi.output(ask(given.$attempt).catch(({ message }) => message));
  return Object.fromEntries(Object.entries(given).map(([key, item]) => [key, value(item)]));
}

async function ask(question) {
  const { answer } = await pulumi.runtime.invoke("plug:index:ask", { question });
  return answer;
}

for (const { name, component: isProvider, inputs = {}, options = {} } of spec.resources) {
  const provider = options.provider === undefined ? {} : { provider: made.get(options.provider) };
  made.set(name, new (isProvider ? Provider : Thing)(name, value(inputs), { ...options, ...provider }));
}
for (const [key, given] of Object.entries(spec.outputs ?? {})) exports[key] = value(given);
