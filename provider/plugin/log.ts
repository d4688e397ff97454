// Tells the user what happens, on the row of the resource that it happens to.
import { AsyncLocalStorage } from "node:async_hooks";
import { credentials } from "@grpc/grpc-js";
import { grpcOptions } from "./server.ts";
import { engine, engineService } from "./stubs.ts";

/** A resource while it is worked on. */
interface Row {
  readonly urn: string;
  /** When what is told of its progress is shown, in milliseconds of this process: each line is a call. */
  readonly patientUntil: number;
  /** The last line until then. */
  held?: NodeJS.Timeout;
}

const current = new AsyncLocalStorage<Row>();
/** Milliseconds: what takes no longer is done before anybody has read of it. */
const patience = 300;

/** Everything that is told within the work belongs to the resource. */
export async function about<T>(urn: string, work: () => Promise<T>): Promise<T> {
  const row: Row = { urn, patientUntil: performance.now() + patience };
  try {
    return await current.run(row, work);
  } finally {
    clearTimeout(row.held);
  }
}

export interface Log {
  /** Stays in the output. */
  info(line: string): void;
  warning(line: string): void;
  /** Shown while the resource is worked on, until the next line; of what is soon done, nothing. */
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
    const left = (row?.patientUntil ?? 0) - performance.now();
    if (row === undefined || left <= 0) return tell(line);
    clearTimeout(row.held);
    row.held = setTimeout(tell, left, line);
  };
}
