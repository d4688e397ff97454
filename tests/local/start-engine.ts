// A program that needs the local engine, as Pulumi's provider does: finds or starts it and prints what it got.
import { findOrStartEngine } from "../../local/engine.ts";

console.log(JSON.stringify(await findOrStartEngine()));
