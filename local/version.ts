/** The version of this package, and which of two is the older one. */
import { readFileSync } from "node:fs";

/** dist/local/version.js lies one folder deeper than local/version.ts. */
const manifest = new URL(import.meta.url.endsWith(".ts") ? "../package.json" : "../../package.json", import.meta.url);

const { version: own, dependencies } = JSON.parse(readFileSync(manifest, "utf8"));
export const version: string = own;

/** What a new program of this package is written for. */
export const packageVersions: Readonly<Record<string, string>> = {
  "@pulumi/pulumi": dependencies["@pulumi/pulumi"],
  "pulumi-cloudmap": `^${version}`,
};

/** By major, minor and patch; what follows a hyphen does not count. */
export function isOlder(one: string, other: string): boolean {
  const [a, b] = [numbers(one), numbers(other)];
  const at = a.findIndex((number, index) => number !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

function numbers(text: string): number[] {
  const [release = ""] = text.split("-");
  return [0, 1, 2].map((index) => Number(release.split(".")[index]) || 0);
}
