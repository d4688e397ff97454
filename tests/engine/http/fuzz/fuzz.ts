/** The fuzz: malformed requests from a seed, at which stage each was refused, and what must never happen. */
import * as body from "./body-mutations.ts";
import { type Random, randomFrom } from "./random.ts";
import { makeSeeds, makeWitness } from "./seeds.ts";
import { type Answer, type Asked, build, exchange, type Mutation, type Target } from "./wire.ts";
import * as wire from "./wire-mutations.ts";

/** Where mutations are made, and by what. */
const levels: Readonly<Record<string, readonly ((random: Random) => Mutation)[]>> = {
  bytes: wire.bytes,
  framing: wire.framing,
  headers: wire.headers,
  signature: wire.auth,
  tokens: body.decode,
  types: body.types,
  limits: body.limits,
  meaning: body.meaning,
};

/** How far requests come, in the order of the engine's checks. */
export const stages = [
  "framing",
  "host",
  "content",
  "operation",
  "auth",
  "decode",
  "validation",
  "handler",
  "accepted",
] as const;
export type Stage = (typeof stages)[number];

const stageOfCode: Readonly<Record<string, Stage>> = {
  MalformedHttpRequestException: "framing",
  InvalidHostHeader: "host",
  ForbiddenOrigin: "host",
  UnsupportedMediaType: "content",
  RequestEntityTooLarge: "content",
  UnknownOperationException: "operation",
  MissingAuthenticationToken: "auth",
  IncompleteSignature: "auth",
  InvalidClientTokenId: "auth",
  RequestExpired: "auth",
  SignatureDoesNotMatch: "auth",
  SerializationException: "decode",
};

function stageOf({ status, code, message }: Answer): Stage {
  if (status === 200) return "accepted";
  if (code === "") return "framing"; // closed, or refused by Node's parser without a word of ours
  if (code === "InvalidInput" && /^\d+ validation errors? detected/.test(message)) return "validation";
  return stageOfCode[code] ?? "handler";
}

export interface Report {
  readonly seed: number;
  /** By level: how many requests came to which stage. */
  readonly counts: ReadonlyMap<string, Readonly<Record<Stage, number>>>;
  /** What must not happen, with the request that did it. */
  readonly wrong: readonly string[];
}

export interface FuzzOptions {
  readonly target: Target;
  readonly requests: number;
  readonly seed: number;
  /** Called when half of them are sent. */
  readonly halfway?: () => void;
}

/** How many requests are under way at a time. */
const atOnce = 24;
/** So many are enough to know. */
const mostWrong = 20;

export async function fuzz({ target, requests, seed, halfway }: FuzzOptions): Promise<Report> {
  const witness = await makeWitness(target);
  const before = JSON.stringify(await witness());
  const seeds = await makeSeeds(target);
  const counts = new Map(Object.keys(levels).map((level) => [level, noCounts()]));
  const wrong: string[] = [];
  let next = 0;
  const work = async () => {
    while (next < requests && wrong.length < mostWrong) {
      const number = next++;
      if (number === Math.floor(requests / 2)) halfway?.();
      const { level, bytes } = requestOf(target, seeds, seed, number);
      const label = `seed ${seed}, request ${number} (${level})`;
      try {
        const answer = await exchange(target, bytes);
        const of = counts.get(level);
        if (of !== undefined) of[stageOf(answer)] += 1;
        if (answer.status >= 500) wrong.push(`${label}: ${answer.status} ${answer.code} ${answer.message}`);
      } catch (error) {
        wrong.push(`${label}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const after = await witness().then(JSON.stringify, String);
  if (after !== before) wrong.push(`the witness answers otherwise: ${after}, and before: ${before}`);
  return { seed, counts, wrong };
}

/** The request of a number: the same for the same seed and the same ids. */
function requestOf(target: Target, seeds: readonly Asked[], seed: number, number: number) {
  const random = randomFrom(seed * 1_000_003 + number);
  const level = random.of(Object.keys(levels));
  const mutation = random.of(levels[level] ?? [])(random);
  const asked = random.of(seeds);
  return { level, bytes: build(target, asked, random.below(2) === 0, mutation) };
}

function noCounts(): Record<Stage, number> {
  return { framing: 0, host: 0, content: 0, operation: 0, auth: 0, decode: 0, validation: 0, handler: 0, accepted: 0 };
}

/** Of all requests, how many came to a stage, as a share. */
export function share({ counts }: Report, stage: Stage): number {
  const all = [...counts.values()];
  const total = all.flatMap((of) => Object.values(of)).reduce((sum, count) => sum + count, 0);
  return all.reduce((sum, of) => sum + of[stage], 0) / total;
}

/** Levels by stages. */
export function show(report: Report): string {
  const rows = [...report.counts].map(([level, of]) => [level, ...stages.map((stage) => String(of[stage]))]);
  const shares = stages.map((stage) => `${(share(report, stage) * 100).toFixed(1)} %`);
  const table = [["mutated \\ refused at", ...stages], ...rows, ["all", ...shares]];
  return table
    .map(([first = "", ...rest]) => first.padEnd(20) + rest.map((cell) => cell.padStart(11)).join(""))
    .join("\n");
}
