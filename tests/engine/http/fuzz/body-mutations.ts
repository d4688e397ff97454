/** Mutations of a body: its tokens, the types of its values, their limits, and what they mean. */
import type { Random } from "./random.ts";
import type { Mutation } from "./wire.ts";

type Mutator = (random: Random) => Mutation;

const replaced = (body: Buffer, at: number, by: Buffer, over = 0) =>
  Buffer.concat([body.subarray(0, at), by, body.subarray(at + over)]);
const hex = (text: string) => Buffer.from(text, "hex");

/** What no JSON text may have, or only elsewhere. */
const jsonTokens = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "'",
  "\\",
  "\\u12",
  "NaN",
  "1e",
  "-",
  "//",
  "\u0000",
  "tru",
  "0x1",
];
const jsonBodies = [
  ...["[]", "1", '"x"', "null", "", " ", "{}{}", "{'a':1}", '{"a":1,}', "\ufeff{}", '{"a":"\n"}', '{"a":01}'],
  `{"a":${"[".repeat(40)}${"]".repeat(40)}}`,
  `${'{"a":'.repeat(5_000)}`,
  `[${"0,".repeat(20_000)}0]`,
  `{"a":[${"0,".repeat(11_000)}0]}`,
  `{"a":"${"x".repeat(300_000)}"}`,
];
const cborTokens = [
  "ff",
  "1c",
  "5f",
  "7f",
  "9f",
  "bf",
  "c1",
  "c2",
  "d9d9f7",
  "f8",
  "fb",
  "e0",
  "62c328",
  "9bffffffffffffffff",
  "40",
];
const cborBodies = ["80", "01", "f6", "ff", "a1", "a10102", "a2616101616102", "a0a0", "a1616141ff", "a16161c16161"];
const hostileCbor = [
  hex(`a16161${"81".repeat(40)}00`),
  hex(`a16161${"9f".repeat(100_000)}`),
  hex(`a161619a00002ee0${"00".repeat(12_000)}`),
  hex(`a16161${"c6".repeat(12_000)}00`),
  hex(`a161617b00ffffffffffffff`),
];

export const decode: readonly Mutator[] = [
  (random) => ({
    body: (body, isCbor) => {
      const token = isCbor ? hex(random.of(cborTokens)) : Buffer.from(random.of(jsonTokens));
      return replaced(body, random.below(body.length), token, random.below(3));
    },
  }),
  (random) => ({
    body: (_body, isCbor) => (isCbor ? hex(random.of(cborBodies)) : Buffer.from(random.of(jsonBodies))),
  }),
  (random) => ({ body: (body) => body.subarray(0, 1 + random.below(body.length - 1)) }),
  (random) => ({ body: (body) => replaced(body, random.below(body.length), random.bytes(1 + random.below(3)), 1) }),
  (random) => ({
    body: (_, isCbor) => (isCbor ? random.of(hostileCbor) : Buffer.from(random.of(jsonBodies.slice(-5)))),
  }),
];

/** Changes one value somewhere in another, or the whole; a new one is answered. */
function changed(value: unknown, random: Random, by: (value: unknown) => unknown): unknown {
  const isInner = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  if (!isInner) return by(value);
  const name = random.of(Object.keys(value));
  const stops = random.below(4) === 0;
  const inside = (part: unknown) => (stops ? by(part) : changed(part, random, by));
  if (Array.isArray(value)) return value.map((part, index) => (String(index) === name ? inside(part) : part));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, key === name ? inside(part) : part]));
}

const mutateInput =
  (by: (value: unknown, random: Random) => unknown): Mutator =>
  (random) => ({ input: (input) => changed(input, random, (value) => by(value, random)) });

const others = [
  null,
  true,
  1.5,
  -1,
  2 ** 53,
  1e308,
  "x",
  "",
  [],
  {},
  [[]],
  { a: 1 },
  [{}],
  ["x"],
  [null],
  { __proto__: null, x: {} },
];

export const types: readonly Mutator[] = [
  mutateInput((_, random) => random.of(others)),
  mutateInput((value) => [value]),
  mutateInput((value) => ({ Value: value })),
  mutateInput((value) => (typeof value === "object" ? JSON.stringify(value) : { [String(value)]: value })),
];

const odd = [
  "\u0000",
  " ",
  "\ud800",
  "é",
  "😀",
  "\u202e",
  "a b",
  "-",
  "..",
  "*",
  "arn:aws:x",
  "%00",
  "\r\nX: y",
  "{x}",
  "' or 1=1",
];

function oddText(value: string, random: Random): string {
  const choices = [
    () => "",
    () => value + random.of(odd),
    () => random.of(odd),
    () => "a".repeat(random.of([65, 256, 1_025, 1_100, 5_001, 70_000])),
    () => `${"a.".repeat(random.of([5, 60, 600, 10_000]))}a`,
    () => `${"a-".repeat(500)}\u0000`,
  ];
  return random.of(choices)();
}

function many(count: number, value: (index: number) => unknown): object {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, value(index)]));
}

function beyond(value: unknown, random: Random): unknown {
  if (typeof value === "string") return oddText(value, random);
  if (typeof value === "number") return random.of([0, -1, 1e9, 2 ** 31, 1e21, 0.5, -0]);
  if (Array.isArray(value)) return random.of([[], Array.from({ length: 300 }, () => value[0] ?? "x")]);
  return {
    ...many(random.of([1, 31, 51, 300]), (index) => random.of(["v", index, "x".repeat(1_100)])),
    ...Object(value),
  };
}

export const limits: readonly Mutator[] = [
  mutateInput(beyond),
  mutateInput(beyond),
  (random) => ({
    input: (input) => {
      const names = Object.keys(Object(input));
      const gone = names.length > 0 ? random.of(names) : "";
      return Object.fromEntries(Object.entries(Object(input)).filter(([name]) => name !== gone));
    },
  }),
];

const attributes = [
  ...["AWS_INSTANCE_IPV4", "AWS_INSTANCE_IPV6", "AWS_INSTANCE_PORT", "AWS_INSTANCE_CNAME", "AWS_ALIAS_DNS_NAME"],
  ...["AWS_INIT_HEALTH_STATUS", "AWS_EC2_INSTANCE_ID", "__proto__", "constructor", "toString", "CLOUDMAP_WEIGHT", "x"],
];
const values = ["192.0.2.1", "999.1.1.1", "::1", "80", "65536", "-1", "x.example", "UNHEALTHY", "i-0", "v", "1e3"];

function meant(value: unknown, random: Random): unknown {
  if (typeof value === "number") return 1 + random.below(100);
  if (typeof value !== "string") return value;
  const id = (prefix: string) => `${prefix}-${"abcdefgh234567ij".slice(random.below(3))}`;
  return random.of([
    id("srv"),
    id("ns"),
    `n-${random.below(50)}`,
    "w.example",
    `${value}x`,
    value,
    "HTTP",
    "UNHEALTHY",
    "1",
  ]);
}

function withAttributes(input: unknown, random: Random): unknown {
  const entries = Array.from({ length: 1 + random.below(5) }, () => [random.of(attributes), random.of(values)]);
  const chosen = Object.fromEntries(entries);
  const names = ["Attributes", "QueryParameters", "OptionalParameters"].filter((name) => name in Object(input));
  return names.length === 0 ? input : { ...Object(input), [random.of(names)]: chosen };
}

export const meaning: readonly Mutator[] = [
  mutateInput(meant),
  mutateInput(meant),
  (random) => ({ input: (input) => withAttributes(input, random) }),
  () => ({ input: (input) => ({ ...Object(input), Unknown: { deep: [1, { er: null }] }, constructor: 1 }) }),
];
