#!/usr/bin/env node
// The provider plugin: Pulumi starts it with the address of its engine, and reads the port from its first line.
import { serve } from "../provider/plugin/serve.ts";

const engine = process.argv.slice(2).find((argument) => /^[^-].*:\d+$/.test(argument));
const { port } = await serve(engine);
console.log(port);
