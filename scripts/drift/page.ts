// The page docs/drift.md: what others can change behind a program's back, what a refresh reports, what the next `up` does.
import type { KindName } from "../../provider/kinds.ts";
import { type Drift, type Drifts, repairOf, table } from "../../tests/up/drift/table.ts";

const introduction = `# Drift

What others change in the registry, by the console, the AWS CLI or another program, \`pulumi refresh\` reports, and the next
\`pulumi up\` puts right. Both do exactly what these tables say, on both hosts: the tests make every change in them.
The page is written from the tests (\`node scripts/drift.ts\`).

- A resource that is gone, or whose parent is, leaves the state at the refresh; the next \`up\` makes it anew.
- Instances that others registered in a service are nobody's drift, and stay.
- Health that is reported from outside is no drift where the program declares none, nor are attributes that others set on a
  service where it declares none.
- A refresh asks for each service's instances by lists of 100, not one by one.
- Another registry than the one that a resource is recorded in is an error, never "gone".
`;

export function driftPage(): string {
  const sections = Object.entries(table).map(([kind, drifts]) => section(kind as KindName, drifts)); // its keys
  return `${introduction}\n${sections.join("\n")}`;
}

function section(kind: KindName, drifts: Readonly<Record<string, Drifts>>): string {
  const lines = Object.entries(drifts).flatMap(([property, rows]) => linesOf(property, rows));
  const head = "| | what others do | a refresh reports | the next `up` |\n|---|---|---|---|";
  const never = Object.entries(drifts).flatMap(([property, rows]) =>
    "never" in rows ? [`| \`${property}\` | ${rows.never} |`] : [],
  );
  const cannot = `| cannot drift | because |\n|---|---|\n${never.join("\n")}\n`;
  return `## ${kind}\n\n${head}\n${lines.join("\n")}\n\n${cannot}`;
}

function linesOf(property: string, rows: Drifts): readonly string[] {
  if ("never" in rows) return [];
  const subject = property === "" ? "the resource" : `\`${property}\``;
  return rows.map((row) => `| ${subject} | ${row.others} | ${reported(row)} | ${repaired(row)} |`);
}

function reported({ refresh }: Drift): string {
  const [verb, ...paths] = refresh.split(" ");
  if (verb === "nothing") return "nothing";
  return verb === "delete" ? "that it is gone" : paths.map((path) => `\`${path}\``).join(", ");
}

function repaired(row: Drift): string {
  const [verb, ...paths] = repairOf(row).split(" ");
  if (verb === "nothing") return "does nothing";
  if (verb === "create") return "makes it anew";
  const what = paths.map((path) => `\`${path}\``).join(", ");
  return verb === "replace" ? `replaces it, for ${what}` : "puts that back";
}
