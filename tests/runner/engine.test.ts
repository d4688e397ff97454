// What programs and plugins log, as the engine service takes it.
import { Client, credentials } from "@grpc/grpc-js";
import { expect } from "chai";
import { engineImplementation, type LogLine } from "../../runner/rpc/engine.ts";
import { createServer, listen } from "../../runner/rpc/server.ts";
import { engineService, engine as messages } from "../../runner/rpc/stubs.ts";

describe("what a program logs", () => {
  it("is shown, but for the SDK's word that a failure has shut its monitor", async () => {
    const lines: LogLine[] = [];
    const server = createServer();
    server.addService(
      engineService.EngineService,
      engineImplementation((line) => lines.push(line)),
    );
    const client = new Client(await listen(server), credentials.createInsecure());
    const { path, requestSerialize, responseDeserialize } = engineService.EngineService.log;
    const log = (message: string) =>
      new Promise<void>((done, fail) => {
        const request = new messages.LogRequest().setSeverity(messages.LogSeverity.ERROR).setMessage(message);
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error) =>
          error === null ? done() : fail(error),
        );
      });
    await log("the shop is closed");
    await log(
      'Error: error serializing property "serviceId": Channel has been shut down\n    at createCall (a.ts:1:2)',
    );
    client.close();
    server.forceShutdown();
    expect(lines.map(({ severity, message }) => [severity, message])).to.deep.equal([["error", "the shop is closed"]]);
  });
});
