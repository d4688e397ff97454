/** The check of one instance: what its probes have found so far, and its status in the registry. */
import type { CustomHealthStatus } from "../../api/instance.ts";
import type { Clock } from "../clock.ts";
import type { Command } from "../command.ts";
import type { Log } from "../log.ts";
import { healthKey, instanceKey, serviceKey, watchKey } from "../records.ts";
import type { Refuse } from "./address.ts";
import type { Outcome, Probe } from "./probe.ts";
import { judge, type Streak } from "./streak.ts";
import type { Target } from "./target.ts";

/** What is checked: another registration, target or threshold makes another check. */
export interface Subject {
  readonly serviceId: string;
  readonly id: string;
  /** The operation that registered the instance as it is. */
  readonly registration: string;
  readonly target: Target;
  readonly threshold: number;
}

/** What checks have in common. */
export interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly probe: Probe;
  readonly refuse: Refuse;
  /** The status in the registry; HEALTHY until there is another. */
  readonly stored: (subject: Subject) => CustomHealthStatus;
  readonly submit: <T>(run: Command<T>) => Promise<T>;
  /** Milliseconds until a result that could not be stored is tried again. */
  readonly retryDelay: number;
  /** Is told of each probe that was made. */
  readonly probed: (outcome: Outcome) => void;
}

export class Check {
  readonly identity: string;
  /** Why it is not probed, where it is not. */
  refusal: string | undefined;
  readonly #subject: Subject;
  readonly #with: Surroundings;
  #streak: Streak;
  #storing = false;
  #stopped = false;
  #stopRetry = () => {};

  constructor(subject: Subject, surroundings: Surroundings) {
    this.identity = identityOf(subject);
    this.#subject = subject;
    this.#with = surroundings;
    this.#streak = { status: surroundings.stored(subject), against: 0 };
  }

  /** Probes once. */
  run(done: () => void): () => void {
    const { target } = this.#subject;
    if (this.#isRefused()) {
      done();
      return () => {};
    }
    return this.#with.probe(target, this.#with.clock, (outcome) => {
      this.#with.probed(outcome);
      this.#take(outcome);
      done();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#stopRetry();
  }

  /** Asked before each probe, since the machine's own addresses may change; said once. */
  #isRefused(): boolean {
    const { target, serviceId, id } = this.#subject;
    const refusal = this.#with.refuse(target.address, target.port);
    if (refusal !== undefined && refusal !== this.refusal) {
      const { address, port } = target;
      const remedy = "to have it probed, start the engine with --probe-allow and its network";
      const reason = `${refusal}; its status stays as it is; ${remedy}`;
      this.#with.log("warn", `instance ${id} of service ${serviceId} is not probed`, { address, port, reason });
    }
    this.refusal = refusal;
    return refusal !== undefined;
  }

  #take({ passed, reason }: Outcome): void {
    if (passed === undefined) return;
    const { serviceId, id, threshold, target } = this.#subject;
    const { status } = this.#streak;
    this.#streak = judge(this.#streak, passed, threshold);
    if (this.#streak.status !== status) {
      const { type, address, port } = target;
      const fields = { type, address, port, threshold, ...(!passed && { reason }) };
      this.#with.log("info", `instance ${id} of service ${serviceId} is ${this.#streak.status}`, fields);
    }
    this.#store();
  }

  /** Brings the registry to the status that was found; one write at a time, and none where it is there. */
  #store(): void {
    const { status } = this.#streak;
    if (this.#stopped || this.#storing || status === this.#with.stored(this.#subject)) return;
    this.#stopRetry();
    this.#storing = true;
    this.#with.submit(recordHealth(this.#subject, status, this.#with.clock.now())).then(
      () => {
        this.#storing = false;
        if (this.#streak.status !== status) this.#store();
      },
      () => {
        this.#storing = false;
        if (!this.#stopped) this.#stopRetry = this.#with.clock.after(this.#with.retryDelay, () => this.#store());
      },
    );
  }
}

export function identityOf({ registration, target, threshold }: Subject): string {
  return JSON.stringify([registration, target, threshold]);
}

/** Unless the instance or its check has become another one: then the finding is about something that is gone. */
function recordHealth({ serviceId, id, registration }: Subject, Status: CustomHealthStatus, Since: number) {
  return ((draft) => {
    const instance = draft.guard(instanceKey(serviceId, id));
    const service = draft.guard(serviceKey(serviceId));
    if (instance?.OperationId !== registration || service?.HealthCheckConfig === undefined) return;
    draft.put(healthKey(serviceId, id), { Status, Since });
    draft.put(watchKey(serviceId), true);
  }) satisfies Command<void>;
}
