/** The refusal of an input, in the words that AWS uses. */
import { CloudMapError } from "../api/errors.ts";
import type { Problem } from "../api/validate.ts";

/** The most of a value that is repeated in a message. */
const shownLength = 100;

export function invalidInput(problems: readonly Problem[]): CloudMapError {
  return new CloudMapError(
    "InvalidInput",
    problems.every(({ constraint }) => constraint === undefined) ? sentence(problems) : list(problems),
  );
}

/** "1 validation error detected: Value 'x' at 'name' failed to satisfy constraint: Member must …" */
function list(problems: readonly Problem[]): string {
  const count = `${problems.length} validation error${problems.length === 1 ? "" : "s"} detected`;
  const details = problems.map(({ path, value, constraint, reason }) => {
    const shown = value === undefined ? "Value" : `Value '${shortened(value)}'`;
    return `${shown} at '${path.map(lowerFirst).join(".")}' failed to satisfy constraint: ${constraint ?? reason}`;
  });
  return `${count}: ${details.join("; ")}`;
}

function sentence(problems: readonly Problem[]): string {
  return problems
    .map(
      ({ path, reason, remedy }) =>
        `${path.length > 0 ? `${path.join(".")}: ` : ""}${reason}${remedy ? `; ${remedy}` : ""}`,
    )
    .join("; ");
}

/** A value as messages repeat it. */
export function shortened(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
