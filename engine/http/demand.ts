/** The headers by which a request says how current its answer must be (docs/nodes.md), and what it has to tell beside (docs/wire.md). */
import { CloudMapError } from "../../api/errors.ts";
import { consistentReadHeader, leastRevisionHeader, tagsHeader } from "../../api/extensions.ts";
import type { Demand } from "../reading.ts";
import type { Headers } from "./request.ts";

/** Undefined where it says nothing, as most do. */
export function demandOf(headers: Headers): Demand | undefined {
  const consistent = flagOf(headers, consistentReadHeader);
  const least = headers[leastRevisionHeader];
  if (consistent === undefined && least === undefined) return undefined;
  if (least !== undefined && !/^\d{1,15}$/.test(least)) {
    throw invalid(leastRevisionHeader, "a revision, as x-cloudmap-revision tells it", least);
  }
  return { consistent: consistent === true, least: Number(least ?? 0) };
}

/** Whether what is told is to come with its tags. */
export function wantsTags(headers: Headers): boolean {
  return flagOf(headers, tagsHeader) === true;
}

function flagOf(headers: Headers, header: string): boolean | undefined {
  const given = headers[header];
  if (given === undefined) return undefined;
  if (given !== "true" && given !== "false") throw invalid(header, "true or false", given);
  return given === "true";
}

function invalid(header: string, what: string, given: string): CloudMapError {
  return new CloudMapError("InvalidInput", `The header ${header} takes ${what}, and not ${JSON.stringify(given)}.`);
}
