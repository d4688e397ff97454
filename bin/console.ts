/** `cloudmap console`: the address at which a browser shows the registry. */
import { createHmac } from "node:crypto";
import { consolePurpose } from "../api/extensions.ts";
import { connect } from "./connect.ts";

export async function printConsole(): Promise<void> {
  const { settings } = await connect();
  if (settings.regional) throw new Error("AWS has a console of its own: this one is of an engine's registry");
  const { accessKeyId, secretAccessKey } = settings.credentials;
  const address = new URL("/", settings.endpoint);
  address.username = encodeURIComponent(accessKeyId);
  address.password = createHmac("sha256", secretAccessKey).update(consolePurpose).digest("hex");
  console.log(address.href);
  console.error("Open it in a browser. Whoever has the address can read what the access key can, and change nothing.");
}
