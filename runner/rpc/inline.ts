// Runs a program that lives in an Automation API process, which serves it as a language runtime (`--client`).

import { credentials } from "@grpc/grpc-js";
import type pb from "@pulumi/pulumi/proto/language_pb.js";
import { organization } from "../stack/backend.ts";
import type { Program, ProgramFailure, ProgramOptions } from "./program.ts";
import { call, detailsOf, grpcOptions } from "./server.ts";
import { languageService, language as messages } from "./stubs.ts";

export function startInline(address: string, options: ProgramOptions): Program {
  const { project } = options;
  const client = new languageService.LanguageRuntimeClient(address, credentials.createInsecure(), grpcOptions);
  const request = new messages.RunRequest()
    .setProject(project.name)
    .setStack(options.stack)
    .setOrganization(organization)
    .setPwd(project.program)
    .setProgram(project.entry)
    .setDryrun(options.preview)
    .setParallel(options.parallel)
    .setMonitorAddress(options.monitor)
    .setArgsList([options.engine])
    .setConfigsecretkeysList([...options.secretKeys]);
  for (const [key, value] of Object.entries(options.config)) request.getConfigMap().set(key, value);
  return { ended: run(client, request), stop: async () => client.close() };
}

async function run(
  client: InstanceType<typeof languageService.LanguageRuntimeClient>,
  request: pb.RunRequest,
): Promise<ProgramFailure> {
  try {
    const response = await call<pb.RunResponse>((done) => client.run(request, done));
    if (response.getBail()) return "logged";
    const error = response.getError();
    return error === "" ? undefined : { message: error };
  } catch (error) {
    return { message: detailsOf(error) };
  }
}
