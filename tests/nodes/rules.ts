/** The rules that span records, looked up in what is stored. */

/** Those that are broken, each once, as sentences. */
export function brokenRules(stored: ReadonlyMap<string, string>): string[] {
  const broken = new Set<string>();
  const rule = (holds: boolean, sentence: string) => holds || broken.add(sentence);
  for (const [key, value] of stored) {
    const [noun, id = "", ...rest] = key.split("/");
    const needs = needed(noun ?? "", id, rest.join("/"), value);
    for (const [other, sentence] of needs) rule(stored.has(other), `${sentence}: ${key}`);
    if (noun === "busy") rule(false, `something is still busy: ${key}`);
  }
  return [...broken];
}

/** The keys without which a key must not be. */
function needed(noun: string, id: string, rest: string, value: string): readonly (readonly [string, string])[] {
  const record = () => JSON.parse(value);
  switch (noun) {
    case "namespace":
      return [[`http-name/${record().HttpName}`, "a namespace is not found by its HTTP name"]];
    case "name":
    case "http-name":
      return [[`namespace/${record().Id}`, "a name is of a namespace that is gone"]];
    case "service":
      return [
        [`namespace/${record().NamespaceId}`, "a service is in a namespace that is gone"],
        [`member/${record().NamespaceId}/${id}`, "a service is not a member of its namespace"],
      ];
    case "member":
      return [[`service/${rest}`, "a member is a service that is gone"]];
    case "instance":
      return [[`service/${id}`, "an instance is in a service that is gone"]];
    case "health":
      return [[`instance/${id}/${rest}`, "a health is of an instance that is gone"]];
    case "revision":
      return [[`service/${id}`, "a revision is of a service that is gone"]];
    default:
      return [];
  }
}
