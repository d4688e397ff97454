// The alert rules, the dashboard and the page about them name only what the engine measures, and Prometheus takes the rules.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { parse } from "yaml";
import { call, makeNamespace, makeService, register, start } from "../engine/running.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const rulesFile = fileURLToPath(new URL("../../monitoring/alerts.yml", import.meta.url));

/** What an engine measures: the metrics' names, and the labels that go with each. */
async function measured(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  await using engine = await start({ auditLog: "/dev/null" });
  const service = await makeService(engine, await makeNamespace(engine, "demo"), "web");
  await register(engine, service, "i");
  await call(engine, "DiscoverInstances", { NamespaceName: "demo", ServiceName: "web" });
  const text = await (await fetch(`${engine.url}/metrics`)).text();
  const found = new Map<string, Set<string>>([["up", new Set()]]);
  const add = (name: string, labels: string) => {
    const known = found.get(name) ?? new Set(["instance", "job"]); // Prometheus's own
    found.set(name, known);
    for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
  };
  for (const [, name = "", type] of text.matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
    for (const part of type === "histogram" ? ["_bucket", "_sum", "_count"] : [""]) add(name + part, "");
  }
  for (const [, name = "", labels = ""] of text.matchAll(/^(\w+)\{([^}]*)\}/gm)) add(name, labels);
  // Nobody has asked by DNS: what its samples would be labelled with.
  add("cloudmap_dns_queries_total", 'zone="" type="" rcode=""');
  return found;
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: Readonly<Record<"x" | "y" | "w" | "h", number>>;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const rules: readonly Rule[] = parse(read("monitoring/alerts.yml")).groups.flatMap(
  (group: { rules: Rule[] }) => group.rules,
);
const dashboard = JSON.parse(read("monitoring/dashboard.json"));
const panels: readonly Panel[] = dashboard.panels;
const panelExpressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const queries = [...rules.map(({ expr }) => expr), ...panelExpressions];

const words = new Set([
  "sum",
  "by",
  "rate",
  "min_over_time",
  "and",
  "or",
  "ignoring",
  "group_left",
  "histogram_quantile",
]);
for (const word of ["max", "topk", "increase", "offset", "__rate_interval", "max_over_time"]) words.add(word);

/** The metrics that an expression of PromQL names, with the labels that it asks each for. */
function namedIn(query: string): [metric: string, labels: string[]][] {
  const bare = query.replaceAll(/\b(?:by|ignoring)\s*\([^)]*\)/g, " "); // labels, not metrics
  const metrics = [...bare.replaceAll(/\[[^\]]*\]/g, "").matchAll(/\b([a-z_][a-z_0-9]*)\b(?:\{([^}]*)\})?/gi)];
  return withoutText(metrics)
    .filter(([name]) => !words.has(name))
    .map(([name, selector]) => [
      name,
      [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = ""]) => label),
    ]);
}

function withoutText(found: readonly RegExpMatchArray[]): [string, string][] {
  return found
    .map(([, name = "", selector = ""]): [string, string] => [name, selector])
    .filter(([name]) => !/^\d|^[a-z]$|^\d*[smhd]$/.test(name));
}

/** The labels by which an expression groups. */
const groupedBy = (query: string) =>
  [...query.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/));

describe("what watches over the engine", () => {
  let known: ReadonlyMap<string, ReadonlySet<string>>;
  before(async () => {
    known = await measured();
  });

  it("names metrics and labels that exist", () => {
    for (const query of queries) {
      const named = namedIn(query);
      expect(named, query).not.to.be.empty;
      const labels = new Set<string>();
      for (const [metric, asked] of named) {
        expect([...known.keys()], query).to.include(metric);
        for (const label of known.get(metric) ?? []) labels.add(label);
        if (metric !== "up") for (const label of asked) expect([...labels], query).to.include(label);
      }
      for (const label of groupedBy(query)) expect([...labels, "le"], query).to.include(label);
    }
  });

  it("would notice a name that does not exist", () => {
    expect(namedIn('sum by (a, b) (rate(cloudmap_none{x="y",z=~"1|2"}[5m] offset 5m)) > 0.5')).to.deep.equal([
      ["cloudmap_none", ["x", "z"]],
    ]);
  });

  it("uses all of the metrics that are ours, on the dashboard or in an alert, but a few that are for looking up", () => {
    const used = new Set(queries.flatMap((query) => namedIn(query).map(([name]) => name)));
    const lookedUp = ["build_info", "operations", "revision", "dns_answers_total", "store_commit_writes_bucket"];
    const ours = [...known.keys()].filter((name) => name.startsWith("cloudmap_"));
    const unused = ours.filter((name) => !used.has(name) && !/_(sum|count)$/.test(name));
    expect(unused.toSorted()).to.deep.equal(lookedUp.map((name) => `cloudmap_${name}`).toSorted());
  });

  it("is documented, each metric and each alert, and nothing that is not there", () => {
    const page = read("docs/monitoring.md");
    const families = [...known.keys()].filter((name) => name.startsWith("cloudmap_"));
    const base = new Set(families.map((name) => name.replace(/_(bucket|sum|count)$/, "")));
    for (const name of base) expect(page).to.include(`\`${name}\``);
    const mentioned = [...page.matchAll(/`(cloudmap_\w+)`/g)].map(([, name = ""]) => name);
    expect(mentioned.filter((name) => !base.has(name))).to.deep.equal([]);
    const alerts = rules.map(({ alert }) => alert);
    const explained = [...page.matchAll(/`(Cloudmap\w+)`/g)].map(([, name = ""]) => name);
    expect([...new Set(explained)].toSorted()).to.deep.equal(alerts.toSorted());
  });

  it("says in each alert what is wrong and how bad it is", () => {
    for (const { alert, annotations, labels } of rules) {
      expect(annotations.summary, alert).to.match(/\w/);
      expect(annotations.description, alert).to.match(/\.$/);
      expect(["warning", "critical"]).to.include(labels.severity);
    }
  });

  it("has panels that do not overlap, each with an id of its own", () => {
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length);
    for (const [at, { gridPos: a, title }] of panels.entries()) {
      expect(a.x + a.w, title).to.be.at.most(24);
      for (const { gridPos: b } of panels.slice(at + 1)) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(apart, title).to.equal(true);
      }
    }
  });

  it("is taken by Prometheus (needs promtool on PATH)", function () {
    const { error, status, stdout, stderr } = spawnSync("promtool", ["check", "rules", rulesFile], {
      encoding: "utf8",
    });
    if (error !== undefined) {
      if (process.env.CLOUDMAP_CI) throw new Error("CLOUDMAP_CI is set and there is no promtool");
      console.log("      there is no promtool here: that Prometheus takes the rules is not tested");
      return this.skip();
    }
    expect(status, stdout + stderr).to.equal(0);
    expect(stdout).to.include(`SUCCESS: ${rules.length} rules found`);
  });
});
