// A measurement as the table of `npm run bench` shows it.
export interface Row {
  /** What was measured. */
  readonly name: string;
  /** With its unit. */
  readonly value: string;
  /** What we hold it against, where there is something. */
  readonly goal?: string;
  readonly met?: boolean;
}

export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ name, value, goal = "", met }) => [name, value, goal, verdict(met)]);
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function verdict(met: boolean | undefined): string {
  if (met === undefined) return "";
  return met ? "met" : "MISSED";
}
