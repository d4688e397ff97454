/**
 * The part of etcd's API that the store uses, as it is on the wire: requests written, responses read
 * (https://etcd.io/docs/v3.4/dev-guide/api_reference_v3/; the numbers are those of rpc.proto and kv.proto).
 */
import { Reader, Writer } from "./etcd-wire.ts";

export interface KeyValue {
  readonly key: string;
  readonly value: string;
  /** The revision that wrote it last. */
  readonly revision: number;
}

export interface RangeRequest {
  readonly key: string;
  /** Up to this key, which is not in it; without it, the one key. */
  readonly end?: string;
  readonly limit?: number;
  /** As it was then; without it, as it is now. */
  readonly at?: number;
  readonly keysOnly?: boolean;
}

export interface RangeResponse {
  /** Of etcd as a whole, when it answered. */
  readonly revision: number;
  readonly entries: readonly KeyValue[];
  readonly more: boolean;
}

export function writeRange(writer: Writer, { key, end, limit = 0, at = 0, keysOnly }: RangeRequest): void {
  writer.text(1, key);
  if (end !== undefined) writer.text(2, end);
  writer.number(3, limit).number(4, at);
  if (keysOnly) writer.number(8, 1);
}

export function encodeRange(request: RangeRequest): Buffer {
  const writer = new Writer(256);
  writeRange(writer, request);
  return writer.finish();
}

/** `cut`: how many bytes of each key are left out. */
export function decodeRange(message: Buffer, cut = 0): RangeResponse {
  return readRange(new Reader(message), cut);
}

export function readRange(reader: Reader, cut: number): RangeResponse {
  let [revision, more] = [0, false];
  const entries: KeyValue[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) revision = readHeader(reader.message());
    else if (field === 2) entries.push(readKeyValue(reader.message(), cut));
    else if (field === 3) more = reader.number() !== 0;
    else reader.skip();
  }
  return { revision, entries, more };
}

/** The revision in a response's header. */
export function readHeader(reader: Reader): number {
  let revision = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 3) revision = reader.number();
    else reader.skip();
  }
  return revision;
}

export function readKeyValue(reader: Reader, cut: number): KeyValue {
  let [key, value, revision] = ["", "", 0];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) key = cut === 0 ? reader.text() : reader.textFrom(cut);
    else if (field === 3) revision = reader.number();
    else if (field === 5) value = reader.text();
    else reader.skip();
  }
  return { key, value, revision };
}

/** Begins to tell of a range's changes from a revision on. */
export function encodeWatch(key: string, end: string, from: number): Buffer {
  const create = (writer: Writer) => writer.text(1, key).text(2, end).number(3, from).number(8, 1); // 8: in fragments
  return new Writer(256).message(1, create).finish();
}

export interface WatchResponse {
  readonly created: boolean;
  /** Why etcd tells of nothing more. */
  /** `compacted`: the revision before which etcd has forgotten everything, where that is why; else 0. */
  readonly canceled?: { readonly reason: string; readonly compacted: number };
  readonly events: readonly WatchEvent[];
}

export interface WatchEvent {
  readonly key: string;
  /** Undefined: it was removed. */
  readonly value: string | undefined;
  readonly revision: number;
}

export function decodeWatch(message: Buffer): WatchResponse {
  const reader = new Reader(message);
  let [created, canceled, compacted, reason] = [false, false, 0, ""];
  const events: WatchEvent[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 3) created = reader.number() !== 0;
    else if (field === 4) canceled = reader.number() !== 0;
    else if (field === 5) compacted = reader.number();
    else if (field === 6) reason = reader.text();
    else if (field === 11) events.push(readEvent(reader.message()));
    else reader.skip();
  }
  return { created, events, ...(canceled && { canceled: { reason, compacted } }) };
}

function readEvent(reader: Reader): WatchEvent {
  let removed = false;
  let entry: KeyValue = { key: "", value: "", revision: 0 };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) removed = reader.number() === 1;
    else if (field === 2) entry = readKeyValue(reader.message(), 0);
    else reader.skip();
  }
  return { key: entry.key, value: removed ? undefined : entry.value, revision: entry.revision };
}

export function encodeAuthenticate(name: string, password: string): Buffer {
  return new Writer(256).text(1, name).text(2, password).finish();
}

export function decodeToken(message: Buffer): string {
  const reader = new Reader(message);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) return reader.text();
    reader.skip();
  }
  return "";
}

export function encodeGrant(id: number, seconds: number): Buffer {
  return new Writer(32).number(1, seconds).number(2, id).finish();
}

/** Of a lease that is to be kept alive, or to be given up. */
export function encodeLease(id: number): Buffer {
  return new Writer(32).number(1, id).finish();
}

/** How many seconds a lease still has; 0: it is over. */
export function decodeKeepAlive(message: Buffer): number {
  const reader = new Reader(message);
  let left = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 3) left = reader.number();
    else reader.skip();
  }
  return left;
}

export function encodePut(key: string, value: string, lease: number): Buffer {
  return new Writer(256).text(1, key).text(2, value).number(3, lease).finish();
}

/** A range of keys, to be removed. */
export function encodeDelete(key: string, end: string): Buffer {
  return new Writer(256).text(1, key).text(2, end).finish();
}
