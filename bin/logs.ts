/** `cloudmap logs`: what the local engine has written down. */
import { createReadStream, existsSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { visible } from "../api/text.ts";
import { homeAt, homeFolder } from "../local/home.ts";

/** How often a log that is followed is looked at, in milliseconds. */
const pace = 200;

export async function logs({ follow }: { readonly follow?: boolean }): Promise<void> {
  const { log } = homeAt(homeFolder());
  if (!existsSync(log)) return console.error(`There is no log yet: ${log}`);
  let seen = await print(log, { inode: 0, size: 0 });
  while (follow) {
    await wait(pace);
    if (existsSync(log)) seen = await print(log, seen);
  }
}

interface Seen {
  readonly inode: number;
  readonly size: number;
}

/** Prints what has been added; a new start has a new file, which is read from its beginning. */
async function print(log: string, seen: Seen): Promise<Seen> {
  const { ino: inode, size } = statSync(log);
  const start = inode === seen.inode && size >= seen.size ? seen.size : 0;
  if (size > start) {
    const lines = createInterface({ input: createReadStream(log, { start, end: size - 1 }) });
    for await (const line of lines) console.log(visible(line));
  }
  return { inode, size };
}
