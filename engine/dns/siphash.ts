/** SipHash-2-4 (https://www.aumasson.jp/siphash/siphash.pdf) in halves of 32 bits: what RFC 9018 makes server cookies with. */

/** The state, v0 to v3, each as its low and its high half. */
type State = Int32Array;

const keyed = [0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462];

/** The eight octets of the hash of a text of octets. */
export function siphash(key: Buffer, text: string): string {
  const state = new Int32Array(8);
  for (let half = 0; half < 8; half += 1) state[half] = (keyed[half] ?? 0) ^ key.readInt32LE((half % 4) * 4);
  const length = text.length;
  const whole = length - (length % 8);
  for (let at = 0; at < whole; at += 8) compress(state, littleEndian(text, at), littleEndian(text, at + 4));
  const last = littleEndian(text, whole + 4) | ((length & 255) << 24);
  compress(state, littleEndian(text, whole), last);
  state[4] = at(state, 4) ^ 0xff;
  for (let count = 0; count < 4; count += 1) round(state);
  const half = (side: number) => at(state, side) ^ at(state, 2 + side) ^ at(state, 4 + side) ^ at(state, 6 + side);
  const hash = Buffer.alloc(8);
  hash.writeInt32LE(half(0), 0);
  hash.writeInt32LE(half(1), 4);
  return hash.toString("latin1");
}

/** Four octets as a number; those beyond the text are zero. */
function littleEndian(text: string, start: number): number {
  let value = 0;
  for (let index = 0; index < 4; index += 1) {
    if (start + index < text.length) value |= text.charCodeAt(start + index) << (8 * index);
  }
  return value;
}

function at(state: State, index: number): number {
  return state[index] as number; // within its eight halves
}

function compress(state: State, low: number, high: number): void {
  state[6] = at(state, 6) ^ low;
  state[7] = at(state, 7) ^ high;
  round(state);
  round(state);
  state[0] = at(state, 0) ^ low;
  state[1] = at(state, 1) ^ high;
}

function round(state: State): void {
  mix(state, 0, 2, 13);
  swap(state, 0);
  mix(state, 4, 6, 16);
  mix(state, 0, 6, 21);
  mix(state, 4, 2, 17);
  swap(state, 4);
}

/** a += b; b <<<= bits; b ^= a. */
function mix(state: State, a: number, b: number, bits: number): void {
  const low = (at(state, a) >>> 0) + (at(state, b) >>> 0);
  const high = at(state, a + 1) + at(state, b + 1) + (low > 0xffffffff ? 1 : 0);
  state[a] = low;
  state[a + 1] = high;
  const [l, h] = [at(state, b), at(state, b + 1)];
  state[b] = ((l << bits) | (h >>> (32 - bits))) ^ at(state, a);
  state[b + 1] = ((h << bits) | (l >>> (32 - bits))) ^ at(state, a + 1);
}

/** A rotation by 32 bits. */
function swap(state: State, a: number): void {
  const low = at(state, a);
  state[a] = at(state, a + 1);
  state[a + 1] = low;
}
