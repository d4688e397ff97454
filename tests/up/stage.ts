// What every suite here needs: an engine, the forwarder before it, and a stack that is deployed to it.

import { Front } from "../engine/front.ts";
import type { NodeSettings } from "../nodes/flags.ts";
import type { NodesOptions } from "../nodes/killed.ts";
import type { Deployer } from "./deployer.ts";
import { openRegistry, type Registry } from "./registry.ts";
import { Stack } from "./stack.ts";

export interface Stage extends AsyncDisposable {
  readonly running: Registry;
  readonly front: Front;
  readonly stack: Stack;
}

export async function openStage(deployer: Deployer, settings: NodeSettings = {}, nodes?: NodesOptions): Promise<Stage> {
  const running = await openRegistry(settings, nodes);
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
