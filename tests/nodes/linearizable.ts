/**
 * A checker of histories: whether what concurrent clients were told could have come from one thing that did one operation
 * at a time, each between its call and its return. The search is that of Wing and Gong with Lowe's memory of what failed.
 */

/** What one client did. */
export interface Done<O> {
  readonly called: number;
  /** undefined: nobody knows what came of it. It may take effect at any time after its call, or never. */
  readonly returned: number | undefined;
  readonly operation: O;
}

/** What the thing would have done, one operation after the other. */
export interface Model<S, O> {
  readonly initial: S;
  /** The state after an operation that came to what it says; undefined where it could not have come to that. */
  readonly step: (state: S, operation: O, isKnown: boolean) => S | undefined;
  /** The same text for the same state. */
  readonly nameOf: (state: S) => string;
  /** Whether an operation, where it is possible, leaves the state as it is. */
  readonly isLook: (operation: O) => boolean;
  /** The name of the only state in which a look is possible, and the name of what a change leads to; undefined: it depends. */
  readonly about: (operation: O) => string | undefined;
}

export interface Verdict<O> {
  readonly linearizable: boolean;
  /** Where it is not: the furthest that the search came, and what could not follow. */
  readonly stuck?: { readonly after: number; readonly state: string; readonly next: readonly Done<O>[] };
  /** How many states the search has seen. */
  readonly steps: number;
}

/** Known operations that have been called and are not yet placed, all before `next` in the order of calls; unknown ones as bits. */
interface Frame<S> {
  readonly state: S;
  readonly open: readonly number[];
  readonly next: number;
  readonly taken: bigint;
}

/** Above it a history is too hard to judge; those of our tests take some thousands. */
const mostSteps = 500_000;

/** What is judged: a history in the order of its calls, and what helps to judge it. */
interface Trial<S, O> {
  readonly model: Model<S, O>;
  readonly known: readonly Done<O>[];
  readonly unknown: readonly Done<O>[];
  /** States that are come to once at most, by name, with the looks at them: all of these must be placed before it is left. */
  readonly looksAt: ReadonlyMap<string, readonly number[]>;
}

export function judge<S, O>(model: Model<S, O>, history: readonly Done<O>[]): Verdict<O> {
  const inOrder = history.toSorted((a, b) => a.called - b.called);
  const known = inOrder.filter(({ returned }) => returned !== undefined);
  const unknown = inOrder.filter(({ returned }) => returned === undefined);
  const trial = { model, known, unknown, looksAt: looksAt(model, known, unknown) };
  const failed = new Map<string, bigint[]>();
  let furthest: { frame: Frame<S>; placed: number } | undefined;
  const stack: Frame<S>[] = [settled(trial, { state: model.initial, open: [], next: 0, taken: 0n })];
  for (let steps = 1; ; steps += 1) {
    const frame = stack.pop();
    if (frame === undefined) return { linearizable: false, steps, ...stuckAt(model, known, furthest?.frame) };
    if (frame.open.length === 0) return { linearizable: true, steps };
    if (steps > mostSteps) throw new Error(`after ${steps} steps it is not clear whether the history is linearizable`);
    const placed = frame.next - frame.open.length;
    if (furthest === undefined || placed > furthest.placed) furthest = { frame, placed };
    // The last one pushed is tried first: what is known before what is not.
    for (const follower of followers(trial, frame)) {
      if (isNew(failed, model, follower)) stack.push(follower);
    }
  }
}

function looksAt<S, O>(model: Model<S, O>, known: readonly Done<O>[], unknown: readonly Done<O>[]) {
  const changes = [...known, ...unknown].filter(({ operation }) => !model.isLook(operation));
  const ways = new Map<string | undefined, number>();
  for (const { operation } of changes) {
    const name = model.about(operation);
    ways.set(name, (ways.get(name) ?? 0) + 1);
  }
  const looks = new Map<string, number[]>();
  for (const [index, { operation }] of known.entries()) {
    const name = model.isLook(operation) ? model.about(operation) : undefined;
    if (name === undefined || ways.get(name) !== 1) continue;
    const all = looks.get(name) ?? [];
    looks.set(name, [...all, index]);
  }
  return looks;
}

/** Opens what may come next, and places at once the looks that are possible: they cannot hinder anything by coming early. */
function settled<S, O>({ model, known }: Trial<S, O>, frame: Frame<S>): Frame<S> {
  const { state, taken } = frame;
  let { open, next } = opened(known, frame);
  const isPossibleLook = (done: Done<O> | undefined) =>
    done !== undefined && model.isLook(done.operation) && stepped(model, state, done) !== undefined;
  for (;;) {
    const left = open.filter((index) => !isPossibleLook(known[index]));
    if (left.length === open.length) return { state, open, next, taken };
    ({ open, next } = opened(known, { open: left, next }));
  }
}

/** Whatever was called before the first of the open ones returned may come before it. */
function opened<O>(known: readonly Done<O>[], { open, next }: Pick<Frame<unknown>, "open" | "next">) {
  const all = [...open];
  let limit = Math.min(...open.map((index) => returnOf(known[index])));
  let end = next;
  for (let done = known[end]; done !== undefined && done.called <= limit; done = known[end]) {
    limit = Math.min(limit, returnOf(done));
    all.push(end);
    end += 1;
  }
  return { open: all, next: end };
}

function returnOf<O>(done: Done<O> | undefined): number {
  return done?.returned ?? Number.POSITIVE_INFINITY;
}

/** The state after an operation: the very same one where nothing changes. */
function stepped<S, O>(model: Model<S, O>, state: S, done: Done<O> | undefined): S | undefined {
  if (done === undefined) return undefined;
  const after = model.step(state, done.operation, done.returned !== undefined);
  return after !== undefined && model.nameOf(after) === model.nameOf(state) ? state : after;
}

/** All that can be after one more operation; the best guess is the last. */
function followers<S, O>(trial: Trial<S, O>, frame: Frame<S>): Frame<S>[] {
  const { model, known, unknown } = trial;
  const { open, next, taken, state } = frame;
  if (isLeftEarly(trial, frame)) return [];
  const limit = Math.min(...open.map((index) => returnOf(known[index])));
  const all: Frame<S>[] = [];
  for (const [index, done] of unknown.entries()) {
    const bit = 1n << BigInt(index);
    if (done.called > limit || (taken & bit) !== 0n) continue;
    const after = stepped(model, state, done);
    if (after === undefined || after === state) continue; // as if it had not been taken
    all.push(settled(trial, { state: after, open, next, taken: taken | bit }));
  }
  for (const index of open.toSorted((a, b) => returnOf(known[b]) - returnOf(known[a]))) {
    const after = stepped(model, state, known[index]);
    if (after === undefined) continue;
    const rest = open.filter((each) => each !== index);
    all.push(settled(trial, { state: after, open: rest, next, taken }));
  }
  return all;
}

/** All looks that are possible are placed: if there are more, they will find a state that does not come again. */
function isLeftEarly<S, O>({ model, looksAt }: Trial<S, O>, { state, open, next }: Frame<S>): boolean {
  const looks = looksAt.get(model.nameOf(state)) ?? [];
  return looks.some((index) => index >= next || open.includes(index));
}

/** Whether nothing as good has been looked at: the same with fewer of the unknown ones taken is better. */
function isNew<S, O>(seen: Map<string, bigint[]>, model: Model<S, O>, { state, open, next, taken }: Frame<S>): boolean {
  const key = `${next} ${open.join()} ${model.nameOf(state)}`;
  const before = seen.get(key) ?? [];
  if (before.some((each) => (each & taken) === each)) return false;
  seen.set(key, [...before.filter((each) => (each & taken) !== taken), taken]);
  return true;
}

function stuckAt<S, O>(model: Model<S, O>, known: readonly Done<O>[], frame: Frame<S> | undefined) {
  if (frame === undefined) return {};
  const next = frame.open.flatMap((index) => known[index] ?? []);
  return { stuck: { after: frame.next - frame.open.length, state: model.nameOf(frame.state), next } };
}
