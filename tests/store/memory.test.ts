// The store of the tests is itself a store.
import { Memory, openMemory } from "./memory.ts";
import { describeStore } from "./suite.ts";

for (const [name, trouble] of [
  ["memory", {}],
  ["memory with a watch that lags", { lag: 5 }],
] as const) {
  describeStore(name, 100, async () => {
    const memory = new Memory();
    return {
      open: async () => openMemory(memory, trouble),
      compact: async (store) => {
        memory.compact();
        return store;
      },
      [Symbol.asyncDispose]: async () => {},
    };
  });
}
