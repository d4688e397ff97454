/** What the two protocols of the API have in common: how a request names its operation, and how values are written. */
import type { CloudMapError } from "../../api/errors.ts";
import type { Reply, Request } from "./request.ts";

export interface Protocol {
  /** The content type of its bodies. */
  readonly type: string;
  /** What every reply carries. */
  readonly headers: Reply["headers"];
  /** The name of the operation, known or not; refuses a request that names none. */
  operationOf(request: Request): string;
  /** A body as it came, to the value in it: an object, and within its limits. */
  decode(body: Buffer): unknown;
  /** The body for an output; an operation without one has an empty body. */
  encode(operation: string, output: unknown): Reply["body"];
  encodeError(error: CloudMapError): Reply["body"];
}
