/**
 * A transaction as etcd takes it: one entry in etcd's log, and one revision. etcd limits the compares and the operations
 * of a transaction to 128 each (--max-txn-ops), and those of a transaction within it to what the longer of the two lists
 * around it leaves of that (checkTxnRequest in api/v3rpc/key.go): many writes are a list of lists.
 */

import type { Layout } from "./etcd-layout.ts";
import { type KeyValue, readHeader, readKeyValue, readRange } from "./etcd-messages.ts";
import { Reader, Writer } from "./etcd-wire.ts";
import type { Expectation, Transaction, Write } from "./store.ts";

const mostAtOnce = 128;
/** Of one transaction; one more compare is the form's. */
export const mostExpectations = 111;
/** As many lists as there may be compares, less the head; in each, what they leave. */
export const mostWrites = mostExpectations * (mostAtOnce - mostExpectations - 1);

/** Of Compare in rpc.proto: the targets, and the fields that say what they are to be equal to. */
const [create, mod] = [
  { target: 1, field: 5 },
  { target: 2, field: 6 },
] as const;

/** What a link of the chain compares: one key's last write, or that no key is in a range. */
type Compare = (writer: Writer) => void;

/** Writes, if the expectations hold and the registry's form is as it was when it was opened; the head comes last. */
export function encodeTransaction({ expectations, writes }: Transaction, layout: Layout, formAt: number): Buffer {
  const writer = new Writer(4096 + writes.length * 512);
  const compares = [equal(mod, layout.form, formAt), ...expectations.map((each) => compareOf(each, layout))];
  for (const compare of compares) writer.message(1, compare);
  writeAll(writer, compares.length, writes, layout);
  for (const key of [layout.head, layout.form]) {
    writer.message(3, () => writer.message(1, () => writer.text(1, key)));
  }
  return writer.finish();
}

function compareOf(expectation: Expectation, layout: Layout): Compare {
  if ("key" in expectation) return equal(mod, layout.keyOf(expectation.key), layout.etcdRevision(expectation.revision));
  // Every key of the range must have been created at 0, which none was.
  const { start, end } = layout.rangeOf(expectation.prefix);
  return equal(create, start, 0, end);
}

function equal({ target, field }: typeof create | typeof mod, key: string, revision: number, end?: string): Compare {
  return (writer) => {
    writer.number(2, target).text(3, key).number(field, revision);
    if (end !== undefined) writer.text(64, end);
  };
}

function writeAll(writer: Writer, compares: number, writes: readonly Write[], layout: Layout): void {
  const listSize = Math.min(mostAtOnce - compares, mostAtOnce / 2);
  if (writes.length < mostAtOnce) writeEach(writer, writes, layout);
  else {
    for (let start = 0; start < writes.length; start += listSize) {
      const list = writes.slice(start, start + listSize);
      writer.message(2, () => writer.message(4, () => writeEach(writer, list, layout)));
    }
  }
  // 4: the answer has what it replaces, and with it the revision of the commit before.
  writer.message(2, () => writer.message(2, () => writer.text(1, layout.head).number(4, 1)));
}

function writeEach(writer: Writer, writes: readonly Write[], layout: Layout): void {
  for (const { key, value } of writes) {
    writer.message(2, () => {
      if (value === undefined) writer.message(3, () => writer.text(1, layout.keyOf(key)));
      else writer.message(2, () => writer.text(1, layout.keyOf(key)).text(2, value));
    });
  }
}

/** Writes a key that was last written at a revision; 0: that is not there. */
export function encodePutIf(key: string, value: string, at: number): Buffer {
  const writer = new Writer(512);
  writer.message(1, equal(mod, key, at));
  writer.message(2, () => writer.message(2, () => writer.text(1, key).text(2, value)));
  return writer.finish();
}

/** Says for as long as a lease lasts who a node is, if the registry's form is as it was. */
export function encodePresence(layout: Layout, key: string, value: string, { lease, at }: Presence): Buffer {
  const writer = new Writer(512);
  writer.message(1, equal(mod, layout.form, at));
  writer.message(2, () => writer.message(2, () => writer.text(1, key).text(2, value).number(3, lease)));
  writer.message(3, () => writer.message(1, () => writer.text(1, layout.form)));
  return writer.finish();
}

interface Presence {
  readonly lease: number;
  /** etcd's revision that wrote the form. */
  readonly at: number;
}

/** Writes a form, if the one before is as it was, and no node has come since a revision at which all were looked at. */
export function encodeRaise(
  layout: Layout,
  { value, at, nodesAt }: { readonly value: string; readonly at: number; readonly nodesAt: number },
): Buffer {
  const writer = new Writer(512);
  writer.message(1, equal(mod, layout.form, at));
  const isLess = 2; // of every key in the range
  writer.message(1, () => {
    writer
      .number(1, isLess)
      .number(2, mod.target)
      .text(3, layout.nodes)
      .number(mod.field, nodesAt + 1);
    writer.text(64, layout.nodesEnd);
  });
  writer.message(2, () => writer.message(2, () => writer.text(1, layout.form).text(2, value)));
  writer.message(3, () => writer.message(1, () => writer.text(1, layout.form)));
  return writer.finish();
}

/** What etcd made of it; revisions are etcd's own. */
export type Answer =
  /** `before`: of the commit before this one; 0 where this is the first. */
  | { readonly committed: number; readonly before: number }
  /** The head and the form of the registry as they are. */
  | { readonly head: KeyValue | undefined; readonly form: KeyValue | undefined };

export function decodeAnswer(message: Buffer, layout: Layout): Answer {
  const found = readAnswer(new Reader(message));
  if (found.holds) return { committed: found.revision, before: found.before };
  const named = (key: string) => found.read.find((each) => each.key === key);
  return { head: named(layout.head), form: named(layout.form) };
}

interface Found {
  holds: boolean;
  revision: number;
  before: number;
  read: KeyValue[];
}

function readAnswer(reader: Reader): Found {
  const found: Found = { holds: false, revision: 0, before: 0, read: [] };
  let inner = true;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) found.revision = readHeader(reader.message());
    else if (field === 2) found.holds = reader.number() !== 0;
    else if (field === 3) inner = readOperation(reader.message(), found) && inner;
    else reader.skip();
  }
  found.holds = found.holds && inner;
  return found;
}

/** Reads what an operation answers; answers whether all that it was to hold did. */
function readOperation(reader: Reader, found: Found): boolean {
  let holds = true;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) found.read.push(...readRange(reader.message(), 0).entries);
    else if (field === 2) found.before = Math.max(found.before, readReplaced(reader.message()));
    else if (field === 4) {
      const within = readAnswer(reader.message());
      holds = holds && within.holds;
      found.before = Math.max(found.before, within.before);
      found.read.push(...within.read);
    } else reader.skip();
  }
  return holds;
}

function readReplaced(reader: Reader): number {
  let revision = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) revision = readKeyValue(reader.message(), 0).revision;
    else reader.skip();
  }
  return revision;
}
