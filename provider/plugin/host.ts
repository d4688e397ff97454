// Hosts the kinds as a Pulumi provider plugin: Pulumi's calls in, checks, diffs and outputs out; no CRUD.

import { status } from "@grpc/grpc-js";
import type pb from "@pulumi/pulumi/proto/provider_pb.js";
import { isRecord, type Props } from "../casing.ts";
import { type ReadConfig, readDefaultTags } from "../config.ts";
import { type Deadline, startDeadline } from "../deadline.ts";
import { defined } from "../difference.ts";
import { CallError, messageOf, PartialFailure } from "../failure.ts";
import type { Lookup } from "../functions/function.ts";
import { argumentFailures, type FunctionName, functions } from "../functions.ts";
import { ownInputs, programInputs } from "../inputs.ts";
import type { CheckFailure, CheckResult, DiffResult, Kind, ParentShape } from "../kind.ts";
import { type KindName, kinds } from "../kinds.ts";
import { type Asked, type Page as Listed, list, listings } from "../listing.ts";
import { Recorded } from "../recorded.ts";
import { inRegion } from "../region.ts";
import type { Session } from "../session.ts";
import { subjectOf } from "../subject.ts";
import { hasUnknown, unknown } from "../unknown.ts";
import { checkConfiguration, open, readerOf } from "./configuration.ts";
import { about, type Log } from "./log.ts";
import { naturalId, refuseOthers } from "./natural-id.ts";
import { autoName, ownerOf } from "./owner.ts";
import { StatusError } from "./server.ts";

/** A call about one resource: its kind, and what its messages call it. */
interface Call {
  readonly urn: string;
  readonly kind: Kind;
  readonly kindName: KindName;
  readonly name: string;
}

export interface Checked {
  readonly inputs: Props;
  readonly failures: CheckResult["failures"];
}

export class PluginHost {
  readonly #log: Log;
  readonly #cancelled = new AbortController();
  /** What services and namespaces of this run are like, by their ids: their children are checked by it. */
  readonly #shapes = new Map<string, ParentShape>();
  readonly #recorded = new Recorded();
  readonly #warned = new Set<string>();
  #config: ReadConfig = () => undefined;
  #name = "default";
  #hasSecretTags = false;
  #session: Promise<Session> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  checkConfig(inputs: Props) {
    return checkConfiguration(inputs);
  }

  configure(inputs: Props, name = "default", hasSecretTags = false): void {
    this.#config = readerOf(inputs);
    this.#name = name;
    this.#hasSecretTags = hasSecretTags;
    this.#session = undefined;
  }

  /** Whether default tags are secrets of the program's or the configuration's. */
  get hasSecretTags(): boolean {
    return this.#hasSecretTags;
  }

  /** Ends what is under way, soon; what was made by then is told as made. */
  cancel(): void {
    this.#cancelled.abort();
  }

  check(urn: string, olds: Props, news: Props, naming: pb.CheckRequest.AutonamingOptions | undefined) {
    return this.#about(urn, "checking", news, undefined, async ({ kind, name }): Promise<Checked> => {
      const { inputs: own, failures: elsewhere } = inRegion(withoutHidden(news), this.#config);
      const { inputs, failures, warnings } = kind.check({
        olds: withoutHidden(olds),
        news: own,
        autoName: this.#nameFor(urn, name, kind, naming),
        parent: this.#shapeOf(own.serviceId ?? own.namespaceId) ?? handedOver(news),
        defaultTags: readDefaultTags(this.#config),
      });
      for (const warning of warnings) this.#warnOnce(urn, warning);
      return { inputs, failures: [...elsewhere, ...failures] };
    });
  }

  /** Pulumi checks what it replaces twice in one run. */
  #warnOnce(urn: string, warning: string): void {
    const said = `${urn} ${warning}`;
    if (!this.#warned.has(said)) this.#log.warning(warning);
    this.#warned.add(said);
  }

  /** https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming: a stack may propose names, enforce or refuse them. */
  #nameFor(
    urn: string,
    name: string,
    { naming = "verbatim" }: Kind,
    asked: pb.CheckRequest.AutonamingOptions | undefined,
  ) {
    const mode = asked?.getMode();
    if (mode === 2) return undefined; // DISABLE: the program must name it
    if (asked !== undefined && (mode === 1 || naming === "suffixed")) return asked.getProposedName(); // ENFORCE, PROPOSE
    return autoName(name, naming, ownerOf(urn, this.#config));
  }

  diff(urn: string, id: string, stored: Props, news: Props) {
    return this.#about(urn, "comparing", stored, id, async ({ kind }) => {
      this.#remember(kind, id, news);
      const olds = whole(kind, id, stored);
      this.#recorded.note(olds);
      const plan = kind.diff(olds, withoutHidden(news));
      const outage = kind.outage?.(olds, plan);
      if (outage !== undefined) this.#warnOnce(urn, outage);
      return { ...plan, olds } satisfies DiffResult & { olds: Props };
    });
  }

  /** Of a preview, what is known before: the inputs. */
  create(urn: string, inputs: Props, timeout: number, preview: boolean) {
    return this.#about(urn, "creating", inputs, undefined, async ({ kind }) => {
      if (preview) return { id: "", props: { ...unknownOutputs(kind), ...ownInputs(inputs, kind.properties) } };
      const owner = ownerOf(urn, this.#config);
      const session = await this.#open();
      this.#recorded.refuseOthers(session);
      const { isStanding } = this.#recorded;
      const made = await kind.create({ inputs, owner, deadline: this.#deadline(timeout, kind), isStanding }, session);
      this.#recorded.made(subjectOf(kind, inputs, made.id));
      this.#remember(kind, made.id, inputs);
      return made;
    });
  }

  /** Blank where it is gone. */
  read(urn: string, id: string, stored: Props) {
    return this.#about(urn, "reading", stored, id, async ({ kind, kindName }) => {
      const session = await this.#open();
      const lookup = Object.keys(stored).every((name) => name === "vpc"); // an import, or a get
      const own = lookup ? await naturalId(kindName, id, session.client) : id;
      const props = lookup ? stored : whole(kind, id, stored);
      const found = await kind.read({ id: own, props, defaultTags: readDefaultTags(this.#config) }, session);
      if (found === undefined) return lookup ? refuseOthers(id, session.account) : undefined;
      const inputs = programInputs(found.props, kind);
      this.#remember(kind, found.id, inputs);
      return { ...found, inputs };
    });
  }

  update(urn: string, id: string, stored: Props, inputs: Props, timeout: number, preview: boolean) {
    return this.#about(urn, "updating", inputs, id, async ({ kind }) => {
      const olds = whole(kind, id, stored);
      if (preview) return { ...computed(olds, kind), ...ownInputs(inputs, kind.properties) };
      const owner = ownerOf(urn, this.#config);
      const request = { id, olds, inputs, owner, deadline: this.#deadline(timeout, kind) };
      const outputs = await kind.update(request, await this.#open());
      this.#remember(kind, id, inputs);
      return outputs;
    });
  }

  delete(urn: string, id: string, stored: Props, timeout: number) {
    return this.#about(urn, "deleting", stored, id, async ({ kind }) => {
      const deadline = this.#deadline(timeout, kind);
      await kind.delete({ id, props: whole(kind, id, stored), deadline }, await this.#open());
    });
  }

  /** Answers a function; what is wrong with its arguments is no error of the call. */
  async invoke(
    token: string,
    args: Props,
  ): Promise<{ readonly failures: readonly CheckFailure[]; readonly answer: Props }> {
    const name = token.replace(/^cloudmap:index:/, "");
    if (!Object.hasOwn(functions, name)) {
      throw new StatusError(
        status.UNIMPLEMENTED,
        `cloudmap has no function ${token}; it has ${Object.keys(functions).join(", ")}`,
      );
    }
    const lookup: Lookup = functions[name as FunctionName]; // one of the table's keys
    const own = inRegion(args, this.#config);
    const failures = [...own.failures, ...argumentFailures(lookup, own.inputs)];
    if (failures.length > 0) return { failures, answer: {} };
    const { client } = await this.#open();
    return { failures, answer: await lookup.answer(own.inputs, client) };
  }

  /** A page of what there is of a kind; undefined where the query is not known yet. */
  async list(token: string, query: Props, asked: Asked): Promise<Listed | undefined> {
    const listing = listings[kindNameOf(token)];
    if (hasUnknown(query)) return undefined;
    const doing = `listing ${token}`;
    const failures = argumentFailures(listing, query);
    if (failures.length > 0)
      throw new Error(`${doing}: ${failures.map(({ property, reason }) => `${property}: ${reason}`).join("; ")}`);
    try {
      return await list(listing, query, asked, (await this.#open()).client);
    } catch (error) {
      throw explained(error, doing);
    }
  }

  /** Opened at the first call that needs the network. */
  #open(): Promise<Session> {
    this.#session ??= open(this.#config, this.#log, this.#name);
    return this.#session;
  }

  #deadline(seconds: number, kind: Kind): Deadline {
    return startDeadline(seconds > 0 ? seconds * 1000 : kind.timeout, this.#cancelled.signal, this.#log.progress);
  }

  /** A service is in a namespace of the type that its own namespace is of. */
  #remember({ namespaceType }: Kind, id: string, inputs: Props): void {
    const type = namespaceType ?? this.#shapeOf(inputs.namespaceId)?.namespaceType;
    this.#shapes.set(id, { ...inputs, ...(type !== undefined && { namespaceType: type }) });
  }

  #shapeOf(parent: unknown): ParentShape | undefined {
    return typeof parent === "string" && parent !== unknown ? this.#shapes.get(parent) : undefined;
  }

  /** Does the work on the resource's row; its error says what was being done. */
  #about<T>(urn: string, doing: string, props: Props, id: string | undefined, work: (call: Call) => Promise<T>) {
    return about(urn, async () => {
      const call = callOf(urn);
      try {
        return await work(call);
      } catch (error) {
        throw explained(error, `${doing} ${subjectOf(call.kind, props, id)}`);
      }
    });
  }
}

/** `urn:pulumi:stack::project::Parent$cloudmap:index:Kind::name` */
function callOf(urn: string): Call {
  const [, , types = "", ...name] = urn.split("::");
  const kindName = kindNameOf(types.slice(types.lastIndexOf("$") + 1));
  return { urn, kind: kinds[kindName], kindName, name: name.join("::") };
}

function kindNameOf(token: string): KindName {
  const name = token.replace(/^cloudmap:index:/, "");
  if (Object.hasOwn(kinds, name)) return name as KindName; // one of the table's keys
  throw new StatusError(
    status.UNIMPLEMENTED,
    `cloudmap has no resource ${token}; it has ${Object.keys(kinds).join(", ")}`,
  );
}

function explained(error: unknown, doing: string): Error {
  const message = `${doing}: ${messageOf(error)}`;
  if (error instanceof PartialFailure) return new PartialFailure(error.id, error.properties, new Error(message));
  if (error instanceof StatusError) return error;
  if (error instanceof CallError) return error.with(() => message);
  return new Error(message, { cause: error });
}

/** What the dynamic host keeps beside the inputs, and this one has no use for. */
function withoutHidden(props: Props): Props {
  return Object.fromEntries(Object.entries(props).filter(([key]) => !key.startsWith("__")));
}

/** The outputs of a state, also of one that the dynamic host has written. */
function whole(kind: Kind, id: string, stored: Props): Props {
  return { ...kind.fromId?.(id), ...withoutHidden(stored) };
}

/** What our own SDK says of a parent that a program hands over: while it is not made yet, nobody else knows. */
function handedOver({ __parent }: Props): ParentShape | undefined {
  return isRecord(__parent) ? __parent : undefined;
}

function computed(olds: Props, { outputs }: Kind): Props {
  return defined(Object.fromEntries(outputs.map((name) => [name, olds[name]])));
}

function unknownOutputs({ outputs }: Kind): Props {
  return Object.fromEntries(outputs.map((name) => [name, unknown]));
}
