// Tells the user what happens, on the row of the resource that it happens to.
import { AsyncLocalStorage } from "node:async_hooks";
import { credentials } from "@grpc/grpc-js";
import { grpcOptions } from "./server.ts";
import { engine, engineService } from "./stubs.ts";

const current = new AsyncLocalStorage<string>();

/** Everything that is told within the work belongs to the resource. */
export function about<T>(urn: string, work: () => Promise<T>): Promise<T> {
  return current.run(urn, work);
}

export interface Log {
  /** Stays in the output. */
  info(line: string): void;
  warning(line: string): void;
  /** Shown while the resource is worked on, until the next line. */
  progress(line: string): void;
}

/** Tells the engine that started the plugin; without one there is nobody to tell. */
export function openLog(address: string | undefined): Log {
  if (address === undefined) return { info: () => {}, warning: () => {}, progress: () => {} };
  const client = new engineService.EngineClient(address, credentials.createInsecure(), grpcOptions);
  const { INFO, WARNING } = engine.LogSeverity;
  const tell = (severity: typeof INFO | typeof WARNING, ephemeral: boolean) => (line: string) => {
    const request = new engine.LogRequest().setSeverity(severity).setMessage(line).setEphemeral(ephemeral);
    client.log(request.setUrn(current.getStore() ?? ""), () => {}); // an engine that is gone needs no lines
  };
  return { info: tell(INFO, false), warning: tell(WARNING, false), progress: tell(INFO, true) };
}
