/** The headers by which a request says how current its answer must be (docs/nodes.md), and what it has to tell beside (docs/wire.md). */
import { CloudMapError } from "../../api/errors.ts";
import {
  consistentReadHeader,
  type Inclusion,
  includeHeader,
  inclusions,
  leastRevisionHeader,
} from "../../api/extensions.ts";
import type { Demand } from "../reading.ts";
import type { Headers } from "./request.ts";

/** Undefined where it says nothing, as most do. */
export function demandOf(headers: Headers): Demand | undefined {
  const consistent = headers[consistentReadHeader];
  const least = headers[leastRevisionHeader];
  if (consistent === undefined && least === undefined) return undefined;
  if (consistent !== undefined && !/^(true|false)$/.test(consistent)) {
    throw invalid(consistentReadHeader, "true or false", consistent);
  }
  if (least !== undefined && !/^\d{1,15}$/.test(least)) {
    throw invalid(leastRevisionHeader, "a revision, as x-cloudmap-revision tells it", least);
  }
  return { consistent: consistent === "true", least: Number(least ?? 0) };
}

/** What is to be told beside what AWS's answer tells; undefined where nothing is. */
export function includedBy({ [includeHeader]: given }: Headers): ReadonlySet<Inclusion> | undefined {
  if (given === undefined) return undefined;
  const words = given.split(",").map((word) => word.trim());
  if (words.every(isInclusion)) return new Set(words);
  throw invalid(includeHeader, `${inclusions.join(" and ")}, with commas between them`, given);
}

const isInclusion = (word: string): word is Inclusion => inclusions.includes(word as Inclusion);

function invalid(header: string, what: string, given: string): CloudMapError {
  return new CloudMapError("InvalidInput", `The header ${header} takes ${what}, and not ${JSON.stringify(given)}.`);
}
