// SHA-256 and its HMAC in the form that the SigV4 signer takes, on Node's own crypto.
import { createHash, createHmac } from "node:crypto";

type Data = string | ArrayBuffer | ArrayBufferView;

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
    const hash = this.#key === undefined ? createHash("sha256") : createHmac("sha256", bytes(this.#key));
    for (const part of this.#parts) hash.update(part);
    return hash.digest();
  }

  reset(): void {
    this.#parts = [];
  }
}

function bytes(data: Data): Uint8Array {
  if (typeof data === "string") return Buffer.from(data, "utf8");
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
