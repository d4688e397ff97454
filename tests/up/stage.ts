// What every suite here needs: an engine, the forwarder before it, and a stack that is deployed to it.
import type { Deployer } from "./deployer.ts";
import { Front } from "./front.ts";
import { type NodesOptions, openRegistry, type Registry, type RegistryOptions } from "./registry.ts";
import { Stack } from "./stack.ts";

export interface Stage extends AsyncDisposable {
  readonly running: Registry;
  readonly front: Front;
  readonly stack: Stack;
}

export async function openStage(
  deployer: Deployer,
  options: RegistryOptions = {},
  nodes?: NodesOptions,
): Promise<Stage> {
  const running = await openRegistry(options, nodes);
  const front = new Front(running.front);
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
