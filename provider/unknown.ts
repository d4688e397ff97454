// Values that are not known yet: at preview Pulumi puts this text where an output of something new will be.

/** `UnknownStringValue` of pulumi's sdk/go/common/resource/plugin/rpc.go; the Node.js SDK sends it for every type. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value is unknown, or holds something that is. */
export function hasUnknown(value: unknown): boolean {
  if (value === unknown) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUnknown);
}
