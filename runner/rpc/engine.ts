// The engine service: where programs and plugins log, and where the root resource is known.

import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type pb from "@pulumi/pulumi/proto/engine_pb.js";
import type { Severity } from "../deploy/plan.ts";
import { version } from "../version.ts";
import { handler } from "./server.ts";
import { empties, engineService, engine as messages } from "./stubs.ts";

export interface LogLine {
  readonly severity: Severity;
  readonly urn: string;
  readonly message: string;
  /** A status that the next one replaces, rather than a message to keep. */
  readonly ephemeral: boolean;
}

/** After a failure the SDK finds the monitor shut, and tells with a stack trace of what it was about to register: the failure says it. */
const monitorIsShut = "Channel has been shut down";

const severities: readonly Severity[] = ["debug", "info", "warning", "error"];

export function engineImplementation(onLog: (line: LogLine) => void): UntypedServiceImplementation {
  let root = "";
  const implemented: UntypedServiceImplementation = {
    log: handler((request: pb.LogRequest) => {
      const severity = severities[request.getSeverity()] ?? "info";
      const message = request.getMessage();
      if (severity === "error" && message.includes(monitorIsShut)) return new empties.Empty();
      onLog({ severity, urn: request.getUrn(), message, ephemeral: request.getEphemeral() });
      return new empties.Empty();
    }),
    getRootResource: handler(() => new messages.GetRootResourceResponse().setUrn(root)),
    setRootResource: handler((request: pb.SetRootResourceRequest) => {
      root = request.getUrn();
      return new messages.SetRootResourceResponse();
    }),
  };
  const others = Object.keys(engineService.EngineService).filter((name) => !(name in implemented));
  const refuse = (name: string) =>
    handler(() => {
      throw new Error(`${name} is not supported by this runner (${version})`);
    });
  return { ...Object.fromEntries(others.map((name) => [name, refuse(name)])), ...implemented };
}
