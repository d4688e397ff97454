/** A program that opens the store in a folder and says how that went. */
import { openSqlite } from "../../engine/store/sqlite.ts";

const [folder = ""] = process.argv.slice(2);
await openSqlite(folder).then(
  async (store) => {
    await store.close();
    console.log("opened");
  },
  (error) => console.log(error.failure, error.message),
);
