/** `cloudmap env`: what AWS clients need to call the local engine, as commands for a shell. */
import { findOrStartEngine } from "../local/engine.ts";

export type Shell = "sh" | "fish" | "powershell";

/** How each shell sets a variable, and takes one away. */
const shells = {
  sh: { set: (name, value) => `export ${name}='${value}'`, unset: (name) => `unset ${name}` },
  fish: { set: (name, value) => `set -gx ${name} '${value}'`, unset: (name) => `set -e ${name}` },
  powershell: {
    set: (name, value) => `$env:${name} = '${value}'`,
    unset: (name) => `Remove-Item -ErrorAction Ignore env:${name}`,
  },
} as const satisfies Record<Shell, { set(name: string, value: string): string; unset(name: string): string }>;

export const shellNames = Object.keys(shells);
export const defaultShell: Shell = process.platform === "win32" ? "powershell" : "sh";

/** Credentials of another kind that clients would take in place of ours. */
const inTheWay = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"];

export async function env({ shell, json }: { readonly shell: Shell; readonly json?: boolean }): Promise<void> {
  const engine = await findOrStartEngine({ log: (line) => console.error(`cloudmap: ${line}`) });
  const variables = {
    AWS_ENDPOINT_URL_SERVICEDISCOVERY: engine.endpoint,
    AWS_ENDPOINT_URL_STS: engine.endpoint,
    AWS_ENDPOINT_URL_ROUTE_53: engine.endpoint,
    AWS_REGION: engine.region,
    AWS_DEFAULT_REGION: engine.region, // what botocore, and so the AWS CLI, reads
    AWS_ACCESS_KEY_ID: engine.accessKeyId,
    AWS_SECRET_ACCESS_KEY: engine.secretAccessKey,
    AWS_DISABLE_HOST_PREFIX_INJECTION: "true", // discover-instances would go to data-127.0.0.1, which no resolver knows
  };
  if (json) return console.log(JSON.stringify(variables));
  const { set, unset } = shells[shell];
  const lines = Object.entries(variables).map(([name, value]) => set(name, value));
  console.log([...inTheWay.map(unset), ...lines].join("\n"));
}
