// A program's registration requests, read into goals.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type aliasPb from "@pulumi/pulumi/proto/alias_pb.js";
import type pb from "@pulumi/pulumi/proto/resource_pb.js";
import type { Alias, Goal } from "../deploy/goal.ts";
import { Failure, messageOf, notSupported } from "../failure.ts";
import type { Timeouts } from "../state/resource.ts";
import { isProviderType } from "../state/urn.ts";
import {
  type Dictionary,
  isDictionary,
  mapElements,
  outputDependencies,
  type Properties,
  signatureKey,
  signatureOf,
  signatures,
  type Value,
  withoutOutputs,
} from "../value/value.ts";
import { decodeProperties, decodeValue } from "../value/wire.ts";

type Struct = ReturnType<pb.RegisterResourceRequest["getObject"]>;

/** Properties as a program sends them, with assets hashed and output values resolved. */
export function propertiesOf(struct: Struct): Properties {
  return withoutOutputs(withHashes(decodeProperties(struct))) as Properties; // A map stays a map.
}

function withHashes(value: Value): Value {
  const signature = signatureOf(value);
  if (signature === signatures.archive) throw notSupported("an archive (pulumi.asset.Archive)");
  return signature === signatures.asset && isDictionary(value) ? hashed(value) : mapElements(value, withHashes);
}

// sdk/go/common/resource/asset: the digest of an asset is that of its bytes.
function hashed({ text, path, uri }: Dictionary): Value {
  if (typeof uri === "string" && uri !== "") throw notSupported(`the remote asset ${uri}`);
  const content = typeof path === "string" && path !== "" ? read(path) : String(text ?? "");
  const hash = createHash("sha256").update(content).digest("hex");
  return {
    [signatureKey]: signatures.asset,
    hash,
    ...(typeof path === "string" && path !== "" ? { path } : { text: String(text ?? "") }),
  };
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Failure(`reading the asset ${path}: ${messageOf(error)}`);
  }
}

export function goalOf(request: pb.RegisterResourceRequest): Goal {
  refuseCallbacks(request);
  const sent = withHashes(decodeProperties(request.getObject())) as Properties; // A map stays a map.
  const properties = withoutOutputs(sent) as Properties;
  const timeouts = request.getCustomtimeouts();
  const trigger = request.getReplacementTrigger();
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    properties: isProviderType(request.getType()) ? withVersion(properties, request) : properties,
    parent: request.getParent(),
    protect: request.hasProtect() ? request.getProtect() : undefined,
    dependencies: [...new Set(request.getDependenciesList())].sort(),
    provider: request.getProvider(),
    propertyDependencies: propertyDependenciesOf(request, sent),
    deleteBeforeReplace:
      request.getDeletebeforereplacedefined() || request.getDeletebeforereplace()
        ? request.getDeletebeforereplace()
        : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [...request.getAliasurnsList().map((urn) => ({ urn })), ...request.getAliasesList().map(aliasOf)],
    importId: request.getImportid(),
    timeouts: timeouts === undefined ? {} : timeoutsOf(timeouts),
    replaceOnChanges: request.getReplaceonchangesList(),
    replacementTrigger: trigger === undefined ? undefined : withoutOutputs(decodeValue(trigger)),
    retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : undefined,
    deletedWith: request.getDeletedwith(),
    replaceWith: request.getReplaceWithList(),
  };
}

function refuseCallbacks(request: pb.RegisterResourceRequest): void {
  const what = `of ${request.getType()} "${request.getName()}"`;
  if (request.getTransformsList().length > 0) throw notSupported(`a resource transform ${what}`);
  if (request.getHooks() !== undefined) throw notSupported(`a resource hook ${what}`);
  if (request.getPackageref() !== "") throw notSupported(`the parameterized package ${what}`);
}

function withVersion(properties: Properties, request: pb.RegisterResourceRequest): Properties {
  const version = request.getVersion();
  const url = request.getPlugindownloadurl();
  return {
    ...properties,
    ...(version === "" ? {} : { version }),
    ...(version === "" && url === "" ? {} : { __internal: url === "" ? {} : { pluginDownloadURL: url } }),
  };
}

/** Old programs do not say which property comes from where: then each may come from anywhere. */
function propertyDependenciesOf(request: pb.RegisterResourceRequest, sent: Properties): Goal["propertyDependencies"] {
  const given = request.getPropertydependenciesMap();
  const all = request.getDependenciesList();
  const result: Record<string, readonly string[]> = {};
  given.forEach((dependencies, key) => {
    result[key] = [...dependencies.getUrnsList()];
  });
  for (const [key, value] of Object.entries(sent)) {
    const own = result[key] ?? (given.getLength() === 0 ? all : []);
    result[key] = [...new Set([...own, ...outputDependencies(value)])].sort();
  }
  return result;
}

function aliasOf(alias: aliasPb.Alias): Alias {
  const spec = alias.getSpec();
  if (spec === undefined) return { urn: alias.getUrn() };
  return {
    name: spec.getName(),
    type: spec.getType(),
    stack: spec.getStack(),
    project: spec.getProject(),
    parent: spec.getParenturn(),
    noParent: spec.getNoparent(),
  };
}

const units: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** A Go duration such as `1h30m` in seconds. */
export function secondsOf(duration: string): number {
  if (duration === "") return 0;
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.map(([text]) => text).join("") !== duration)
    throw new Failure(`unable to parse customTimeout value "${duration}"`);
  return parts.reduce((sum, [, amount, unit = ""]) => sum + Number(amount) * (units[unit] ?? 0), 0);
}

function timeoutsOf(timeouts: pb.RegisterResourceRequest.CustomTimeouts): Timeouts {
  return {
    create: secondsOf(timeouts.getCreate()),
    update: secondsOf(timeouts.getUpdate()),
    delete: secondsOf(timeouts.getDelete()),
  };
}
