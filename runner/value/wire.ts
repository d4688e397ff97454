// Property values to and from protobuf structs.

import type structPb from "google-protobuf/google/protobuf/struct_pb.js";
import { structs } from "../rpc/stubs.ts";
import { isArray, type Properties, put, type Value } from "./value.ts";

type Struct = structPb.Struct;
type WireValue = structPb.Value;
const { KindCase } = structs.Value;

export function encodeProperties(properties: Properties): Struct {
  const struct = new structs.Struct();
  const fields = struct.getFieldsMap();
  for (const [key, value] of Object.entries(properties)) fields.set(key, encodeValue(value));
  return struct;
}

function encodeValue(value: Value): WireValue {
  const wire = new structs.Value();
  if (value === null) wire.setNullValue(structs.NullValue.NULL_VALUE);
  else if (typeof value === "string") wire.setStringValue(value);
  else if (typeof value === "number") wire.setNumberValue(value);
  else if (typeof value === "boolean") wire.setBoolValue(value);
  else if (isArray(value)) wire.setListValue(new structs.ListValue().setValuesList(value.map(encodeValue)));
  else wire.setStructValue(encodeProperties(value));
  return wire;
}

export function decodeProperties(struct: Struct | undefined): Properties {
  const result: Record<string, Value> = {};
  struct?.getFieldsMap().forEach((wire: WireValue, key: string) => {
    put(result, key, decodeValue(wire));
  });
  return result;
}

export function decodeValue(wire: WireValue): Value {
  switch (wire.getKindCase()) {
    case KindCase.STRING_VALUE:
      return wire.getStringValue();
    case KindCase.NUMBER_VALUE:
      return wire.getNumberValue();
    case KindCase.BOOL_VALUE:
      return wire.getBoolValue();
    case KindCase.LIST_VALUE:
      return (wire.getListValue()?.getValuesList() ?? []).map(decodeValue);
    case KindCase.STRUCT_VALUE:
      return decodeProperties(wire.getStructValue());
    default:
      return null;
  }
}
