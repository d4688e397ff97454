// Secrets of a state on their way in and out of its file.

import { Failure } from "../failure.ts";
import type { Crypter } from "../stack/secrets.ts";

/** Remembers each secret's ciphertext by its place, so that writing a state again changes only what changed. */
export class SecretCache {
  readonly #crypter: Crypter | undefined;
  readonly #known = new Map<string, { readonly plain: string; readonly cipher: string }>();

  constructor(crypter: Crypter | undefined) {
    this.#crypter = crypter;
  }

  get salt(): string | undefined {
    return this.#crypter?.salt;
  }

  open(cipher: string, place: string): string {
    const plain = this.#needed().decrypt(cipher);
    this.#known.set(place, { plain, cipher });
    return plain;
  }

  seal(plain: string, place: string): string {
    const known = this.#known.get(place);
    if (known?.plain === plain) return known.cipher;
    const cipher = this.#needed().encrypt(plain);
    this.#known.set(place, { plain, cipher });
    return cipher;
  }

  #needed(): Crypter {
    if (this.#crypter !== undefined) return this.#crypter;
    throw new Failure("this state has secrets, and no passphrase is known to open them");
  }
}
