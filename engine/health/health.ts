/** Health as one part of the engine: probes, the windows of reports, and who waits to be told of either. */
import { type Clock, systemClock } from "../clock.ts";
import type { Dispatcher } from "../dispatch.ts";
import { type Log, logToStderr } from "../log.ts";
import { Nodes } from "../nodes.ts";
import { healthKey } from "../records.ts";
import { Watches } from "../watch.ts";
import { type Listener, probeRules } from "./address.ts";
import { Monitor, noProbes, type ProbeCounts } from "./monitor.ts";
import type { IsMine } from "./share.ts";
import { Windows } from "./window.ts";

export interface HealthOptions {
  readonly probeInterval?: number;
  readonly probeAllow?: readonly string[];
  readonly now?: () => number;
  readonly after?: Clock["after"];
  readonly log?: Log;
}

export interface Health {
  readonly watches: Watches;
  readonly probes: () => ProbeCounts;
  /** Begins to probe, but never what the engine itself listens on. */
  start(own: readonly Listener[]): void;
  /** Leaves no probe under way, and answers all who wait. */
  stop(): void;
}

export function openHealth(options: HealthOptions, dispatcher: Dispatcher, nodes = new Nodes("alone")): Health {
  const { now = Date.now, after = systemClock.after, log = logToStderr } = options;
  const { probeInterval: interval = 30_000, probeAllow: allow = [] } = options;
  const { registry } = dispatcher;
  const clock: Clock = { now, after };
  const submit: Dispatcher["submit"] = (run) => dispatcher.submit(run);
  const watches = new Watches({ registry, clock });
  const windows = new Windows({ registry, submit, clock, isMine: (key) => nodes.isMine(key) });
  const isMine: IsMine = (serviceId, id) => nodes.isMine(healthKey(serviceId, id));
  let monitor: Monitor | undefined;
  let leave = () => {};
  return {
    watches,
    probes: () => monitor?.counts ?? noProbes,
    start: (own) => {
      windows.start();
      const refuse = probeRules({ own, allow });
      const probing = new Monitor({ registry, submit, clock, log, refuse, interval, isMine });
      probing.start();
      monitor = probing;
      leave = nodes.listen(() => {
        probing.review(false);
        windows.share();
      });
    },
    stop: () => {
      leave();
      monitor?.stop();
      windows.stop();
      watches.stop();
    },
  };
}
