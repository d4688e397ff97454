// URNs and provider references (sdk/go/common/resource/urn, …/providers/reference.go).

export const stackType = "pulumi:pulumi:Stack";

export interface UrnParts {
  readonly stack: string;
  readonly project: string;
  readonly parentType: string;
  readonly type: string;
  readonly name: string;
}

export function parseUrn(urn: string): UrnParts {
  const [, stack = "", project = "", qualified = "", ...name] = urn.replace("urn:pulumi:", "::").split("::");
  const cut = qualified.lastIndexOf("$");
  return {
    stack,
    project,
    parentType: qualified.slice(0, Math.max(cut, 0)),
    type: qualified.slice(cut + 1),
    name: name.join("::"),
  };
}

export function qualifiedType(urn: string): string {
  const { parentType, type } = parseUrn(urn);
  return parentType === "" ? type : `${parentType}$${type}`;
}

/** The types of the parents stand before the own type, but for the stack's. */
export function makeUrn(
  stack: string,
  project: string,
  parentQualifiedType: string,
  type: string,
  name: string,
): string {
  const prefix = parentQualifiedType === "" || parentQualifiedType === stackType ? "" : `${parentQualifiedType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

export function nameOf(urn: string): string {
  return parseUrn(urn).name;
}

export function typeOf(urn: string): string {
  return parseUrn(urn).type;
}

export function isStackUrn(urn: string): boolean {
  return qualifiedType(urn) === stackType;
}

const providerPrefix = "pulumi:providers:";

export function isProviderType(type: string): boolean {
  return type.startsWith(providerPrefix);
}

export function providerType(pkg: string): string {
  return providerPrefix + pkg;
}

export function providerPackage(type: string): string {
  return type.slice(providerPrefix.length);
}

/** The package of a type token `pkg:module:Name`. */
export function packageOf(type: string): string {
  return type.split(":")[0] ?? type;
}

export interface Reference {
  readonly urn: string;
  readonly id: string;
}

export function parseReference(text: string): Reference {
  const cut = text.lastIndexOf("::");
  return { urn: text.slice(0, cut), id: text.slice(cut + 2) };
}

export function formatReference({ urn, id }: Reference): string {
  return `${urn}::${id}`;
}
