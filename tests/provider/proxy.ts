// A forwarder before an engine that counts the requests by operation, answers some in its place, and rewrites answers.
import { type Answer, type Call, Front } from "../engine/front.ts";

export interface Reply {
  readonly status?: number;
  readonly contentType?: string;
  readonly body: unknown;
}

type Own = Reply | "cut" | undefined;
/** Answers a request in the engine's place; undefined lets it through. */
export type Answering = (operation: string, input: Call["input"], count: number) => Own | Promise<Own>;
/** Rewrites what the engine answered. */
export type Rewriting = (operation: string, output: Record<string, unknown>, count: number) => Reply | undefined;

export class TestProxy extends Front {
  /** How often each operation was asked, retries included, but for those of what a node or the balancer before it could not answer. */
  readonly counts = new Map<string, number>();
  /** The most requests that were under way at once. */
  peak = 0;
  answering: Answering = () => undefined;
  rewriting: Rewriting = () => undefined;

  static async start(target: string): Promise<TestProxy> {
    const proxy = new TestProxy({ url: target });
    await proxy.open();
    return proxy;
  }

  override lose = async (call: Call): Promise<Answer | undefined> => {
    const { operation, input } = call;
    this.peak = Math.max(this.peak, this.running);
    const own = await this.answering(operation, input, this.#count(operation, 1));
    if (own === "cut") throw new Error("the connection broke");
    return own && written(own);
  };

  override meddle = ({ operation }: Call, answer: Answer): Answer => {
    if (!answer.body.startsWith("{")) return answer;
    const rewritten = this.rewriting(operation, JSON.parse(answer.body), this.#count(operation, 0));
    return rewritten === undefined ? answer : written(rewritten);
  };

  protected override forget(call: Call): void {
    super.forget(call);
    this.#count(call.operation, -1);
  }

  #count(operation: string, more: number): number {
    const count = (this.counts.get(operation) ?? 0) + more;
    this.counts.set(operation, count);
    return count;
  }
}

function written({ status = 200, contentType, body }: Reply): Answer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, body: text, ...(contentType !== undefined && { contentType }) };
}

/** An error as the engine writes it. */
export function refusal(code: string, message = "said by the proxy", details: object = {}, status = 400): Reply {
  return { status, body: { __type: code, Message: message, ...details } };
}
