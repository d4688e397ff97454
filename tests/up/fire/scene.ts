// What everything under fire plays in: an engine that can be killed, the forwarder before it, a stack, and what is somebody else's.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EngineProcess, spawnEngine } from "../../engine/crash/process.ts";
import { Front } from "../../engine/front.ts";
import type { Deployer } from "../deployer.ts";
import { Stack } from "../stack.ts";
import { settle } from "./registry.ts";
import { RequestNames } from "./requests.ts";

export type Host = "dynamic" | "plugin";
export const hosts: readonly Host[] = ["dynamic", "plugin"];

export interface Scene extends AsyncDisposable {
  readonly host: Host;
  readonly front: Front;
  readonly stack: Stack;
  readonly requests: RequestNames;
  readonly engine: () => EngineProcess;
  /** Kills the engine's process and starts it over its data. */
  restart(): Promise<void>;
  /** Another registry in the place of this one, which has nothing; and back. */
  swap(): Promise<AsyncDisposable & { readonly url: string }>;
}

export async function openScene(deployer: Deployer, host: Host): Promise<Scene> {
  const data = mkdtempSync(join(tmpdir(), "cloudmap-fire-"));
  let engine = await spawnEngine(join(data, "one"));
  const front = new Front(engine);
  await front.open();
  const stack = await Stack.open(deployer, { "cloudmap:endpoint": front.url });
  await settle(engine);
  return {
    host,
    front,
    stack,
    requests: new RequestNames(),
    engine: () => engine,
    restart: async () => {
      await engine.kill("SIGKILL");
      engine = await spawnEngine(join(data, "one"));
      front.engine = engine;
    },
    swap: async () => {
      const other = await spawnEngine(mkdtempSync(join(data, "other-")));
      front.engine = other;
      return {
        url: other.url,
        [Symbol.asyncDispose]: async () => {
          front.engine = engine;
          await other.kill("SIGTERM");
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      await stack[Symbol.asyncDispose]();
      await front[Symbol.asyncDispose]();
      await engine.kill("SIGTERM");
      rmSync(data, { recursive: true, force: true });
    },
  };
}
