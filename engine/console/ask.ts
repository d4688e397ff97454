/** What a page asks of the API: as any client does, so that it shows what its reader may see, and is counted and recorded. */
import { CloudMapError, type ErrorCode } from "../../api/errors.ts";
import { includeHeader } from "../../api/extensions.ts";
import { type Input, type OperationsOf, type Output, targetPrefix } from "../../api/operations.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Caller } from "../auth/caller.ts";
import { type ApiOptions, answerApi } from "../http/api.ts";
import { json } from "../http/json.ts";
import type { Request } from "../http/request.ts";
import { dependsOnState } from "../reading.ts";

/** Only reads: a page changes nothing. Throws what the API refuses with. */
export type Ask = <N extends OperationsOf<"read">>(operation: N, input: Input<N>) => Promise<Output<N>>;

/** Who looks at a page. */
export interface Reader {
  /** The registry's own where it is not known who asks. */
  readonly account: string;
  readonly ask: Ask;
}

export interface ConsoleOptions extends ApiOptions {
  /** Says who looks, or refuses it. */
  readonly consoleReaders: Authenticator;
  readonly version: string;
}

/** Asks in the name of whoever has asked for the page; who is refused is refused each question, as any client is. */
export function readerOf(page: Request, options: ConsoleOptions): Reader {
  const { account, authenticate } = signIn(page, options);
  const ask: Ask = async (operation, input) => {
    const { host, "user-agent": agent } = page.headers;
    const headers = {
      host,
      "user-agent": agent,
      "content-type": json.type,
      "x-amz-target": `${targetPrefix}.${operation}`,
      [includeHeader]: "tags",
    };
    const body = Buffer.from(JSON.stringify(input), "utf8");
    const request = { method: "POST", target: "/", headers, body, address: page.address };
    const reply = await answerApi({ ...options, authenticate }, request);
    const told = JSON.parse(String(reply.body));
    if (reply.status !== 200) throw new CloudMapError(told.__type as ErrorCode, told.Message);
    return told;
  };
  return { account, ask };
}

/** Who asks for a page, or why that is not known: found out once. */
function signIn(page: Request, { consoleReaders, context }: ConsoleOptions) {
  try {
    const caller = consoleReaders(page, "servicediscovery");
    return { account: caller.account, authenticate: () => caller };
  } catch (error) {
    const authenticate = (): Caller => {
      throw error;
    };
    return { account: context.account, authenticate };
  }
}

/** What a page tells beside what it is about: undefined where its reader may not see that, or it has gone meanwhile. */
export async function beside<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (dependsOnState(error)) return undefined;
    throw error;
  }
}
