// The scenarios' dynamic provider: notes every call, and behaves as a JSON file says the world is.

const { appendFileSync, existsSync, readFileSync } = require("node:fs");

const own = (properties) =>
  Object.fromEntries(Object.entries(properties ?? {}).filter(([key]) => key !== "__provider"));

function world() {
  const file = process.env.SPEC_WORLD;
  return file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

function note(method, name, more) {
  appendFileSync(process.env.SPEC_LOG, `${JSON.stringify({ method, name, ...more })}\n`);
}

function failIfTold(method, properties) {
  const told = world().fail?.[properties.name];
  if (told === undefined || told.method !== method) return;
  if (!told.partial) throw new Error(told.message);
  const error = new Error(told.message);
  const outs = { ...properties, computed: "half" };
  throw Object.assign(error, { id: `half-${properties.name}`, properties: outs, reasons: [told.message] });
}

// Waits while the world says that this resource is held up.
async function heldUp(name) {
  while (world().hold?.includes(name)) await new Promise((proceed) => setTimeout(proceed, 20));
}

const outputsOf = (inputs) => ({
  ...inputs,
  computed: `${inputs.name}-${inputs.v ?? ""}`,
  counted: Object.keys(inputs).length,
});

module.exports = {
  async check(olds, news) {
    note("check", news.name, { olds: own(olds), news: own(news) });
    failIfTold("check", news);
    const failures = news.invalid ? [{ property: "invalid", reason: news.invalid }] : [];
    return { inputs: { defaulted: olds.defaulted ?? "first", ...news }, failures };
  },
  async diff(id, olds, news) {
    note("diff", olds.name, { id, news: own(news) });
    const keys = [...new Set([...Object.keys(own(news)), ...Object.keys(own(olds))])].filter(
      (key) => !["computed", "counted"].includes(key),
    );
    const changed = keys.filter((key) => JSON.stringify(news[key]) !== JSON.stringify(olds[key]));
    return {
      changes: news.vague ? undefined : changed.length > 0,
      replaces: changed.filter((key) => key.startsWith("r")),
      deleteBeforeReplace: news.dbr === true,
    };
  },
  async create(inputs) {
    note("create", inputs.name, { news: own(inputs) });
    await heldUp(inputs.name);
    failIfTold("create", inputs);
    return { id: `id-${inputs.name}-${inputs.r ?? "0"}`, outs: outputsOf(inputs) };
  },
  async read(id, properties) {
    note("read", properties.name, { id });
    failIfTold("read", properties);
    const { gone = [], drift = {} } = world();
    if (gone.includes(properties.name)) return { id: "", props: {} };
    const props = { ...properties, ...drift[properties.name] };
    const { computed, counted, ...inputs } = props;
    return { id, props, inputs };
  },
  async update(id, _olds, news) {
    note("update", news.name, { id, news: own(news) });
    failIfTold("update", news);
    return { outs: outputsOf(news) };
  },
  async delete(id, properties) {
    note("delete", properties.name, { id });
    failIfTold("delete", properties);
  },
};
