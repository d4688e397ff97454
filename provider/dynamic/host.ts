// Hosts the kinds as Pulumi dynamic providers: hidden inputs and configuration in, checks, diffs and outputs out; no CRUD.
import type { dynamic } from "@pulumi/pulumi";
import type { Props } from "../casing.ts";
import { configKeys, type ReadConfig, readAdopt, readDefaultTags, readSettings } from "../config.ts";
import { startDeadline } from "../deadline.ts";
import { CallError } from "../failure.ts";
import { programInputs } from "../inputs.ts";
import type { DiffResult, Kind } from "../kind.ts";
import { type KindName, kinds } from "../kinds.ts";
import { Recorded } from "../recorded.ts";
import { inRegion } from "../region.ts";
import type { Session } from "../session.ts";
import { subjectOf } from "../subject.ts";
import { type Hidden, keptInputs, keptOutputs, ordered, readHidden, timeoutOf } from "./hidden.ts";
import { refusalOf } from "./refusal.ts";
import { storedOutputs, wholeOutputs } from "./stored.ts";

type Provider = Required<dynamic.ResourceProvider<Props, Props>>;

/** The process has one stack's configuration, which comes with the first call of each kind. */
let config: ReadConfig = () => undefined;
let session: Promise<Session> | undefined;
let recorded = new Recorded();

function configure(read: ReadConfig): void {
  const same = configKeys.every((key) => config(key) === read(key));
  if (!same) {
    session = undefined;
    recorded = new Recorded();
  }
  config = read;
}

/** Opened at the first call that needs the network. */
function openOnce(): Promise<Session> {
  session ??= open();
  return session;
}

async function openForNew(): Promise<Session> {
  const opened = await openOnce();
  recorded.refuseOthers(opened);
  return opened;
}

async function open(): Promise<Session> {
  const { openSession } = await import("../session.ts"); // the HTTP client is slow to load, and a preview needs none
  const settings = await readSettings(config, process.env, async () => {
    const { findOrStartEngine } = await import("../../local/engine.ts");
    return findOrStartEngine({ log: say });
  });
  return openSession(settings, { adopt: readAdopt(config), say });
}

/** Pulumi shows the standard output of this process with the stack. */
function say(line: string): void {
  console.log(`cloudmap: ${line}`);
}

const said = new Set<string>();

function sayOnce(line: string): void {
  if (said.has(line)) return;
  said.add(line);
  say(`Warning: ${line}`);
}

export function hosted(name: KindName): Provider {
  const kind: Kind = kinds[name];
  const whole = (id: string, stored: Props) => wholeOutputs(kind, id, stored);
  return {
    configure: async (request) => configure((key) => request.config.get(key)),
    check: (olds, news) =>
      refusalOf("checking", kind, news, undefined, async () => {
        const hidden = readHidden(news);
        const defaultTags = readDefaultTags(config);
        const own = inRegion(plain(news), config);
        const request = { olds, news: own.inputs, autoName: hidden.n, parent: hidden.p, defaultTags };
        const { inputs, failures, warnings } = kind.check(request);
        for (const warning of warnings) sayOnce(warning);
        return { inputs: keptInputs(inputs, hidden), failures: [...own.failures, ...failures] };
      }),
    diff: (id, stored, news) =>
      refusalOf("comparing", kind, whole(id, stored), id, async () => {
        const olds = whole(id, stored);
        recorded.note(olds);
        const plan = ordered(kind.diff(olds, news), readHidden(news));
        const outage = kind.outage?.(olds, plan);
        if (outage !== undefined) sayOnce(outage);
        return answer(plan, readHidden(stored), readHidden(news));
      }),
    create: (inputs) =>
      refusalOf("creating", kind, inputs, undefined, async () => {
        const hidden = readHidden(inputs);
        const deadline = startDeadline(timeoutOf(hidden.c, kind.timeout));
        const request = { inputs, owner: hidden.o ?? "", deadline, isStanding: recorded.isStanding };
        const made = await kind.create(request, await openForNew());
        recorded.made(subjectOf(kind, inputs, made.id));
        return { id: made.id, outs: { ...storedOutputs(kind, made.id, made.props), ...keptOutputs(hidden) } };
      }),
    read: (id, stored = {}) =>
      refusalOf("reading", kind, whole(id, stored), id, async () => {
        const lookup = isLookup(stored);
        const props = lookup ? stored : whole(id, stored);
        const found = await kind.read({ id, props, defaultTags: readDefaultTags(config) }, await openOnce());
        if (found === undefined && lookup) throw new CallError("NotFound", "there is none of this id");
        if (found === undefined) return { id: "", props: {} };
        const kept = lookup ? found.props : storedOutputs(kind, found.id, found.props, stored);
        const outs = { ...kept, ...keptOutputs(readHidden(stored)) };
        return { id: found.id, props: outs, inputs: programInputs(found.props, kind) };
      }),
    update: (id, stored, inputs) =>
      refusalOf("updating", kind, inputs, id, async () => {
        const hidden = readHidden(inputs);
        const deadline = startDeadline(timeoutOf(hidden.u, kind.timeout));
        const request = { id, olds: whole(id, stored), inputs, owner: hidden.o ?? "", deadline };
        const outs = await kind.update(request, await openOnce());
        return { outs: { ...storedOutputs(kind, id, outs), ...keptOutputs(hidden) } };
      }),
    delete: (id, stored) =>
      refusalOf("deleting", kind, whole(id, stored), id, async () => {
        const deadline = startDeadline(timeoutOf(readHidden(stored).d, kind.timeout));
        await kind.delete({ id, props: whole(id, stored), deadline }, await openOnce());
      }),
  };
}

/** A `get` gives nothing but the id and a VPC; of what it does not find Pulumi would make a resource without values. */
function isLookup(props: Props): boolean {
  return Object.keys(plain(props)).every((name) => name === "vpc");
}

/** The program's own inputs. */
function plain(props: Props): Props {
  return Object.fromEntries(Object.entries(props).filter(([key]) => !key.startsWith("__")));
}

/** Another time-out for the delete is a change of the state only, which an update writes down. */
function answer(
  { changed, replaces, deleteBeforeReplace }: DiffResult,
  before: Hidden,
  after: Hidden,
): dynamic.DiffResult {
  return { changes: changed.length > 0 || before.d !== after.d, replaces: [...replaces], deleteBeforeReplace };
}
