// SHA-256 and its HMAC in the form that the SigV4 signer takes, on Node's own crypto.
import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto";

type Data = string | ArrayBuffer | ArrayBufferView;

/** The signer keeps the key of a day, and a key that Node knows already takes a fifth of the time (bench/client.ts). */
const known = new WeakMap<ArrayBuffer | ArrayBufferView, KeyObject>();

export class Sha256 {
  readonly #key: Data | undefined;
  #parts: Uint8Array[] = [];

  constructor(key?: Data) {
    this.#key = key;
  }

  update(data: Data): void {
    this.#parts.push(bytes(data));
  }

  async digest(): Promise<Uint8Array> {
    const data = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    if (data === undefined) return hash("sha256", "", "buffer");
    if (this.#key === undefined) return hash("sha256", data, "buffer");
    return createHmac("sha256", prepared(this.#key)).update(data).digest();
  }

  reset(): void {
    this.#parts = [];
  }
}

function prepared(key: Data): string | KeyObject {
  if (typeof key === "string") return key;
  const made = known.get(key) ?? createSecretKey(bytes(key));
  known.set(key, made);
  return made;
}

function bytes(data: Data): Uint8Array {
  if (typeof data === "string") return Buffer.from(data, "utf8");
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
