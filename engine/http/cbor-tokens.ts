/** Reads CBOR (RFC 8949) piece by piece for cborg, with what it lacks: limits, exact text, text in chunks, tags passed over. */
import { isUtf8 } from "node:buffer";
import { type Token as AnyToken, Token, Tokenizer, Type } from "cborg";
import { maxDepth, maxValues, tooDeep, tooMany, unreadable } from "./body.ts";

/** The initial byte's low five bits that say that no length follows, but items up to a break. */
const indefinite = 31;
const breakByte = 0xff;
/** RFC 8949 §3.4.2: seconds since 1970. */
const epochTag = 1;
/** How many bytes of length follow the initial byte, by its low five bits. */
const lengthBytes = new Map([24, 25, 26, 27].map((minor, index) => [minor, 1 << index]));

/** An array or a map that is not at its end. */
interface Container {
  /** Of how many items, keys and values counted each; Infinity where a break ends it. */
  readonly size: number;
  readonly isMap: boolean;
  items: number;
}

export class BoundedTokenizer extends Tokenizer {
  readonly #body: Buffer;
  readonly #open: Container[] = [];
  #values = 0;

  constructor(body: Buffer) {
    super(body, { allowBigInt: true, coerceUndefinedToNull: true });
    this.#body = body;
  }

  override next(): AnyToken {
    const tag = this.#passTags();
    if (this.done()) throw unreadable("The body is not CBOR: it ends in the middle of a value.");
    const token = this.#value();
    if (tag !== undefined && Type.equals(token.type, Type.break))
      throw unreadable("The body is not CBOR: a tag of nothing.");
    if (tag === epochTag && !(token.type.terminal && typeof token.value === "number"))
      throw unreadable("The body has a time that is not a number.");
    this.#count(token);
    return token;
  }

  /** What a tag means beside its value is nothing to the API, but for times; the last one is answered. */
  #passTags(): number | undefined {
    let tag: number | undefined;
    while (!this.done() && this.#major() === Type.tag.major) {
      const token = super.next();
      tag = Number(token.value);
      if (++this.#values > maxValues) throw tooMany();
    }
    return tag;
  }

  #value(): AnyToken {
    const major = this.#major();
    if (major === Type.string.major) return this.#text();
    if (major === Type.bytes.major) throw unreadable("The body has a string of bytes; the API has text only.");
    const token = super.next();
    // As in JSON: what a double does not hold is rounded, and then refused by its limits.
    return typeof token.value === "bigint" ? new Token(token.type, Number(token.value), token.encodedLength) : token;
  }

  /** cborg decodes leniently: it drops a byte-order mark, puts U+FFFD for what is no text, and takes no chunks. */
  #text(): AnyToken {
    const from = this._pos;
    const whole = this.#minor() === indefinite ? this.#chunks() : this.#chunk();
    return new Token(Type.string, whole, this._pos - from);
  }

  #chunks(): string {
    const chunks: string[] = [];
    this._pos += 1;
    while (this.data[this._pos] !== breakByte) {
      if (this.done() || this.#major() !== Type.string.major || this.#minor() === indefinite) {
        throw unreadable("The body is not CBOR: in the chunks of a text is something else.");
      }
      if (++this.#values > maxValues) throw tooMany();
      chunks.push(this.#chunk());
    }
    this._pos += 1;
    return chunks.join("");
  }

  #chunk(): string {
    const start = this._pos + 1 + (lengthBytes.get(this.#minor()) ?? 0);
    const end = start + this.#length(start);
    if (!(end <= this.#body.length)) throw unreadable("The body is not CBOR: a text is longer than the body.");
    if (!isUtf8(this.#body.subarray(start, end))) throw unreadable("The body is not CBOR: a text is not UTF-8.");
    this._pos = end;
    return this.#body.toString("utf8", start, end);
  }

  /** The length that the head says which ends at `start`; NaN where it says none. */
  #length(start: number): number {
    const minor = this.#minor();
    if (minor < 24) return minor;
    if (!lengthBytes.has(minor) || start > this.#body.length) return Number.NaN;
    if (minor === 27) return Number(this.#body.readBigUInt64BE(this._pos + 1));
    return this.#body.readUIntBE(this._pos + 1, start - this._pos - 1);
  }

  #major(): number {
    return (this.data[this._pos] ?? 0) >> 5;
  }

  #minor(): number {
    return (this.data[this._pos] ?? 0) & 31;
  }

  /** Keeps book of what is open, so that nothing is built that is too deep or too long, or ends too early. */
  #count({ type, value }: AnyToken): void {
    if (++this.#values > maxValues) throw tooMany();
    const inside = this.#open.at(-1);
    if (Type.equals(type, Type.break)) this.#break(inside);
    else {
      if (inside !== undefined) inside.items += 1;
      if (Type.equals(type, Type.array)) this.#open.push({ size: value, isMap: false, items: 0 });
      if (Type.equals(type, Type.map)) this.#open.push({ size: 2 * value, isMap: true, items: 0 });
      if (this.#open.length > maxDepth) throw tooDeep();
    }
    while (this.#open.at(-1)?.size === this.#open.at(-1)?.items && this.#open.length > 0) this.#open.pop();
  }

  /** cborg takes a break for the value of a key. */
  #break(inside: Container | undefined): void {
    const ends = inside?.size === Number.POSITIVE_INFINITY && !(inside.isMap && inside.items % 2 === 1);
    if (!ends) throw unreadable("The body is not CBOR: a break in the middle of a value.");
    this.#open.pop();
  }
}
