/** The subset of JSON Schema in which the Cloud Map contract is written, and the TypeScript types that follow from it. */

interface Documented {
  /** One sentence for people: what it is, its unit, default and limits. */
  readonly description?: string;
}

export interface StringSchema extends Documented {
  readonly type: "string";
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface IntegerSchema extends Documented {
  readonly type: "integer";
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A point in time: on the JSON wire, seconds since 1970 with a fraction of three digits. */
export interface TimestampSchema extends Documented {
  readonly type: "number";
}

export interface ListSchema extends Documented {
  readonly type: "array";
  readonly items: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** An object whose keys the caller chooses. */
export interface MapSchema extends Documented {
  readonly type: "object";
  readonly propertyNames: StringSchema;
  readonly additionalProperties: Schema;
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

export interface StructureSchema extends Documented {
  readonly type: "object";
  readonly properties: { readonly [member: string]: Schema };
  readonly required?: readonly string[];
}

export type Schema = StringSchema | IntegerSchema | TimestampSchema | ListSchema | MapSchema | StructureSchema;

/** The TypeScript type of the values that a schema describes. */
export type Static<S> = S extends { readonly enum: readonly (infer E)[] }
  ? E
  : S extends StringSchema
    ? string
    : S extends IntegerSchema | TimestampSchema
      ? number
      : S extends { readonly type: "array"; readonly items: infer I }
        ? readonly Static<I>[]
        : S extends { readonly properties: infer P }
          ? Structure<P, S extends { readonly required: readonly (infer R)[] } ? R : never>
          : S extends { readonly additionalProperties: infer V }
            ? { readonly [key: string]: Static<V> }
            : never;

type Structure<P, Required> = Flat<
  { readonly [K in keyof P as K extends Required ? K : never]: Static<P[K]> } & {
    readonly [K in keyof P as K extends Required ? never : K]?: Static<P[K]>;
  }
>;

type Flat<T> = { [K in keyof T]: T[K] };

/** The same schema with another sentence: a shape is shared, what it means in one place is not. */
export function described<const S extends Schema, const D extends string>(schema: S, description: D) {
  return { ...schema, description } as const;
}
