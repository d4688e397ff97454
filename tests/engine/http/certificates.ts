/** Certificates for tests: signed by themselves, so that each is its own authority. */
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";
import type { CertificateFiles } from "../../../engine/http/certificate.ts";

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface PairOptions {
  readonly names?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** For localhost and 127.0.0.1, and the names that are given. */
export async function makePair({ names = [], notBefore, notAfter }: PairOptions = {}): Promise<Pair> {
  const dns = ["localhost", ...names].map((value) => ({ type: 2, value }) as const);
  const made = await generate([{ name: "commonName", value: randomUUID() }], {
    keyType: "ec",
    ...(notBefore && { notBeforeDate: notBefore }),
    ...(notAfter && { notAfterDate: notAfter }),
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [...dns, { type: 7, ip: "127.0.0.1" }, { type: 7, ip: "2001:db8::1" }],
      },
    ],
  });
  return { cert: made.cert, key: made.private };
}

export function writePair(folder: string, { cert, key }: Pair): CertificateFiles {
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key, { mode: 0o600 });
  return files;
}
