// Says in words why a request got no answer at all: what was asked, of which endpoint, what came back, what to do.
import { formatDuration } from "./duration.ts";
import { CallError, type Retry } from "./failure.ts";
import type { Settings } from "./settings.ts";

interface Cause {
  readonly says: (where: string, settings: Settings) => string;
  readonly retry?: Retry;
}

const causes: Readonly<Record<string, Cause>> = {
  ECONNREFUSED: {
    says: (where, { endpointFrom }) =>
      `nothing listens at ${where} (connection refused); start the engine there (\`cloudmap serve\`), or correct the endpoint, which comes from ${endpointFrom}`,
    retry: "refused",
  },
  ENOTFOUND: {
    says: (where, { endpointFrom }) =>
      `no host of that name is known (${where}); check the spelling of the endpoint, which comes from ${endpointFrom}`,
  },
  EAI_AGAIN: {
    says: (where) => `the name in ${where} cannot be looked up now; check this machine's network and DNS`,
    retry: "connection",
  },
  ETIMEDOUT: {
    says: (where, { requestTimeout }) =>
      `no answer from ${where} within ${formatDuration(requestTimeout)}; check that it can be reached from here, or give more time with \`pulumi config set cloudmap:requestTimeout 60s\``,
    retry: "timeout",
  },
  ECONNRESET: { says: (where) => `${where} closed the connection before it answered`, retry: "connection" },
  EPIPE: { says: (where) => `${where} closed the connection before it answered`, retry: "connection" },
  EHOSTUNREACH: { says: (where) => `there is no way to ${where} from here`, retry: "connection" },
  ENETUNREACH: { says: (where) => `there is no way to ${where} from here`, retry: "connection" },
};

export function unanswered(error: unknown, action: string, endpoint: string, settings: Settings): CallError {
  const code = codeOf(error);
  const known = Object.hasOwn(causes, code) ? causes[code] : undefined;
  const says = known?.says(endpoint, settings) ?? otherwise(error, code, endpoint, settings);
  return new CallError(code, `${action} got no answer: ${says}`, { retry: known?.retry, cause: error });
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code === "" ? "Unanswered" : code;
}

/** TLS failures have dozens of codes, and Node's text for them is clear. */
function otherwise(error: unknown, code: string, endpoint: string, { endpointFrom }: Settings): string {
  const text = error instanceof Error ? error.message : String(error);
  const scheme = /EPROTO|ERR_SSL|HPE_/.test(code)
    ? `; is it ${endpoint.startsWith("https:") ? "http" : "https"} instead?`
    : "";
  return `${endpoint} failed with ${code}: ${text}${scheme}; the endpoint comes from ${endpointFrom}`;
}
