// Judges a program's inputs by the contract's schemas and rules, without a call: every refusal with its place, reason and remedy.
import type { Schema, StructureSchema } from "../api/schema.ts";
import { type Problem, validator } from "../api/validate.ts";
import { type Props, programName, strangers, toWire } from "./casing.ts";
import type { CheckFailure } from "./kind.ts";
import { type Place, placeOf, valueAt } from "./property-path.ts";
import { hasUnknown, unknown } from "./unknown.ts";

type Rule = (input: Props) => readonly Problem[];

interface Judged {
  /** The API's input: by its schema each member is checked, and its paths are the problems'. */
  readonly schema: StructureSchema;
  /** In a program's form; tags as the list that the schema has. */
  readonly inputs: Props;
  /** Rules that span several members; they see what is known, in the API's form. */
  readonly rules: Rule;
}

const validators = new WeakMap<StructureSchema, (value: unknown) => readonly Problem[]>();

/** Problems of what is known; what is not known yet is judged when it is. */
export function judge({ schema, inputs, rules }: Judged): CheckFailure[] {
  const wire = toWire(schema, inputs) as Props; // a structure's inputs make a structure
  const found = validate(schema, wire);
  const bad = found.map(({ path }) => path);
  const seen = sound(wire, bad, schema);
  const isHidden = ([member = ""]: readonly string[]) => !Object.hasOwn(seen, member); // a rule takes it for missing
  const isTold = (path: readonly string[]) =>
    bad.some((each) => isBelow(path, each) || (each[0] === path[0] && isHidden(path)));
  const spanning = rules(seen).filter(({ path }) => !isTold(path));
  const lost = strangers(schema, inputs).map((path) => stranger(path, schema));
  return [...[...found, ...spanning].flatMap((problem) => failure(problem, schema, inputs)), ...lost];
}

function validate(schema: StructureSchema, wire: Props): readonly Problem[] {
  const check = validators.get(schema) ?? validator(schema);
  validators.set(schema, check);
  return check(wire);
}

/** What is known and of the right form: a rule that spans members may rely on each of them. */
function sound(wire: Props, bad: readonly (readonly string[])[], { properties }: StructureSchema): Props {
  const members = Object.entries(wire).flatMap(([name, value]) => {
    const keys = bad.filter(([first]) => first === name).map(([, key]) => key);
    if (value === unknown || keys.includes(undefined)) return [];
    const ofCaller = properties[name] !== undefined && "additionalProperties" in properties[name];
    if (!ofCaller) return keys.length === 0 ? [[name, value]] : [];
    return [[name, Object.fromEntries(Object.entries(value as Props).filter(([key]) => !keys.includes(key)))]]; // no problem of its own: an object
  });
  return Object.fromEntries(members);
}

function isBelow(path: readonly string[], of: readonly string[]): boolean {
  return of.every((step, index) => path[index] === step);
}

function failure(
  { path, reason, remedy, constraint }: Problem,
  schema: StructureSchema,
  inputs: Props,
): CheckFailure[] {
  const place = placeOf(schema, path);
  if (hasUnknown(valueAt(inputs, place.steps))) return [];
  // Whoever breaks a constraint of one value is told of that value; a rule that spans several says itself what it wants.
  const advice = remedy ?? (constraint === undefined ? undefined : place.description);
  return [{ property: place.text, reason: inProgramNames(schema, sentence(place, reason, advice)) }];
}

/** The contract's sentences name the API's members: `HealthCheckConfig` is `healthCheckConfig` to a program. */
function inProgramNames(schema: StructureSchema, sentence: string): string {
  const names = memberNames(schema).filter((name) => /^(Type|TTL|[A-Z][a-z]+[A-Z]\w*)$/.test(name));
  const pattern = new RegExp(`(?<![.\\w])(${names.join("|")})(?!\\w)`, "g");
  return names.length === 0 ? sentence : sentence.replace(pattern, programName);
}

function memberNames(schema: Schema): string[] {
  if ("items" in schema) return memberNames(schema.items);
  if (!("properties" in schema)) return [];
  return Object.entries(schema.properties).flatMap(([name, member]) => [name, ...memberNames(member)]);
}

/** "must be …. What to do." */
function sentence({ text }: Place, reason: string, advice: string | undefined): string {
  return `${text} ${reason.replace(/\.$/, "")}${advice === undefined ? "." : `. ${capital(advice)}`}`;
}

function capital(text: string): string {
  const whole = text.endsWith(".") ? text : `${text}.`;
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}

function stranger(path: readonly string[], schema: StructureSchema): CheckFailure {
  const property = path.join(".");
  const names = path.length === 1 ? Object.keys(schema.properties).map(programName) : [];
  const alike = closest(path.at(-1) ?? "", names);
  const hint = alike === undefined ? "Leave it out." : `Did you mean ${alike}?`;
  return { property, reason: `${property} is not a property of this resource. ${hint}` };
}

function closest(name: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return (
    candidates.find((each) => plain(each) === plain(name)) ??
    candidates.find((each) => oneEditApart(plain(each), plain(name)))
  );
}

/** Whether one inserted, deleted, changed or swapped letter makes one of the other. */
function oneEditApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const [restA, restB] = [a.slice(start), b.slice(start)];
  const swapped =
    restA.length > 1 && restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
  return swapped || restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1);
}
