/** Monitoring: what is told of each request when it is answered, for the audit log and the metrics, and how these are read. */
import { type Audit, audit, type Finished } from "./audit.ts";
import { censusFamilies } from "./census.ts";
import type { Context } from "./context.ts";
import type { Dispatcher } from "./dispatch.ts";
import type { Log } from "./log.ts";
import { type LogFile, openLogFile } from "./log-file.ts";
import { type Family, type Scrape, scraper, single } from "./metrics.ts";
import { Traffic } from "./traffic.ts";

export interface MonitoringOptions {
  readonly context: Context;
  readonly dispatcher: Dispatcher;
  readonly version: string;
  readonly log: Log;
  readonly auditLog?: string | undefined;
  /** Whether discoveries are in the audit log too. */
  readonly auditData?: boolean | undefined;
  /** What others measure; there may come more of it later. */
  readonly families: readonly Family[];
}

export interface Monitoring {
  /** Told of each request when it is answered; never throws. */
  readonly finished: (request: Finished) => void;
  /** Answers more families from the next scrape on. */
  readonly add: (...families: readonly Family[]) => void;
  readonly scrape: Scrape;
  /** Lets go of the files, so that the next line begins new ones where they were moved away. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

export async function openMonitoring(options: MonitoringOptions): Promise<Monitoring> {
  const { context, dispatcher, log, auditLog } = options;
  const traffic = new Traffic();
  const file = auditLog === undefined ? undefined : await openAudit(auditLog, log);
  const auditor = file && audit({ ...context, write: (line) => file.write(line), data: options.auditData ?? false });
  const families: Family[] = [
    ...traffic.families(),
    ...censusFamilies(dispatcher, context.now),
    ...options.families,
    ...(file && auditor ? auditFamilies(file, auditor) : []),
    build(options.version),
  ];
  return {
    finished: (request) => {
      traffic.add(request.operation, request.error?.code ?? "OK", (performance.now() - request.started) / 1000);
      if (auditor !== undefined) tell(auditor, request, log);
    },
    add: (...more) => void families.push(...more),
    scrape: scraper(families),
    reopen: async () => file?.reopen(),
    close: async () => file?.close(),
  };
}

async function openAudit(path: string, log: Log): Promise<LogFile> {
  try {
    return await openLogFile(path, { what: "the audit log", log });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`--audit-log ${path}: it cannot be written: ${reason}`, { cause: error });
  }
}

/** An event that cannot be written down must not keep the answer from its client. */
function tell(auditor: Audit, request: Finished, log: Log): void {
  try {
    auditor.tell(request);
  } catch (error) {
    log("error", "a request is missing in the audit log", { requestId: request.id, cause: String(error) });
  }
}

function auditFamilies(file: LogFile, { counts }: Audit): Family[] {
  const events = () => [
    { labels: { outcome: "written" }, value: file.counts.written },
    { labels: { outcome: "lost" }, value: file.counts.lost },
    { labels: { outcome: "unproven" }, value: counts.unproven },
  ];
  return [
    {
      name: "cloudmap_audit_events_total",
      help: "Audit events: written; lost, because the file could not be written; unproven, of too many callers without a valid signature.",
      type: "counter",
      samples: events,
    },
    single("counter", "cloudmap_audit_failures_total", "Times that the audit log could not be written.", () => {
      return file.counts.failures;
    }),
  ];
}

function build(version: string): Family {
  const labels = { version, node: process.version };
  const help = "Always 1: which version runs, on which Node.js.";
  return { name: "cloudmap_build_info", help, type: "gauge", samples: () => [{ labels, value: 1 }] };
}
