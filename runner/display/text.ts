// Text for terminals: colours where there are any, and nothing from outside that could act on one.

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this finds
const sgr = /\u001b\[[0-9;]*m/g;
// C0 and C1 controls but for tab and newline.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this finds
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Makes what programs, providers and states contain safe to print: their colours go, other controls are spelt out. */
export function printable(text: string): string {
  return text
    .replaceAll(sgr, "")
    .replaceAll(controls, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

export type Colour = "green" | "yellow" | "red" | "cyan" | "grey" | "bold" | "magenta";
const codes: Readonly<Record<Colour, number>> = {
  green: 32,
  yellow: 33,
  red: 31,
  cyan: 36,
  grey: 90,
  bold: 1,
  magenta: 35,
};

export type Paint = (colour: Colour | undefined, text: string) => string;

/** `--color`: always, never, raw, or auto: for terminals that want it. */
export function paintFor(choice: string | undefined, stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Paint {
  const automatic = stream.isTTY === true && env.NO_COLOR === undefined && env.TERM !== "dumb";
  const coloured = choice === "always" || (automatic && choice !== "never" && choice !== "raw");
  if (!coloured) return (_colour, text) => text;
  return (colour, text) => (colour === undefined ? text : `\u001b[${codes[colour]}m${text}\u001b[0m`);
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)}s`;
  return `${Math.floor(seconds / 60)}m${Math.round(seconds % 60)}s`;
}

export function indent(text: string, by: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? line : by + line))
    .join("\n");
}
