// Which registry an endpoint is: the account number that STS GetCallerIdentity answers there.

import type { Props } from "./casing.ts";
import { type Client, refused } from "./client.ts";
import { CallError } from "./failure.ts";
import type { Session } from "./session.ts";
import type { Settings } from "./settings.ts";
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

/** Refuses any registry but the one that is configured, where one is: before anything is asked of it. */
export function refuseUnexpected(reached: string | undefined, { endpoint, endpointFrom, account }: Settings): void {
  if (account === undefined || account === reached) return;
  const where = `${endpoint} (from ${endpointFrom})`;
  const found =
    reached === undefined ? `${where} does not tell whose it is` : `${where} is the registry of account ${reached}`;
  throw new CallError(
    "OtherRegistry",
    `the stack belongs to the registry of account ${account}, as cloudmap:account says, but ${found}; nothing was changed. Point cloudmap:endpoint and the credentials at the registry of account ${account}.`,
  );
}

/** Refuses to take "not found" in another registry for gone. */
export function refuseOtherRegistry(
  recorded: Props,
  reached: string | undefined,
  { settings }: Client,
  whose = "it belongs",
): void {
  const { endpoint, endpointFrom } = settings;
  const { account } = recorded;
  if (typeof account === "string" && reached !== undefined && account !== reached) {
    throw new CallError(
      "OtherRegistry",
      `${whose} to the registry of account ${account}, but ${endpoint} (from ${endpointFrom}) is the registry of account ${reached}; nothing was changed. Point cloudmap:endpoint and the credentials at the registry of account ${account}. If that registry is gone for good, \`pulumi state delete\` forgets the resource.`,
    );
  }
  refuseOtherRegion(recorded, settings, whose);
}

/** Of AWS, an account has a registry in each region: what is not found in one may well be in another. */
function refuseOtherRegion({ arn, region }: Props, settings: Settings, whose: string): void {
  const recorded = typeof arn === "string" ? arn.split(":")[3] : region;
  if (settings.regional !== true || typeof recorded !== "string" || recorded === settings.region) return;
  throw new CallError(
    "OtherRegistry",
    `${whose} to the registry of the region ${recorded}, but the region is ${settings.region} (from ${settings.regionFrom}); nothing was changed. Set cloudmap:region to ${recorded}.`,
  );
}

/** What tells the registry of a resource that has no ARN, beside the account: on AWS the region. */
export function placeIn({ account, client: { settings } }: Session): Props {
  return { account, region: settings.regional === true ? settings.region : undefined };
}
