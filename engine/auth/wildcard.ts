/** Patterns of policies: `*` is any text, `?` any one character. */

/** Whether a text matches, in time that grows with text and pattern and no faster: patterns and texts are strangers'. */
export function matchesWildcard(pattern: string, text: string): boolean {
  if (pattern === "*") return true;
  let [at, inText, star, after] = [0, 0, -1, 0];
  while (inText < text.length) {
    const wanted = pattern[at];
    if (wanted === "*") {
      star = at;
      after = inText;
      at += 1;
    } else if (wanted !== undefined && (wanted === "?" || wanted === text[inText])) {
      at += 1;
      inText += 1;
    } else if (star >= 0) {
      after += 1;
      inText = after;
      at = star + 1;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}

/** "Each of the six colon-delimited components of the ARN is checked separately, and each can include wildcards." */
export function matchesArn(pattern: string, arn: string): boolean {
  if (pattern === "*") return true;
  const [wanted, given] = [components(pattern), components(arn)];
  return wanted.length === given.length && wanted.every((part, index) => matchesWildcard(part, given[index] ?? ""));
}

/** The sixth may have colons of its own. */
function components(arn: string): string[] {
  const parts = arn.split(":");
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
}
