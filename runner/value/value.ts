// Property values as they travel and rest: JSON in which special objects carry a signature key.

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
export type Properties = Readonly<Record<string, Value>>;

// sdk/go/common/resource/sig/sig.go
export const signatureKey = "4dabf18193072939515e22adb298388d";
export const signatures = {
  secret: "1b47061264138c4ac30d75fd1eb44270",
  output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
  reference: "5cf8f73096256a8f31e491e813e4eb8e",
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
} as const;

export const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
// One sentinel for each type that a value may turn out to have (pkg/resource/plugin/rpc.go).
const unknowns: ReadonlySet<Value> = new Set([
  unknownString,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

export type Dictionary = { readonly [key: string]: Value };

export function isArray(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** True for maps of any kind, those with a signature included. */
export function isDictionary(value: Value | undefined): value is Dictionary {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function signatureOf(value: Value | undefined): string | undefined {
  if (!isDictionary(value)) return undefined;
  const signature = value[signatureKey];
  return typeof signature === "string" ? signature : undefined;
}

export function isPlain(value: Value | undefined): value is Dictionary {
  return isDictionary(value) && signatureOf(value) === undefined;
}

export function isSecret(value: Value | undefined): value is Dictionary {
  return signatureOf(value) === signatures.secret;
}

export function isUnknown(value: Value | undefined): boolean {
  return typeof value === "string" && unknowns.has(value);
}

export function secret(value: Value): Value {
  return isSecret(value) ? value : { [signatureKey]: signatures.secret, value };
}

/** The value inside any number of secret wrappers. */
export function revealed(value: Value): Value {
  return isSecret(value) ? revealed(value.value ?? null) : value;
}

/** Sets a key of a fresh object, also one that would reach the prototype. */
export function put(target: Record<string, Value>, key: string, value: Value): void {
  if (key !== "__proto__") target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Applies a function to each element of an array or map; other values stay. */
export function mapElements(value: Value, change: (element: Value) => Value): Value {
  if (isArray(value)) return value.map(change);
  if (!isDictionary(value)) return value;
  return mapProperties(value, change);
}

export function mapProperties(properties: Properties, change: (element: Value) => Value): Properties {
  const result: Record<string, Value> = {};
  for (const [key, element] of Object.entries(properties)) put(result, key, change(element));
  return result;
}

function some(value: Value, test: (value: Value) => boolean): boolean {
  if (test(value)) return true;
  if (isArray(value)) return value.some((element) => some(element, test));
  return isDictionary(value) && Object.values(value).some((element) => some(element, test));
}

export function containsUnknown(value: Value): boolean {
  return some(value, isUnknown);
}

export function containsSecret(value: Value): boolean {
  return some(value, isSecret);
}

export function withoutSecrets(value: Value): Value {
  if (isSecret(value)) return withoutSecrets(value.value ?? null);
  return mapElements(value, withoutSecrets);
}

/** Resource references as plain strings, for receivers that do not know them: the id, else the URN. */
export function withoutReferences(value: Value): Value {
  if (signatureOf(value) !== signatures.reference || !isDictionary(value)) {
    return mapElements(value, withoutReferences);
  }
  return value.id === undefined || value.id === null ? (value.urn ?? null) : value.id;
}

/** Leaves out what is not known yet: receivers outside a preview must not see sentinels. */
export function withoutUnknowns(properties: Properties): Properties {
  const result: Record<string, Value> = {};
  for (const [key, value] of Object.entries(properties)) {
    if (isUnknown(value)) continue;
    put(result, key, pruned(value));
  }
  return result;
}

function pruned(value: Value): Value {
  if (isArray(value)) return value.filter((element) => !isUnknown(element)).map(pruned);
  return isDictionary(value) ? withoutUnknowns(value) : value;
}

/** Output values become what they hold: the value, a secret of it, or unknown. */
export function withoutOutputs(value: Value): Value {
  if (signatureOf(value) !== signatures.output || !isDictionary(value)) return mapElements(value, withoutOutputs);
  const inner = value.value === undefined ? unknownString : withoutOutputs(value.value);
  return value.secret === true ? secret(inner) : inner;
}

/** The URNs that output values inside this one depend on. */
export function outputDependencies(value: Value): string[] {
  if (isArray(value)) return value.flatMap(outputDependencies);
  if (!isDictionary(value)) return [];
  const own = signatureOf(value) === signatures.output && isArray(value.dependencies) ? value.dependencies : [];
  const urns = own.filter((urn) => typeof urn === "string");
  return [...urns, ...Object.values(value).flatMap(outputDependencies)];
}
