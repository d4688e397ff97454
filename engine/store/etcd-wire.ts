/**
 * Protocol Buffers as etcd's API needs them: one pass over one buffer in each direction, since a start reads a million
 * entries by it (https://protobuf.dev/programming-guides/encoding/).
 */

const [varint, fixed64, delimited, fixed32] = [0, 1, 2, 5] as const;
/** The length of a message is written when its end is known: in four bytes, which a varint may have even if fewer would do. */
const lengthSize = 4;

export class Writer {
  #buffer: Buffer;
  #at = 0;

  constructor(size = 1024) {
    this.#buffer = Buffer.allocUnsafe(size);
  }

  /** How many bytes are written. */
  get size(): number {
    return this.#at;
  }

  number(field: number, value: number): this {
    if (value === 0) return this; // the default, which is not written
    this.#room(20);
    this.#varint(field * 8 + varint);
    this.#varint(value);
    return this;
  }

  text(field: number, value: string): this {
    const most = value.length * 3;
    this.#room(most + 16);
    this.#varint(field * 8 + delimited);
    if (most < 0x80) {
      const length = this.#buffer.write(value, this.#at + 1);
      this.#buffer[this.#at] = length;
      this.#at += 1 + length;
    } else {
      const length = this.#buffer.write(value, this.#at + lengthSize);
      this.#length(this.#at, length);
      this.#at += lengthSize + length;
    }
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#room(value.length + 16);
    this.#varint(field * 8 + delimited);
    this.#varint(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  message(field: number, write: (writer: this) => void): this {
    this.#room(16);
    this.#varint(field * 8 + delimited);
    const start = this.#at;
    this.#at += lengthSize;
    write(this);
    this.#length(start, this.#at - start - lengthSize);
    return this;
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#at++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80); // numbers have up to 53 bits, and shifts 32
    }
    this.#buffer[this.#at++] = rest;
  }

  #length(start: number, length: number): void {
    this.#buffer[start] = (length & 0x7f) | 0x80;
    this.#buffer[start + 1] = ((length >> 7) & 0x7f) | 0x80;
    this.#buffer[start + 2] = ((length >> 14) & 0x7f) | 0x80;
    this.#buffer[start + 3] = length >> 21;
  }

  #room(size: number): void {
    if (this.#at + size <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + size));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

/** Reads one message: `next` goes from field to field, and one of the others reads the field's value, or `skip` does not. */
export class Reader {
  readonly #buffer: Buffer;
  #at: number;
  readonly #end: number;
  #type = 0;

  constructor(buffer: Buffer, at = 0, end = buffer.length) {
    this.#buffer = buffer;
    this.#at = at;
    this.#end = end;
  }

  /** The number of the next field; 0 at the end. */
  next(): number {
    if (this.#at >= this.#end) return 0;
    const tag = this.number();
    this.#type = tag & 7;
    return tag >>> 3;
  }

  number(): number {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = this.#buffer[this.#at++];
      if (byte === undefined) throw new RangeError("a message ends in the middle of a number");
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
  }

  text(): string {
    const length = this.number();
    const start = this.#advance(length);
    return this.#buffer.toString("utf8", start, start + length);
  }

  /** Text without its first bytes. */
  textFrom(offset: number): string {
    const length = this.number();
    const start = this.#advance(length);
    return this.#buffer.toString("utf8", start + offset, start + length);
  }

  /** A message in this one. */
  message(): Reader {
    const length = this.number();
    const start = this.#advance(length);
    return new Reader(this.#buffer, start, start + length);
  }

  skip(): void {
    if (this.#type === varint) this.number();
    else if (this.#type === delimited) this.#advance(this.number());
    else if (this.#type === fixed64 || this.#type === fixed32) this.#advance(this.#type === fixed64 ? 8 : 4);
    else throw new RangeError(`a message has a field of the unknown type ${this.#type}`);
  }

  #advance(length: number): number {
    const start = this.#at;
    if (start + length > this.#end) throw new RangeError("a message ends in the middle of a field");
    this.#at = start + length;
    return start;
  }
}
