/** The rules that span records, looked up in what is stored. */
import {
  httpNameKey,
  memberKey,
  type NamespaceRecord,
  namespaceNameKey,
  type ServiceRecord,
} from "../../engine/records.ts";

/** A key that must be there for another one, with its value where that matters, and what is so where it is not. */
type Need = readonly [key: string, sentence: string, value?: string];

/** The rules that are broken, each once, as sentences. */
export function brokenRules(stored: ReadonlyMap<string, string>): string[] {
  const broken = new Set<string>();
  for (const [key, value] of stored) {
    for (const [other, sentence, wanted] of needsOf(key, value)) {
      const found = stored.get(other);
      if (found === undefined || (wanted !== undefined && found !== wanted)) broken.add(`${sentence}: ${key}`);
    }
    if (key.startsWith("busy/")) broken.add(`something is still busy: ${key}`);
  }
  return [...broken];
}

function needsOf(key: string, value: string): readonly Need[] {
  const [noun, id = "", ...rest] = key.split("/");
  switch (noun) {
    case "namespace":
      return needsOfNamespace(JSON.parse(value));
    case "name":
    case "http-name":
      return [[`namespace/${JSON.parse(value).Id}`, "a name is of a namespace that is gone"]];
    case "service":
      return needsOfService(JSON.parse(value));
    case "member":
      return [[`service/${rest.join("/")}`, "a member is a service that is gone"]];
    case "instance":
      return [[`service/${id}`, "an instance is in a service that is gone"]];
    case "health":
      return [[`instance/${id}/${rest.join("/")}`, "a health is of an instance that is gone"]];
    case "revision":
      return [[`service/${id}`, "a revision is of a service that is gone"]];
    default:
      return [];
  }
}

/** Of a registry whose namespaces are all its own account's. */
function needsOfNamespace({ Id, Type, Name, HttpName, Vpc }: NamespaceRecord): readonly Need[] {
  const named = JSON.stringify({ Id });
  return [
    [
      namespaceNameKey(Type, Name, { scope: "", ...(Vpc !== undefined && { vpc: Vpc }) }),
      "a namespace does not have its name",
      named,
    ],
    [httpNameKey(HttpName, ""), "a namespace is not found by its HTTP name", named],
  ];
}

function needsOfService({ Id, NamespaceId }: ServiceRecord): readonly Need[] {
  return [
    [`namespace/${NamespaceId}`, "a service is in a namespace that is gone"],
    [memberKey(NamespaceId, Id), "a service is not a member of its namespace"],
  ];
}
