/** The limits of a body, in either protocol, so that a hostile one costs no more than a refusal. */
import { CloudMapError } from "../../api/errors.ts";

/** The largest body, in bytes: a registration with all that it may have is under 16 KiB. */
export const maxBodySize = 256 * 1024;
/** The deepest nesting of a body: the API's own shapes nest five deep. */
export const maxDepth = 32;
/** The most values in a body, members' names among them: the API's own bodies have some hundreds. */
export const maxValues = 10_000;

export function unreadable(message: string): CloudMapError {
  return new CloudMapError("SerializationException", message);
}

export function tooDeep(): CloudMapError {
  return unreadable(`The body nests more than ${maxDepth} deep.`);
}

export function tooMany(): CloudMapError {
  return unreadable(`The body has more than ${maxValues} values.`);
}
