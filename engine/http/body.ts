/** Bodies: their limits, and JSON read within them, so that a hostile body costs no more than a refusal. */
import { CloudMapError } from "../../api/errors.ts";

/** The largest body, in bytes: a registration with all that it may have is under 16 KiB. */
export const maxBodySize = 256 * 1024;
/** The deepest nesting of a body: the API's own shapes nest five deep. */
const maxDepth = 32;

export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  const text = body.toString("utf8");
  if (depth(text) > maxDepth)
    throw new CloudMapError("SerializationException", `The body nests more than ${maxDepth} deep.`);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CloudMapError("SerializationException", `The body is not JSON: ${reason}`);
  }
  throw new CloudMapError("SerializationException", "The body is not a JSON object.");
}

/** How deep objects and lists nest in a JSON text. */
function depth(text: string): number {
  let [deepest, now, inString] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (inString) {
      if (character === 0x5c) at += 1;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x7b || character === 0x5b) deepest = Math.max(deepest, ++now);
    else if (character === 0x7d || character === 0x5d) now -= 1;
  }
  return deepest;
}
