// The commands version, whoami and cancel, and those that are refused by name.

import { userInfo } from "node:os";
import type { Command } from "commander";
import { Failure, notSupported } from "../failure.ts";
import { openBackend } from "../stack/backend.ts";
import { removeLocks } from "../stack/lock.ts";
import { chosenStack, openPlace } from "../stack/open.ts";
import { version } from "../version.ts";
import { type CommonOptions, optionsOf, withCommon } from "./options.ts";

export function addSystem(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command("version")
    .description("print the version")
    .action(() => void process.stdout.write(`${version}\n`));
  withCommon(program.command("whoami"))
    .option("-j, --json", "as JSON")
    .description("print the user and the backend")
    .action(async (_options, command: Command) => {
      const options = optionsOf<CommonOptions & { readonly json?: boolean }>(command);
      const cwd = options.cwd ?? process.cwd();
      const url = env.PULUMI_BACKEND_URL; // a project is asked for its backend only where there is no other
      const backend = url ? await openBackend(url, cwd) : (await openPlace(cwd, env)).backend;
      const user = userInfo().username;
      const text = options.json ? JSON.stringify({ user, url: backend.url }, undefined, 2) : user;
      process.stdout.write(`${text}\n`);
    });
  withCommon(program.command("cancel [stack]"))
    .option("-y, --yes", "do not ask")
    .description("remove the locks of a stack whose run is no more")
    .action(async (name: string | undefined, _options, command: Command) => {
      const options = optionsOf<CommonOptions & { readonly yes?: boolean }>(command);
      if (!options.yes) throw new Failure("--yes must be passed: a run that is still going would lose its lock");
      const place = await openPlace(options.cwd ?? process.cwd(), env);
      const stack = await chosenStack(place, name ?? options.stack);
      await removeLocks(place.backend, stack);
      process.stdout.write(`The currently running update for '${stack.stack}' has been canceled!\n`);
    });
  for (const name of [
    "login",
    "logout",
    "new",
    "plugin",
    "policy",
    "state",
    "watch",
    "console",
    "logs",
    "convert",
    "env",
    "package",
    "install",
    "about",
    "org",
    "schema",
    "ai",
  ]) {
    program
      .command(`${name} [arguments...]`, { hidden: true })
      .allowUnknownOption()
      .action(() => {
        throw notSupported(`pulumi ${name}`);
      });
  }
}
