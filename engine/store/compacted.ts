/** What is read whole at one revision, and must be read again where the store forgets that revision meanwhile. */
import { StoreError } from "./store.ts";

/** How often it is read: a store that is compacted more often than it can be read has another problem. */
const mostReadings = 5;

/** Reads until the store was not compacted meanwhile; `again` is told before it begins anew. */
export async function readWhole<T>(read: () => Promise<T>, again: () => void = () => {}): Promise<T> {
  for (let reading = 1; ; reading += 1) {
    try {
      return await read();
    } catch (error) {
      const isForgotten = error instanceof StoreError && error.failure === "compacted";
      if (!isForgotten || reading === mostReadings) throw error;
      again();
    }
  }
}
