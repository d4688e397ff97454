// What a test's Pulumi program declares, as data: an edit of the program is another spec.
export interface Declared {
  readonly kind:
    | "HttpNamespace"
    | "PrivateDnsNamespace"
    | "PublicDnsNamespace"
    | "Service"
    | "Instance"
    | "DiscoverableService"
    | "Group"
    | "Provider";
  readonly name: string;
  readonly args?: object;
  readonly options?: object;
  /** Only read, by this id. */
  readonly id?: string;
}

export interface Spec {
  /** Who does the work; the dynamic host if nothing is said. */
  readonly host?: "plugin";
  readonly resources: readonly Declared[];
  readonly outputs?: object;
}

export function namespace(name: string, args: object = {}, options?: object): Declared {
  return declared("HttpNamespace", name, { name, ...args }, options);
}

export function privateNamespace(name: string, args: object = {}, options?: object): Declared {
  return declared("PrivateDnsNamespace", name, { vpc: "vpc-1", ...args }, options);
}

export function publicNamespace(name: string, args: object = {}, options?: object): Declared {
  return declared("PublicDnsNamespace", name, args, options);
}

export function service(name: string, of: string, args: object = {}, options?: object): Declared {
  return declared("Service", name, { namespaceId: `=${of}`, ...args }, options);
}

export function instance(name: string, of: string, attributes: object = {}, options?: object): Declared {
  return declared("Instance", name, { serviceId: `=${of}`, attributes }, options);
}

function declared(kind: Declared["kind"], name: string, args: object, options: object | undefined): Declared {
  return { kind, name, args, ...(options !== undefined && { options }) };
}
