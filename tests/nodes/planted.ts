/** Loaded before an engine in a test: its store can have a bug, so that the checks are seen to notice. */
import { registerHooks } from "node:module";

const planted = new URL("planted-store.ts", import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) => {
    const resolved = next(specifier, context);
    const isPlace = resolved.url.endsWith("/engine/store/etcd.ts") && context.parentURL !== planted;
    return isPlace ? { ...resolved, url: planted } : resolved;
  },
});
