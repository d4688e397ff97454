/**
 * Metrics: families of samples that are read when Prometheus asks. What is measured all the time is counted in plain
 * numbers by those who know it; only the asking goes through prom-client, which is loaded then.
 */
import type { Metric, Registry } from "prom-client";
import type { Sample } from "./histogram.ts";

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: () => Iterable<Sample> | Promise<Iterable<Sample>>;
}

export interface Exposition {
  readonly type: string;
  readonly text: string;
}

/** Answers everything that the families know at this moment, in Prometheus's text format. */
export type Scrape = () => Promise<Exposition>;

/** Scrapes at the same time share one walk over the registry; families may be added to the list between two of them. */
export function scraper(families: readonly Family[]): Scrape {
  let prepared: Promise<Registry> | undefined;
  let running: Promise<Exposition> | undefined;
  const scrape = async (): Promise<Exposition> => {
    prepared ??= prepare();
    const registry = await prepared;
    for (const family of families) if (registry.getSingleMetric(family.name) === undefined) add(registry, family);
    return { type: registry.contentType, text: await registry.metrics() };
  };
  return () => {
    running ??= scrape().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/** With what prom-client knows of the process: CPU, memory, files, event loop, garbage collection. */
async function prepare(): Promise<Registry> {
  const { Registry, collectDefaultMetrics } = await import("prom-client");
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

function add(registry: Registry, { name, help, type, samples }: Family): void {
  const get = async () => ({ name, help, type, values: [...(await samples())], aggregator: "sum" });
  registry.registerMetric({ name, get } as unknown as Metric); // of a metric, a registry asks for no more than these
}

/** A family of one sample without labels. */
export function single(type: "counter" | "gauge", name: string, help: string, read: () => number): Family {
  return { name, help, type, samples: () => [{ labels: {}, value: read() }] };
}
