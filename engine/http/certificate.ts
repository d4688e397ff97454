/** The certificate of HTTPS: read with its key from two files, checked, and read again when they change. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import type { Log } from "../log.ts";

export interface CertificateFiles {
  /** PEM: the certificate, and after it those between it and its authority. */
  readonly cert: string;
  /** PEM: its key, not encrypted. */
  readonly key: string;
}

/** What is served now. */
export interface Certificate {
  readonly context: SecureContextOptions;
  /** The names and addresses that it is for: by these the engine is called. */
  readonly names: ReadonlySet<string>;
}

export interface CertificateSource {
  readonly current: () => Certificate;
  /** Looks after the files until it is closed, and tells of each new certificate. */
  watch(changed: (certificate: Certificate) => void): void;
  close(): void;
}

/** How often the files are looked at, in milliseconds: a mounted folder whose link is swapped tells of nothing. */
const lookInterval = 500;

/** Reads the files now, or throws what is wrong with them; a later pair that is broken is logged, and the old one stays. */
export function certificateSource(files: CertificateFiles, log: Log): CertificateSource {
  let seen = stampOf(files);
  let used = seen;
  let certificate = readCertificate(files, log);
  let timer: NodeJS.Timeout | undefined;
  const look = (changed: (certificate: Certificate) => void) => {
    const stamp = stampOf(files);
    const settled = stamp === seen; // one of the two files may be ahead of the other
    seen = stamp;
    if (!settled || stamp === used) return;
    used = stamp;
    try {
      certificate = readCertificate(files, log);
      changed(certificate);
      log("info", "the certificate was read again", { cert: files.cert, names: [...certificate.names] });
    } catch (error) {
      log("error", `${reasonOf(error)}; the certificate stays as it was`, {});
    }
  };
  return {
    current: () => certificate,
    watch: (changed) => {
      timer = setInterval(look, lookInterval, changed).unref();
    },
    close: () => clearInterval(timer),
  };
}

/** What tells one content of the files from another, whatever links lead to them. */
function stampOf({ cert, key }: CertificateFiles): string {
  return [cert, key]
    .map((file) => statSync(file, { bigint: true, throwIfNoEntry: false }))
    .map((found) => `${found?.dev} ${found?.ino} ${found?.size} ${found?.mtimeNs}`)
    .join();
}

function readCertificate(files: CertificateFiles, log: Log): Certificate {
  const cert = read("--tls-cert", files.cert);
  const key = read("--tls-key", files.key);
  const leaf = parseCertificate(cert, files.cert);
  const own = parseKey(key, files.key);
  if (!leaf.checkPrivateKey(own)) {
    throw new Error(`--tls-key ${files.key} is not the key of the certificate in --tls-cert ${files.cert}`);
  }
  const context = { cert, key, minVersion: "TLSv1.2" } as const; // RFC 8996: the versions before it must not be used
  createSecureContext(context);
  warn(leaf, files, log);
  return { context, names: namesOf(leaf) };
}

function read(flag: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`${flag} ${file} cannot be read: ${reasonOf(error)}`);
  }
}

function parseCertificate(pem: Buffer, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new Error(`--tls-cert ${file} has no certificate in it: it must be PEM, from -----BEGIN CERTIFICATE----- on`);
  }
}

function parseKey(pem: Buffer, file: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    const isEncrypted = pem.includes("ENCRYPTED");
    const fault = isEncrypted
      ? "is encrypted: give it without a passphrase"
      : "has no private key in it: it must be PEM";
    throw new Error(`--tls-key ${file} ${fault}`);
  }
}

/** A key in a mounted secret can be read by all in its container, so that is no reason to refuse it. */
function warn(leaf: X509Certificate, { cert, key }: CertificateFiles, log: Log): void {
  const now = Date.now();
  if (leaf.validFromDate.getTime() > now || leaf.validToDate.getTime() < now) {
    log("warn", `the certificate in ${cert} is valid from ${leaf.validFrom} to ${leaf.validTo}: clients refuse it`, {});
  }
  if (process.platform !== "win32" && (statSync(key).mode & 0o007) !== 0) {
    log("warn", `others can read the key ${key}: chmod 600 ${key}`, {});
  }
}

/** "DNS:cloudmap.example, IP Address:192.0.2.1"; names in quotes have characters that no host name has. */
function namesOf({ subjectAltName = "" }: X509Certificate): ReadonlySet<string> {
  const names = subjectAltName.split(", ").map((entry) => /^(?:DNS|IP Address):([^"]+)$/.exec(entry)?.[1]);
  return new Set(names.filter((name) => name !== undefined).map(hostOf));
}

/** As a Host header has it: an IPv6 address in its short form. */
function hostOf(name: string): string {
  return name.includes(":") ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name.toLowerCase();
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
