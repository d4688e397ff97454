/** What an operator says of an engine, by flags or by CLOUDMAP_… variables: read and checked. */

export interface Settings {
  readonly region?: string;
  readonly account?: string;
  readonly node?: string;
  /** Milliseconds. */
  readonly operationDelay?: number;
  /** Milliseconds. */
  readonly healthWindow?: number;
  /** `none`, `aws` or a file. */
  readonly quotas?: string;
  /** `none` or `aws`. */
  readonly throttle?: string;
  readonly maxConnections?: number;
  /** A file. */
  readonly auditLog?: string;
  /** Whether discoveries are in it. */
  readonly auditData?: boolean;
  /** A file. */
  readonly ec2?: string;
  /** Files. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Milliseconds. */
  readonly probeInterval?: number;
  readonly probeAllow?: readonly string[];
}

export interface SettingTexts {
  readonly region?: string | undefined;
  readonly account?: string | undefined;
  readonly node?: string | undefined;
  readonly operationDelay?: string | undefined;
  readonly healthWindow?: string | undefined;
  readonly quotas?: string | undefined;
  readonly throttle?: string | undefined;
  readonly maxConnections?: string | undefined;
  readonly auditLog?: string | undefined;
  readonly auditEvents?: string | undefined;
  readonly ec2?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly probeInterval?: string | undefined;
  /** Networks: several in one text are parted by commas. */
  readonly probeAllow?: string | readonly string[] | undefined;
}

/** The variables that say the same as a flag. */
export const variables = {
  listen: "CLOUDMAP_LISTEN",
  data: "CLOUDMAP_DATA",
  auth: "CLOUDMAP_AUTH",
  region: "CLOUDMAP_REGION",
  account: "CLOUDMAP_ACCOUNT",
  node: "CLOUDMAP_NODE",
  operationDelay: "CLOUDMAP_OPERATION_DELAY",
  healthWindow: "CLOUDMAP_HEALTH_WINDOW",
  quotas: "CLOUDMAP_QUOTAS",
  throttle: "CLOUDMAP_THROTTLE",
  maxConnections: "CLOUDMAP_MAX_CONNECTIONS",
  auditLog: "CLOUDMAP_AUDIT_LOG",
  auditEvents: "CLOUDMAP_AUDIT_EVENTS",
  ec2: "CLOUDMAP_EC2",
  tlsCert: "CLOUDMAP_TLS_CERT",
  tlsKey: "CLOUDMAP_TLS_KEY",
  probeInterval: "CLOUDMAP_PROBE_INTERVAL",
  probeAllow: "CLOUDMAP_PROBE_ALLOW",
} as const;

export function settingsFrom(env: Readonly<Record<string, string | undefined>>): SettingTexts {
  return {
    region: env[variables.region],
    account: env[variables.account],
    operationDelay: env[variables.operationDelay],
    healthWindow: env[variables.healthWindow],
    probeInterval: env[variables.probeInterval],
    probeAllow: env[variables.probeAllow],
  };
}

/** Reads the texts; an empty one counts as not given. */
export function readSettings(texts: SettingTexts): Settings {
  const { region, account, operationDelay, healthWindow, quotas, throttle, auditLog, auditEvents, ec2 } = texts;
  const { probeInterval, probeAllow, node, maxConnections } = texts;
  const events = /^(management|all)$/;
  return {
    ...(region && { region: checked("--region", region, /^[a-z]{2}(-[a-z]+)+-\d+$/, "a region such as us-east-1") }),
    ...(account && { account: checked("--account", account, /^\d{12}$/, "twelve digits") }),
    ...(node && { node }),
    ...(operationDelay && { operationDelay: milliseconds("--operation-delay", operationDelay) }),
    ...(healthWindow && { healthWindow: milliseconds("--health-window", healthWindow) }),
    ...(quotas && { quotas }),
    ...(throttle && { throttle: checked("--throttle", throttle, /^(none|aws)$/, "none or aws") }),
    ...(maxConnections && { maxConnections: positive("--max-connections", maxConnections) }),
    ...(auditLog && { auditLog }),
    ...(auditEvents && { auditData: checked("--audit-events", auditEvents, events, "management or all") === "all" }),
    ...(ec2 && { ec2 }),
    ...tlsFiles(texts),
    ...(probeInterval && { probeInterval: interval("--probe-interval", probeInterval) }),
    ...(probeAllow && { probeAllow: [probeAllow].flat().flatMap((text) => text.split(/[ ,]+/)) }),
  };
}

function tlsFiles({ tlsCert: cert, tlsKey: key }: SettingTexts): Pick<Settings, "tls"> {
  if (cert && key) return { tls: { cert, key } };
  if (cert) throw new Error(`--tls-cert needs --tls-key beside it: the file of the certificate's key`);
  if (key) throw new Error(`--tls-key needs --tls-cert beside it: the file of the key's certificate`);
  return {};
}

function checked(flag: string, text: string, pattern: RegExp, what: string): string {
  if (pattern.test(text)) return text;
  throw new Error(`${flag} takes ${what}, and not ${JSON.stringify(text)}`);
}

function positive(flag: string, text: string): number {
  return Number(checked(flag, text, /^[1-9]\d{0,8}$/, "a number from 1"));
}

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

function milliseconds(flag: string, text: string): number {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unit = parts?.[2] as keyof typeof units | undefined; // the pattern allows no other
  if (text === "0") return 0;
  if (parts === null || unit === undefined) {
    throw new Error(`${flag} takes a time such as 500ms, 2s or 1m, and not ${JSON.stringify(text)}`);
  }
  return Math.round(Number(parts[1]) * units[unit]);
}

function interval(flag: string, text: string): number {
  const found = milliseconds(flag, text);
  if (found >= 1_000 && found <= units.h) return found;
  throw new Error(`${flag} takes a time from 1s to 1h, and not ${JSON.stringify(text)}`);
}
