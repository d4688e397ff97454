// Writes docs/drift.md from the table that the tests take row by row: `node scripts/drift.ts`.
import { writeFileSync } from "node:fs";
import { driftPage } from "./drift/page.ts";

writeFileSync(new URL("../docs/drift.md", import.meta.url), driftPage());
