/** What an operator says of the etcd that keeps a registry, by flags or by CLOUDMAP_… variables: read and checked. */
import { readFileSync } from "node:fs";
import type { EngineOptions } from "../engine/engine.ts";

export type EtcdSettings = NonNullable<EngineOptions["etcd"]>;

export interface EtcdTexts {
  /** URLs, with commas between. */
  readonly etcd?: string | undefined;
  readonly etcdPrefix?: string | undefined;
  readonly etcdCa?: string | undefined;
  readonly etcdCert?: string | undefined;
  readonly etcdKey?: string | undefined;
  readonly etcdUser?: string | undefined;
  readonly etcdPasswordFile?: string | undefined;
}

/** The variables that say the same as a flag. */
export const etcdVariables = {
  etcd: "CLOUDMAP_ETCD",
  etcdPrefix: "CLOUDMAP_ETCD_PREFIX",
  etcdCa: "CLOUDMAP_ETCD_CA",
  etcdCert: "CLOUDMAP_ETCD_CERT",
  etcdKey: "CLOUDMAP_ETCD_KEY",
  etcdUser: "CLOUDMAP_ETCD_USER",
  etcdPasswordFile: "CLOUDMAP_ETCD_PASSWORD_FILE",
} as const;

/** It is not asked for by a flag: other users of a machine read the arguments of a process. */
const passwordVariable = "CLOUDMAP_ETCD_PASSWORD";

/** Where the registry is in etcd; undefined where it is not. An empty text counts as not given. */
export function readEtcd(texts: EtcdTexts, env = process.env): EtcdSettings | undefined {
  const { etcd, etcdPrefix: prefix, etcdCa: ca, etcdCert: cert, etcdKey: key, etcdUser: user } = texts;
  if (!etcd) {
    refuseWithout(texts);
    return undefined;
  }
  const members = etcd.split(/[ ,]+/).filter((url) => url !== "");
  if (Boolean(cert) !== Boolean(key)) throw new Error("--etcd-cert and --etcd-key need each other");
  const isSecure = members.every((url) => url.startsWith("https:"));
  if ((ca || cert) && !isSecure) throw new Error(`--etcd-ca and --etcd-cert are for https: URLs, and not for ${etcd}`);
  return {
    members,
    ...(prefix && { prefix: checkedPrefix(prefix) }),
    ...(ca && { ca }),
    ...(cert && key && { cert, key }),
    ...(user && { user, password: password(texts, env) }),
  };
}

function refuseWithout(texts: EtcdTexts): void {
  const names = Object.keys(etcdVariables) as (keyof EtcdTexts)[]; // it has one of each
  const given = names.find((name) => texts[name]);
  if (given === undefined) return;
  const flag = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new Error(`--${flag} says something of etcd, and without --etcd URL there is none`);
}

function checkedPrefix(text: string): string {
  if (text.startsWith("/") && text.endsWith("/") && text.length > 1) return text;
  throw new Error(`--etcd-prefix takes a path that begins and ends with a slash, such as /shop/, and not ${text}`);
}

function password({ etcdUser: user, etcdPasswordFile: file }: EtcdTexts, env: NodeJS.ProcessEnv): string {
  const given = env[passwordVariable];
  if (given) return given;
  if (!file) throw new Error(`--etcd-user ${user} needs a password: ${passwordVariable}, or --etcd-password-file FILE`);
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new Error(`--etcd-password-file ${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

export function twoPlaces(): Error {
  const text = "--etcd and --data (CLOUDMAP_ETCD and CLOUDMAP_DATA) are two places for a registry: give one of them";
  return new Error(text);
}

/** For people: without the password. */
export function etcdText({ members, prefix }: EtcdSettings): string {
  return `etcd at ${members.join(", ")}, below ${prefix ?? "/cloudmap/"}`;
}
