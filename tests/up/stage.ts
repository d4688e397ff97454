// What every suite here needs: an engine, the forwarder before it, and a stack that is deployed to it.
import type { EngineOptions } from "../../engine/engine.ts";
import { type Running, start } from "../engine/running.ts";
import type { Deployer } from "./deployer.ts";
import { Front } from "./front.ts";
import { Stack } from "./stack.ts";

export interface Stage extends AsyncDisposable {
  readonly running: Running;
  readonly front: Front;
  readonly stack: Stack;
}

export async function openStage(deployer: Deployer, options: Partial<EngineOptions> = {}): Promise<Stage> {
  const running = await start({ now: Date.now, ...options });
  const front = new Front(running);
  await front.open();
  const stack = await Stack.open(deployer, { "cloudmap:endpoint": front.url });
  return {
    running,
    front,
    stack,
    [Symbol.asyncDispose]: async () => {
      await stack[Symbol.asyncDispose]();
      await front[Symbol.asyncDispose]();
      await running[Symbol.asyncDispose]();
    },
  };
}
