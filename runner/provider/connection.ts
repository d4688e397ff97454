// Calls of a provider process, with errors that say what came back.

import { status as codes } from "@grpc/grpc-js";
import { Failure } from "../failure.ts";
import { detailsOf, isStatus } from "../rpc/server.ts";
import { initFailureOf } from "./answer.ts";
import type { Plugin } from "./plugin.ts";
import type { Made, ReadResult } from "./provider.ts";

export class Connection {
  readonly plugin: Plugin;
  readonly name: string;

  constructor(plugin: Plugin, pkg: string) {
    this.plugin = plugin;
    this.name = `the provider plugin "${pkg}"`;
  }

  async ask<T>(make: () => Promise<T>): Promise<T> {
    try {
      return await make();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Undefined where the provider does not implement the call. */
  async optional<T>(make: () => Promise<T>): Promise<T | undefined> {
    try {
      return await make();
    } catch (error) {
      if (isStatus(error, codes.UNIMPLEMENTED)) return undefined;
      throw this.#explain(error);
    }
  }

  /** A resource that exists but is not well is an answer, not an error. */
  async partial<T extends object>(make: () => Promise<T>): Promise<T | (Made & ReadResult)> {
    try {
      return await make();
    } catch (error) {
      const failed = initFailureOf(error);
      if (failed === undefined) throw this.#explain(error);
      return failed;
    }
  }

  #explain(error: unknown): Error {
    const text = detailsOf(error);
    if (!isStatus(error, codes.UNAVAILABLE)) return new Failure(text);
    const output = this.plugin.lastOutput();
    return new Failure(`${this.name} went away: ${text}${output === "" ? "" : `\n${output}`}`);
  }
}
