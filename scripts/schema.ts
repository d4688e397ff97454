// Writes schema.json, from which Pulumi's tools make SDKs and documentation: `node scripts/schema.ts`.
import { writeFileSync } from "node:fs";
import { packageSchema } from "./schema/package.ts";

export function schemaText(): string {
  return `${JSON.stringify(packageSchema(), undefined, 2)}\n`;
}

if (import.meta.main) writeFileSync(new URL("../schema.json", import.meta.url), schemaText());
