/** What an Authorization header says: whose key, for which day, region and service, over which headers. */
import { CloudMapError } from "../../api/errors.ts";

export interface Signed {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly headers: readonly string[];
  readonly signature: string;
}

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]{1,128})\/(\d{8})\/([^/,\s]{1,64})\/([^/,\s]{1,64})\/aws4_request,\s*SignedHeaders=([a-z0-9;_-]{1,1024}),\s*Signature=([0-9a-f]{64})$/;

export function parseAuthorization(authorization: string): Signed {
  const parts = form.exec(authorization);
  if (parts === null) {
    throw new CloudMapError(
      "IncompleteSignature",
      "The Authorization header must be AWS4-HMAC-SHA256 with Credential, SignedHeaders and Signature.",
    );
  }
  const [, accessKeyId = "", , region = "", service = "", headers = "", signature = ""] = parts;
  return { accessKeyId, region, service, headers: headers.split(";"), signature };
}
