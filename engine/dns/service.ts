/** A service as DNS sees it: its instances, and the prepared records of those that are to be answered now. */
import { healthOf } from "../instance.ts";
import type { DnsServiceRecord } from "./change.ts";
import { canAnswer, prepare, type RecordSet } from "./record-set.ts";
import type { Target } from "./target.ts";
import { types, type WireName } from "./wire.ts";
import type { Zone } from "./zone.ts";

export class DnsService {
  readonly zone: Zone;
  readonly name: WireName;
  readonly record: DnsServiceRecord;
  readonly instances: Map<string, Target>;
  /** The types of its records, the first one first, with their TTLs. */
  readonly ttls: ReadonlyMap<number, number>;
  readonly #sets = new Map<number, RecordSet | undefined>();
  /** The sets hold from one moment until before another: health moves by time alone when a window ends. */
  from = 0;
  until = 0;
  /** Whether some of them are on the shelf too. */
  isKept = false;

  constructor(zone: Zone, name: WireName, record: DnsServiceRecord, instances: Map<string, Target>) {
    this.zone = zone;
    this.name = name;
    this.record = record;
    this.instances = instances;
    this.ttls = new Map(record.DnsConfig.DnsRecords.map(({ Type, TTL }) => [types[Type], TTL]));
  }

  get hasTargets(): boolean {
    return this.ttls.has(types.SRV);
  }

  /** An instance came, changed or went. */
  changed(): void {
    this.until = 0;
  }

  /** The records of a type at a moment; undefined where it has none. */
  set(type: number, now: number): RecordSet | undefined {
    if (now >= this.until || now < this.from) this.#renew(now);
    const found = this.#sets.get(type);
    if (found !== undefined || this.#sets.has(type)) return found;
    const ttl = this.ttls.get(type);
    const set = ttl === undefined ? undefined : this.#prepare(type, ttl, now);
    if (ttl !== undefined) this.#sets.set(type, set);
    return set;
  }

  #renew(now: number): void {
    this.#sets.clear();
    this.from = now;
    this.until = Number.POSITIVE_INFINITY;
    for (const { health } of this.instances.values()) {
      if (health !== undefined && health.Since > now && health.Since < this.until) this.until = health.Since;
    }
  }

  /** Those that are not unhealthy; if none is left, all: traffic that may fail is better than none. */
  #prepare(type: number, ttl: number, now: number): RecordSet | undefined {
    const able = [...this.instances.values()].filter((target) => canAnswer(type, target));
    if (able.length === 0) return undefined;
    const healthy = able.filter((target) => healthOf(this.record, target, now) !== "UNHEALTHY");
    const { RoutingPolicy = "MULTIVALUE" } = this.record.DnsConfig;
    return prepare(type, ttl, healthy.length > 0 ? healthy : able, RoutingPolicy, this.name);
  }
}
