/** The monitor: has a check for every instance that is to be probed, as the registry changes, and tells how it goes. */
import { isChecked } from "../../api/service.ts";
import type { Clock } from "../clock.ts";
import type { Command } from "../command.ts";
import type { Log } from "../log.ts";
import { healthKey, instanceKey, partsOf, serviceKey } from "../records.ts";
import type { Registry } from "../registry.ts";
import type { Write } from "../store/store.ts";
import type { Refuse } from "./address.ts";
import { Check, identityOf, type Subject, type Surroundings } from "./check.ts";
import { type Outcome, type Probe, probe as probeOnce } from "./probe.ts";
import { Schedule } from "./schedule.ts";
import { allMine, type IsMine } from "./share.ts";
import { targetOf } from "./target.ts";

export interface MonitorOptions {
  readonly registry: Registry;
  readonly submit: <T>(run: Command<T>) => Promise<T>;
  readonly clock: Clock;
  readonly log: Log;
  /** Where probes must not go. */
  readonly refuse: Refuse;
  /** Milliseconds from one probe of an instance to the next. */
  readonly interval: number;
  readonly isMine?: IsMine;
  readonly probe?: Probe;
  readonly most?: number;
  readonly random?: () => number;
}

export interface ProbeCounts {
  /** Instances that are probed, and those that would be if they could be. */
  readonly checks: number;
  /** Of these, those that are not, because of where they are. */
  readonly refused: number;
  readonly passed: number;
  readonly failed: number;
  /** Probes that say nothing, because this machine could not make them. */
  readonly undecided: number;
  /** Probes that began more than an interval after their time. */
  readonly late: number;
  readonly inFlight: number;
  /** Those whose time has come, and which wait for a place. */
  readonly waiting: number;
}

const none = { checks: 0, refused: 0, passed: 0, failed: 0, undecided: 0, late: 0, inFlight: 0, waiting: 0 };
export const noProbes: ProbeCounts = none;

/** Enough for 10,000 instances of which none answers: each then takes up to ten seconds of thirty. */
const mostInFlight = 4_096;
const longestRetryDelay = 5_000;
/** How often at most the log says the same about this machine, in milliseconds. */
const complaintInterval = 10 * 60_000;

interface Running {
  readonly check: Check;
  readonly stop: () => void;
}

export class Monitor {
  readonly #options: MonitorOptions;
  readonly #schedule: Schedule;
  readonly #surroundings: Surroundings;
  /** By service and by instance. */
  readonly #running = new Map<string, Map<string, Running>>();
  #results = { passed: 0, failed: 0, undecided: 0 };
  #complained = { when: Number.NEGATIVE_INFINITY, late: 0 };
  #leave = () => {};

  constructor(options: MonitorOptions) {
    const { registry, clock, log, refuse, submit, interval } = options;
    const { probe = probeOnce, random = Math.random, most = mostInFlight } = options;
    this.#options = options;
    this.#schedule = new Schedule({ clock, interval, most, random });
    const retryDelay = Math.min(interval, longestRetryDelay);
    const probed = (outcome: Outcome) => this.#count(outcome);
    const stored = ({ serviceId, id }: Subject) => registry.get(healthKey(serviceId, id))?.Status ?? "HEALTHY";
    this.#surroundings = { clock, log, probe, refuse, stored, submit, retryDelay, probed };
  }

  /** Begins with what the registry has, spread over an interval, and follows its changes. */
  start(): void {
    this.review(false);
    this.#leave = this.#options.registry.listen((writes) => this.#follow(writes));
  }

  stop(): void {
    this.#leave();
    for (const [serviceId, instances] of this.#running) {
      for (const id of instances.keys()) this.#end(serviceId, id);
    }
  }

  /** Goes through all instances: also to be called when others have become this node's to probe. */
  review(isNew: boolean): void {
    for (const { record } of this.#options.registry.services.values()) {
      if (record !== undefined) this.#reviewService(record.Id, isNew);
    }
  }

  get counts(): ProbeCounts {
    const all = [...this.#running.values()].flatMap((instances) => [...instances.values()]);
    const { late, inFlight, waiting } = this.#schedule;
    const refused = all.filter(({ check }) => check.refusal !== undefined).length;
    return { checks: all.length, refused, ...this.#results, late, inFlight, waiting };
  }

  #follow(writes: readonly Write[]): void {
    for (const { key } of writes) {
      const { noun, id, rest } = partsOf(key);
      if (noun === "instance") this.#review(id, rest, true);
      if (noun === "service") this.#reviewService(id, true);
    }
  }

  #reviewService(serviceId: string, isNew: boolean): void {
    const { record, instances } = this.#options.registry.services.get(serviceId) ?? {};
    const ids = new Set(this.#running.get(serviceId)?.keys());
    const isProbed = record?.HealthCheckConfig !== undefined; // where it is not, most of a registry is passed over
    for (const { id, health } of instances?.values() ?? []) if (isProbed || health !== undefined) ids.add(id);
    for (const id of ids) this.#review(serviceId, id, isNew);
  }

  #review(serviceId: string, id: string, isNew: boolean): void {
    const subject = this.#subjectOf(serviceId, id);
    const running = this.#running.get(serviceId)?.get(id);
    if (running !== undefined && subject !== undefined && running.check.identity === identityOf(subject)) return;
    if (running !== undefined) this.#end(serviceId, id);
    if (subject !== undefined) this.#begin(subject, isNew);
    else this.#forget(serviceId, id);
  }

  #subjectOf(serviceId: string, id: string): Subject | undefined {
    const { registry, isMine = allMine } = this.#options;
    const state = registry.services.get(serviceId);
    const record = state?.instances.get(id)?.record;
    if (state?.record === undefined || record === undefined || !isMine(serviceId, id)) return undefined;
    const target = targetOf(registry.namespaces.get(state.record.NamespaceId)?.record, state.record, record);
    if (target === undefined) return undefined;
    const threshold = state.record.HealthCheckConfig?.FailureThreshold ?? 1; // "the default is one check"
    return { serviceId, id, registration: record.OperationId, target, threshold };
  }

  #begin(subject: Subject, isNew: boolean): void {
    const { serviceId, id } = subject;
    const check = new Check(subject, this.#surroundings);
    const leave = this.#schedule.add((done) => check.run(done), isNew);
    const instances = this.#running.get(serviceId) ?? new Map<string, Running>();
    this.#running.set(serviceId, instances);
    instances.set(id, {
      check,
      stop: () => {
        check.stop();
        leave();
      },
    });
  }

  #end(serviceId: string, id: string): void {
    const instances = this.#running.get(serviceId);
    instances?.get(id)?.stop();
    instances?.delete(id);
    if (instances?.size === 0) this.#running.delete(serviceId);
  }

  /** A check that was taken from its service leaves no status behind, which a later check would begin with. */
  #forget(serviceId: string, id: string): void {
    const { registry, submit, isMine = allMine } = this.#options;
    const { record, instances } = registry.services.get(serviceId) ?? {};
    if (record === undefined || isChecked(record) || instances?.get(id)?.health === undefined) return;
    if (!isMine(serviceId, id)) return;
    const forget: Command<void> = (draft) => {
      const service = draft.guard(serviceKey(serviceId));
      if (service === undefined || isChecked(service) || draft.guard(instanceKey(serviceId, id)) === undefined) return;
      if (draft.guard(healthKey(serviceId, id)) !== undefined) draft.delete(healthKey(serviceId, id));
    };
    submit(forget).catch(() => {}); // tried again at the next start
  }

  #count({ passed, reason }: Outcome): void {
    this.#results[passed === undefined ? "undecided" : passed ? "passed" : "failed"] += 1;
    if (passed === undefined) this.#schedule.shrink();
    else this.#schedule.grow();
    this.#complain(passed === undefined ? reason : undefined);
  }

  /** Says that this machine cannot keep up, where it is so, and not again for a while. */
  #complain(reason: string | undefined): void {
    const { clock, log } = this.#options;
    const { late, inFlight } = this.#schedule;
    const { when, late: before } = this.#complained;
    if ((reason === undefined && late === before) || clock.now() - when < complaintInterval) return;
    this.#complained = { when: clock.now(), late };
    const remedy = "take a longer --probe-interval, or raise the limit of open files";
    const fields = { late: late - before, inFlight, ...(reason !== undefined && { reason }), remedy };
    log("warn", "this machine cannot probe all instances in their time", fields);
  }
}
