/** SigV4 as its specification says, written down once more: what signs in tests is not what checks in the engine. */
import { createHash, createHmac } from "node:crypto";

export interface Signing {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region?: string;
  readonly service?: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `/` by default. */
  readonly path?: string;
  /** The names of the headers that are signed; all by default. */
  readonly signed?: readonly string[];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export function sign(
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
  options: Signing,
): Record<string, string> {
  const { accessKeyId, secretAccessKey, region = "us-east-1", service = "servicediscovery", now } = options;
  const date = new Date(now).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const all: Record<string, string> = { ...headers, "x-amz-date": date };
  const names = (options.signed ?? Object.keys(all)).toSorted();
  const canonical = [
    "POST",
    options.path ?? "/",
    "",
    ...names.map((name) => `${name}:${(all[name] ?? "").trim().replaceAll(/\s+/g, " ")}`),
    "",
    names.join(";"),
    all["x-amz-content-sha256"] ?? sha256(body),
  ].join("\n");
  const scope = [date.slice(0, 8), region, service, "aws4_request"];
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  const signature = hmac(key, ["AWS4-HMAC-SHA256", date, scope.join("/"), sha256(canonical)].join("\n")).toString(
    "hex",
  );
  const credential = `Credential=${accessKeyId}/${scope.join("/")}`;
  return {
    ...all,
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  };
}

export function sha256(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
