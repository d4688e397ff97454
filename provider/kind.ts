// What each resource kind implements, in words of neither host: the dynamic one and the plugin both adapt it.
import type { NamespaceType } from "../api/namespace.ts";
import type { StructureSchema } from "../api/schema.ts";
import type { Props } from "./casing.ts";
import type { Deadline } from "./deadline.ts";
import type { PropertyRules } from "./difference.ts";
import type { Recorded } from "./recorded.ts";
import type { Session } from "./session.ts";
import type { TagMap } from "./tags.ts";

export interface CheckRequest {
  /** The inputs of before; empty for something new. */
  readonly olds: Props;
  readonly news: Props;
  /** The name that it gets where the program gives none. */
  readonly autoName?: string | undefined;
  /** What the parent that the program handed over is like. */
  readonly parent?: ParentShape | undefined;
  readonly defaultTags: TagMap;
}

/** What an instance's or a service's inputs are judged by, as far as the program tells. */
export interface ParentShape {
  readonly namespaceType?: unknown;
  readonly dnsConfig?: unknown;
  readonly healthCheckConfig?: unknown;
  readonly healthCheckCustomConfig?: unknown;
}

export interface CheckFailure {
  /** `dnsConfig.dnsRecords[0].ttl` */
  readonly property: string;
  readonly reason: string;
}

export interface CheckResult {
  readonly inputs: Props;
  readonly failures: readonly CheckFailure[];
  /** What is allowed, but likely a mistake. */
  readonly warnings: readonly string[];
}

export interface DiffResult {
  readonly changed: readonly string[];
  readonly replaces: readonly string[];
  /**
   * The new one would have the place, and so perhaps the id, of the old one. Pulumi asks it of each replacement, also of
   * one that a person orders or an earlier run has begun, where nothing differs: a delete that came after the create would
   * take the new one away.
   */
  readonly deleteBeforeReplace: boolean;
}

export interface CreateRequest {
  readonly inputs: Props;
  /** Who makes it: the part of the request tokens by which a half-made resource is known again. */
  readonly owner: string;
  readonly deadline: Deadline;
  /** Whether the state has what is there, so that it is to be replaced and not what an earlier run has left behind. */
  readonly isStanding?: Recorded["isStanding"];
}

export interface ReadRequest {
  readonly id: string;
  /** The outputs of before; of an import or a get, what the program gave. */
  readonly props: Props;
  readonly defaultTags: TagMap;
}

export interface UpdateRequest extends CreateRequest {
  readonly id: string;
  readonly olds: Props;
}

export interface DeleteRequest {
  readonly id: string;
  readonly props: Props;
  readonly deadline: Deadline;
}

export interface Resource {
  readonly id: string;
  /** All outputs; those that are also inputs as the program would write them. */
  readonly props: Props;
}

export interface Kind {
  /** For messages: "HTTP namespace". */
  readonly title: string;
  /** The inputs, but for those that only the state knows, in the API's names: what the check judges by. */
  readonly schema: StructureSchema;
  /** How each input is compared; the keys are all inputs that there are. */
  readonly properties: PropertyRules;
  /** Outputs that are not inputs. */
  readonly outputs: readonly string[];
  /** Outputs that follow from the id alone: a host need not keep them. */
  readonly fromId?: (id: string) => Props;
  /** Of a namespace: by which its services, and their instances, are judged. */
  readonly namespaceType?: NamespaceType;
  /** How it is named where the program gives no name: a name of a DNS label or of an instance never gets a suffix. */
  readonly naming?: "verbatim" | "suffixed";
  /** What a create, an update or a delete may take, in milliseconds, where the program does not say. */
  readonly timeout: number;
  /** Calls nothing. */
  check(request: CheckRequest): CheckResult;
  /** Calls nothing, and depends on nothing but these two. */
  diff(olds: Props, news: Props): DiffResult;
  /** What a planned replacement takes away until it is there, for a warning; undefined where nothing is. */
  outage?(olds: Props, plan: DiffResult): string | undefined;
  create(request: CreateRequest, session: Session): Promise<Resource>;
  /** undefined: it is gone, or its parent is. */
  read(request: ReadRequest, session: Session): Promise<Resource | undefined>;
  /** All outputs. */
  update(request: UpdateRequest, session: Session): Promise<Props>;
  /** Already gone is done. */
  delete(request: DeleteRequest, session: Session): Promise<void>;
}
