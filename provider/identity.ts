// Which registry an endpoint is: the account number that STS GetCallerIdentity answers there.
import { type Client, refused } from "./client.ts";
import { CallError } from "./failure.ts";
import type { Answer } from "./transport.ts";

/** The account number, or undefined where the endpoint answers no STS: then no registry is told from another. */
export function askAccount({ send, settings }: Client): Promise<string | undefined> {
  const { stsEndpoint } = settings;
  return send({
    action: "GetCallerIdentity",
    endpoint: stsEndpoint,
    service: "sts",
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body: "Action=GetCallerIdentity&Version=2011-06-15",
    read: (answer) => {
      const account = /<Account>\s*(\d{12})\s*<\/Account>/.exec(answer.body)?.[1];
      if (answer.status === 200) return account;
      const code = /<Code>\s*([\w.:-]{1,100})\s*<\/Code>/.exec(answer.body)?.[1];
      if (answer.status >= 500) throw unwell(answer, stsEndpoint);
      if (code === undefined || isUnknownAction(code)) return undefined;
      const message = /<Message>([^<]{0,500})<\/Message>/.exec(answer.body)?.[1] ?? "no message";
      throw refused("GetCallerIdentity", stsEndpoint, code, message, answer, settings);
    },
  });
}

/** Endpoints that know no STS answer so, or with a 404, or with JSON. */
function isUnknownAction(code: string): boolean {
  return /^(UnknownOperation|UnknownOperationException|InvalidAction|UnsupportedMediaType|UnsupportedOperation)$/.test(
    code,
  );
}

function unwell({ status, requestId }: Answer, endpoint: string): CallError {
  const message = `GetCallerIdentity at ${endpoint} was answered ${status}`;
  return new CallError("ServerError", message, { status, requestId, retry: "server" });
}

/** Refuses to take "not found" in another registry for gone. */
export function refuseOtherRegistry(
  recorded: unknown,
  reached: string | undefined,
  { settings }: Client,
  whose = "it belongs",
): void {
  if (typeof recorded !== "string" || reached === undefined || recorded === reached) return;
  throw new CallError(
    "OtherRegistry",
    `${whose} to the registry of account ${recorded}, but ${settings.endpoint} (from ${settings.endpointFrom}) is the registry of account ${reached}; nothing was changed. Point cloudmap:endpoint and the credentials at the registry of account ${recorded}. If that registry is gone for good, \`pulumi state delete\` forgets the resource.`,
  );
}
