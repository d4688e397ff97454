/** How the probes go, and how many wait for what they find, as metrics. */
import { type Family, single } from "../metrics.ts";
import type { ProbeCounts } from "./monitor.ts";

const results = ["passed", "failed", "undecided"] as const;

export function probeFamilies(read: () => ProbeCounts): Family[] {
  return [
    {
      name: "cloudmap_probes_total",
      help: "Probes that ended, by result; undecided: this machine could not make them.",
      type: "counter",
      samples: () => {
        const counts = read();
        return results.map((result) => ({ labels: { result }, value: counts[result] }));
      },
    },
    single("counter", "cloudmap_probes_late_total", "Probes that began more than an interval late.", () => read().late),
    single("gauge", "cloudmap_probes_in_flight", "Probes that are under way.", () => read().inFlight),
    single("gauge", "cloudmap_probes_waiting", "Probes whose time has come, and that wait for a place.", () => {
      return read().waiting;
    }),
    single("gauge", "cloudmap_probed_instances", "Instances that are probed.", () => read().checks - read().refused),
    single("gauge", "cloudmap_unprobed_instances", "Instances that are not probed, because of where they are.", () => {
      return read().refused;
    }),
  ];
}

export function watchFamilies(open: () => number): Family[] {
  return [single("gauge", "cloudmap_watches_open", "Requests that wait for a service to change.", open)];
}
