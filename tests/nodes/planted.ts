/** Loaded before an engine in a test: its store can have a bug, so that the checks are seen to notice. */
import { registerHooks } from "node:module";

const planted = new URL("planted-store.ts", import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) => {
    const isTheirs = specifier.endsWith("store/etcd.ts") && context.parentURL !== planted;
    return next(isTheirs ? planted : specifier, context);
  },
});
