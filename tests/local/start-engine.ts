// A program that needs the local engine, as Pulumi's provider does: finds or starts it, prints what it got, and `stay`s if told.
import { findOrStartEngine } from "../../local/engine.ts";

console.log(JSON.stringify(await findOrStartEngine()));
if (process.argv[2] === "stay") setInterval(() => {}, 1_000);
