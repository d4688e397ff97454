/** Keeps web pages from driving the engine: only hosts that are its own are served, and only its own pages may ask. */
import { CloudMapError } from "../../api/errors.ts";

/** Whether a name is, beside those of loopback, one by which the engine is called. */
export type Hosts = (name: string) => boolean;

/** Refuses a request whose Host is not ours (DNS rebinding), or that a browser sends for a page of another site. */
export function guardHost(headers: { readonly [name: string]: string | string[] | undefined }, ours: Hosts): void {
  const host = hostName(String(headers.host ?? ""));
  if (!isOurs(host, ours)) {
    throw new CloudMapError(
      "InvalidHostHeader",
      `This engine is not ${host || "(no host)"}; call it by localhost or by its address.`,
    );
  }
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") throw foreign(`Sec-Fetch-Site: ${site}`);
  const origin = headers.origin;
  if (origin !== undefined && origin !== `http://${headers.host}` && origin !== `https://${headers.host}`) {
    throw foreign(`Origin: ${origin}`);
  }
}

function foreign(header: string): CloudMapError {
  return new CloudMapError("ForbiddenOrigin", `A page of another site may not call the engine (${header}).`);
}

/** The name in a Host header, without its port and without the brackets of an IPv6 address. */
function hostName(host: string): string {
  const name = host.startsWith("[") ? host.slice(1, host.indexOf("]")) : host.replace(/:\d*$/, "");
  return name.toLowerCase();
}

/** SDKs put `data-` before the host for the discover operations. */
function isOurs(host: string, ours: Hosts): boolean {
  const name = host.startsWith("data-") ? host.slice("data-".length) : host;
  return isLoopback(name) || ours(name);
}

/** Whether a host can only be this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
