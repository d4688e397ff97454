/** The console: pages that show the registry to a person's browser, made of what the API answers, and change nothing. */
import type { FastifyInstance } from "fastify";
import type { CloudMapError } from "../../api/errors.ts";
import { asRefusal } from "../http/api.ts";
import { requestOf } from "../http/exchange.ts";
import type { Reply, Request } from "../http/request.ts";
import type { Log } from "../log.ts";
import { type ConsoleOptions, type Reader, readerOf } from "./ask.ts";
import { html } from "./html.ts";
import { namespace, namespaces } from "./namespace.ts";
import { operations } from "./operation.ts";
import { type Frame, type Page, reply } from "./page.ts";
import { service } from "./service.ts";

type View = (reader: Reader, id: string, paging: { readonly NextToken?: string }) => Promise<Page>;

const views: Readonly<Record<string, View>> = {
  "/": (reader, _id, paging) => namespaces(reader, paging),
  "/namespaces/:id": namespace,
  "/services/:id": service,
  "/operations": ({ ask }, _id, paging) => operations(ask, paging),
};

export function serveConsole(fastify: FastifyInstance, options: ConsoleOptions): void {
  for (const [path, view] of Object.entries(views)) {
    fastify.get<{ Params: { id?: string }; Querystring: { after?: string } }>(path, async (message, answer) => {
      const { id = "" } = message.params;
      const { after } = message.query;
      const request = requestOf(message.raw, Buffer.alloc(0));
      const show = (reader: Reader) => view(reader, id, after === undefined ? {} : { NextToken: String(after) });
      const { status, headers, body } = await shown(request, options, show);
      return answer.status(status).headers(headers).send(body);
    });
  }
}

async function shown(
  request: Request,
  options: ConsoleOptions,
  show: (reader: Reader) => Promise<Page>,
): Promise<Reply> {
  const { context, dispatcher, version } = options;
  const reader = readerOf(request, options);
  const frame = (): Frame => {
    return {
      account: reader.account,
      region: context.region,
      version,
      revision: dispatcher.registry.revision,
      now: context.now(),
      target: request.target,
      since: dispatcher.head.lost?.since,
    };
  };
  try {
    return reply(200, await show(reader), frame());
  } catch (error) {
    const refusal = asRefusal(error);
    if (refusal !== error) logFault(options.log, request, error); // what the API refuses is logged there
    return refused(refusal, frame());
  }
}

function logFault(log: Log, { target }: Request, error: unknown): void {
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log("error", "A page of the console could not be made.", { page: target.split("?")[0], cause });
}

/** Codes that say that it is not known who looks. */
const unknown = new Set([
  "MissingAuthenticationToken",
  "IncompleteSignature",
  "InvalidClientTokenId",
  "SignatureDoesNotMatch",
  "RequestExpired",
]);
const missing = /NotFound/;
/** Codes of what passes by itself. */
const passing = new Set(["ThrottlingException", "RequestLimitExceeded", "ServiceUnavailable", "InternalFailure"]);

function refused(refusal: CloudMapError, frame: Frame): Reply {
  const { code, message } = refusal;
  if (unknown.has(code)) {
    const body = html`<p>${message}</p>
<p>Sign in with the id of an access key as the name and the key's console token as the password:
<code>cloudmap console</code> prints an address with both.</p>`;
    const page = reply(401, { title: "Who is there?", body, isFinal: true }, frame);
    return { ...page, headers: { ...page.headers, "www-authenticate": 'Basic realm="cloudmap", charset="UTF-8"' } };
  }
  const status = code === "AccessDeniedException" ? 403 : missing.test(code) ? 404 : refusal.status;
  return reply(status, { title: code, body: html`<p>${message}</p>`, isFinal: !passing.has(code) }, frame);
}
