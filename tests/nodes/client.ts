/** A client of several nodes that knows what it does not know: whether a request whose answer is lost has been done. */
import { Agent, request } from "node:http";
import { targetPrefix } from "../../api/operations.ts";

export interface Answer {
  readonly called: number;
  readonly returned: number;
  /** `unsent`: nothing has been done. `unknown`: nobody can tell. */
  readonly kind: "answered" | "unsent" | "unknown";
  readonly status: number;
  /** The answer's code where it is a refusal, "" where it is none. */
  readonly code: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The revision that it says it is from. */
  readonly revision: number | undefined;
}

/** Whether an answer says what came of its request. */
export function isSure({ kind, status }: Answer): boolean {
  return kind === "answered" && status < 500;
}

/** Whether nothing can have come of a request: it was not sent, or a node says that it was not done and could be later. */
export function isUndone({ kind, code, body }: Answer): boolean {
  if (kind === "unsent" || code === "ThrottlingException") return true;
  return code === "ServiceUnavailable" && !/^It is not known whether/.test(String(body.Message));
}

/** Longer than any fault lasts: a request that is not answered by then has been forgotten. */
const patience = 30_000;

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Asks a node; never throws. */
export function ask(
  node: { readonly port: number },
  operation: string,
  input: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const called = performance.now();
  const text = JSON.stringify(input);
  return new Promise((resolve) => {
    let isSent = false;
    const end = (kind: Answer["kind"], more: Partial<Answer> = {}) =>
      resolve({
        called,
        returned: performance.now(),
        status: 0,
        code: "",
        body: {},
        revision: undefined,
        kind,
        ...more,
      });
    const lost = () => end(isSent ? "unknown" : "unsent");
    const sent = request(
      {
        agent,
        host: "127.0.0.1",
        port: node.port,
        method: "POST",
        timeout: patience,
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "content-length": Buffer.byteLength(text),
          "x-amz-target": `${targetPrefix}.${operation}`,
          ...headers,
        },
      },
      (answer) => {
        let said = "";
        answer
          .setEncoding("utf8")
          .on("data", (part: string) => {
            said += part;
          })
          .on("error", lost)
          .on("end", () =>
            answer.complete ? end("answered", read(answer.statusCode ?? 0, said, answer.headers)) : lost(),
          );
      },
    );
    sent.on("socket", (socket) => {
      if (socket.connecting) socket.once("connect", () => (isSent = true));
      else isSent = true;
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", lost);
    sent.end(text);
  });
}

function read(status: number, text: string, headers: Readonly<Record<string, unknown>>): Partial<Answer> {
  const revision = headers["x-cloudmap-revision"];
  const body = text === "" ? {} : JSON.parse(text);
  return {
    status,
    body,
    code: status === 200 ? "" : String(body.__type),
    revision: revision === undefined ? undefined : Number(revision),
  };
}
