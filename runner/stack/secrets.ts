// Pulumi's passphrase encryption: PBKDF2-SHA256 to AES-256-GCM (sdk/go/common/resource/config/crypt.go).

import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Failure, messageOf } from "../failure.ts";

const iterations = 1_000_000;
const tagLength = 16;

export interface Crypter {
  /** The salt with a check value, as it stands in configuration and state. */
  readonly salt: string;
  encrypt(plain: string): string;
  decrypt(cipher: string): string;
}

function encrypt(key: Buffer, plain: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${text.toString("base64")}`;
}

function decrypt(key: Buffer, text: string): string {
  const [version, nonce, body] = text.split(":");
  if (version !== "v1" || nonce === undefined || body === undefined) {
    throw new Failure(`a secret is not in the form that this runner reads ("v1:nonce:text")`);
  }
  const bytes = Buffer.from(body, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  decipher.setAuthTag(bytes.subarray(-tagLength));
  return Buffer.concat([decipher.update(bytes.subarray(0, -tagLength)), decipher.final()]).toString("utf8");
}

function derive(passphrase: string, salt: Buffer): Buffer {
  return pbkdf2Sync(passphrase, salt, iterations, 32, "sha256");
}

function crypterOf(salt: string, key: () => Buffer): Crypter {
  return { salt, encrypt: (plain) => encrypt(key(), plain), decrypt: (cipher) => decrypt(key(), cipher) };
}

export function createCrypter(passphrase: string): Crypter {
  const salt = randomBytes(8);
  const key = derive(passphrase, salt);
  return crypterOf(`v1:${salt.toString("base64")}:${encrypt(key, "pulumi")}`, () => key);
}

/** The first secret derives the key and tries it: that takes 0.3 s of processor, and many a stack has no secret. */
export function openCrypter(passphrase: string, salt: string): Crypter {
  let key: Buffer | undefined;
  return crypterOf(salt, () => {
    key ??= keyOf(passphrase, salt);
    return key;
  });
}

function keyOf(passphrase: string, salt: string): Buffer {
  const [version, bytes, ...check] = salt.split(":");
  if (version !== "v1" || bytes === undefined) throw new Failure(`the encryption salt "${salt}" is not of version v1`);
  const key = derive(passphrase, Buffer.from(bytes, "base64"));
  try {
    if (decrypt(key, check.join(":")) === "pulumi") return key;
  } catch {
    // A wrong key fails the tag of the check value.
  }
  throw new Failure("incorrect passphrase: PULUMI_CONFIG_PASSPHRASE does not open this stack's secrets");
}

export async function readPassphrase(env: NodeJS.ProcessEnv): Promise<string> {
  if (env.PULUMI_CONFIG_PASSPHRASE !== undefined) return env.PULUMI_CONFIG_PASSPHRASE;
  const file = env.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (file === undefined || file === "") {
    throw new Failure(
      "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    );
  }
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw new Failure(`reading PULUMI_CONFIG_PASSPHRASE_FILE: ${messageOf(error)}`);
  }
}
