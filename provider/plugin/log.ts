// Tells the user what happens, on the row of the resource that it happens to.
import { AsyncLocalStorage } from "node:async_hooks";
import { credentials } from "@grpc/grpc-js";
import { grpcOptions } from "./server.ts";
import { engine, engineService } from "./stubs.ts";

/** A resource while it is worked on. */
interface Row {
  readonly urn: string;
  /** When its next line of progress may be shown, in milliseconds of this process: each is a call, and a line of a log. */
  quietUntil?: number;
  isShown: boolean;
  /** Shows the last line until then. */
  held?: (() => void) | undefined;
  timer?: NodeJS.Timeout;
}

const current = new AsyncLocalStorage<Row>();
/** Milliseconds from the first line on: what takes no longer is done before anybody has read of it. */
const patience = 300;
const between = 1000;

/** Everything that is told within the work belongs to the resource. */
export async function about<T>(urn: string, work: () => Promise<T>): Promise<T> {
  const row: Row = { urn, isShown: false };
  return current.run(row, async () => {
    try {
      const done = await work();
      if (row.isShown) row.held?.(); // so that what is done does not stay PENDING to who reads
      return done;
    } finally {
      clearTimeout(row.timer);
    }
  });
}

export interface Log {
  /** Stays in the output. */
  info(line: string): void;
  warning(line: string): void;
  /** Shown while the resource is worked on, until the next line, one a second and the last; of what is soon done, nothing. */
  progress(line: string): void;
}

/** Tells the engine that started the plugin; without one there is nobody to tell. */
export function openLog(address: string | undefined): Log {
  if (address === undefined) return { info: () => {}, warning: () => {}, progress: () => {} };
  const client = new engineService.EngineClient(address, credentials.createInsecure(), grpcOptions);
  const { INFO, WARNING } = engine.LogSeverity;
  const tell = (severity: typeof INFO | typeof WARNING, ephemeral: boolean) => (line: string) => {
    const request = new engine.LogRequest().setSeverity(severity).setMessage(line).setEphemeral(ephemeral);
    client.log(request.setUrn(current.getStore()?.urn ?? ""), () => {}); // an engine that is gone needs no lines
  };
  return { info: tell(INFO, false), warning: tell(WARNING, false), progress: patiently(tell(INFO, true)) };
}

function patiently(tell: (line: string) => void): (line: string) => void {
  return (line) => {
    const row = current.getStore();
    if (row === undefined) return tell(line);
    const show = () => {
      Object.assign(row, { isShown: true, held: undefined, quietUntil: performance.now() + between });
      tell(line);
    };
    clearTimeout(row.timer);
    row.held = show;
    row.quietUntil ??= performance.now() + patience;
    const left = row.quietUntil - performance.now();
    if (left <= 0) return show();
    row.timer = setTimeout(show, left);
  };
}
