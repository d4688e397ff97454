// Reads what a registry has, as the provider's own import reads it: so the program that is written for it changes nothing.
import type { NamespaceType } from "../api/namespace.ts";
import type { Props } from "../provider/casing.ts";
import { CallError, messageOf } from "../provider/failure.ts";
import { all } from "../provider/functions/function.ts";
import { instanceIdOf } from "../provider/ids.ts";
import { programInputs } from "../provider/inputs.ts";
import type { Kind } from "../provider/kind.ts";
import { type KindName, kinds } from "../provider/kinds.ts";
import { limited } from "../provider/limit.ts";
import type { Session } from "../provider/session.ts";

export interface Wanted {
  /** Names or ids of the namespaces to take; none: all. */
  readonly namespaces: readonly string[];
  /** Whether instances are taken too: mostly they register themselves, and are nobody's program. */
  readonly instances: boolean;
  /** The VPCs of private namespaces, by name or id, where the registry does not tell them. */
  readonly vpcs: ReadonlyMap<string, string>;
  readonly progress: (line: string) => void;
}

/** A resource as a program would declare it. */
export interface Found {
  readonly kind: KindName;
  /** The id to import it by, and by which its children name it. */
  readonly importId: string;
  readonly id: string;
  readonly name: string;
  readonly inputs: Props;
  readonly children: readonly Found[];
}

const kindOf: Readonly<Record<NamespaceType, KindName>> = {
  HTTP: "HttpNamespace",
  DNS_PRIVATE: "PrivateDnsNamespace",
  DNS_PUBLIC: "PublicDnsNamespace",
};

/** Many enough to be quick, few enough for AWS's limits on list and get operations. */
const atOnce = 8;

/** The namespaces by name, each with its services, each with its instances if they are wanted. */
export async function readRegistry(session: Session, wanted: Wanted): Promise<readonly Found[]> {
  const reader = new Reader(session, wanted);
  const namespaces = chosen(await reader.namespaces(), wanted, session);
  return Promise.all(namespaces.map((namespace) => reader.namespace(namespace)));
}

interface Listed {
  readonly Id?: string | undefined;
  readonly Arn?: string | undefined;
  readonly Name?: string | undefined;
  readonly Type?: string | undefined;
}

class Reader {
  readonly #session: Session;
  readonly #wanted: Wanted;
  readonly #limit = limited(atOnce);
  #listed = 0;
  #read = 0;

  constructor(session: Session, wanted: Wanted) {
    this.#session = session;
    this.#wanted = wanted;
  }

  async namespaces(): Promise<Listed[]> {
    const { client } = this.#session;
    const found = await all(
      (next) => client.call("ListNamespaces", next),
      ({ Namespaces }) => Namespaces,
    );
    return found.toSorted(byName);
  }

  async namespace({ Id = "", Name = "", Type = "" }: Listed): Promise<Found> {
    const { vpcs } = this.#wanted;
    const kind = kindOf[Type as NamespaceType];
    const given = vpcs.get(Id) ?? vpcs.get(Name);
    const [inputs, children] = await Promise.all([
      this.#inputs(kind, Id, given === undefined ? {} : { vpc: given }),
      this.#services(Id),
    ]);
    if (kind !== "PrivateDnsNamespace") return { kind, importId: Id, id: Id, name: Name, inputs, children };
    const { vpc } = inputs;
    if (typeof vpc !== "string") throw unknownVpc(Name, Id);
    return { kind, importId: `${Id}:${vpc}`, id: Id, name: Name, inputs, children };
  }

  async #services(namespaceId: string): Promise<Found[]> {
    const { client } = this.#session;
    const Filters = [{ Name: "NAMESPACE_ID", Values: [namespaceId] }] as const;
    const found = await this.#limit(() =>
      all(
        (next) => client.call("ListServices", { Filters, ...next }),
        ({ Services }) => Services,
      ),
    );
    return Promise.all(found.toSorted(byName).map((service) => this.#service(service)));
  }

  async #service({ Id = "", Name = "" }: Listed): Promise<Found> {
    const [inputs, children] = await Promise.all([
      this.#inputs("Service", Id),
      this.#wanted.instances ? this.#instances(Id) : [],
    ]);
    return { kind: "Service", importId: Id, id: Id, name: Name, inputs, children };
  }

  async #instances(ServiceId: string): Promise<Found[]> {
    const { client } = this.#session;
    const found = await this.#limit(() =>
      all(
        (next) => client.call("ListInstances", { ServiceId, ...next }),
        ({ Instances }) => Instances,
      ),
    );
    const ids = found.map(({ Id = "" }) => Id).toSorted(inOrder);
    return Promise.all(
      ids.map(async (name) => {
        const id = instanceIdOf(ServiceId, name);
        return { kind: "Instance", importId: id, id, name, inputs: await this.#inputs("Instance", id), children: [] };
      }),
    );
  }

  /** What an import takes for the program's inputs. */
  async #inputs(name: KindName, id: string, props: Props = {}): Promise<Props> {
    const kind: Kind = kinds[name];
    this.#tell(++this.#listed, this.#read);
    const found = await this.#limit(() => kind.read({ id, props, defaultTags: {} }, this.#session)).catch((error) => {
      throw new CallError("Unreadable", `reading the ${kind.title} ${id}: ${messageOf(error)}`);
    });
    this.#tell(this.#listed, ++this.#read);
    if (found === undefined) {
      throw new CallError("NotFound", `the ${kind.title} ${id} went while the registry was read: try again`);
    }
    const { tagsAll: _, ...inputs } = programInputs(found.props, kind);
    return inputs;
  }

  #tell(listed: number, read: number): void {
    this.#wanted.progress(`read ${read} of ${listed} resources that are listed by now`);
  }
}

/** Those that are asked for; of others' that are shared with this account none, for they are not its to manage. */
function chosen(found: readonly Listed[], { namespaces }: Wanted, { account, say }: Session): readonly Listed[] {
  const isOwn = ({ Arn }: Listed) => account === undefined || Arn === undefined || Arn.split(":")[4] === account;
  for (const { Name, Arn } of found.filter((each) => !isOwn(each))) {
    say(`leaving out ${Name} (${Arn}): it is shared by another account`);
  }
  const own = found.filter(isOwn);
  if (namespaces.length === 0) return own;
  const isMeant =
    ({ Id, Name, Arn }: Listed) =>
    (wanted: string) =>
      [Id, Name, Arn].includes(wanted);
  const missing = namespaces.filter((wanted) => !own.some((each) => isMeant(each)(wanted)));
  if (missing.length > 0) {
    const there = own.map(({ Name }) => Name).join(", ") || "none";
    throw new CallError("NotFound", `there is no namespace ${missing.join(", ")}; there is ${there}`);
  }
  return own.filter((each) => namespaces.some(isMeant(each)));
}

function unknownVpc(name: string, id: string): CallError {
  return new CallError(
    "UnknownVpc",
    `the VPC of the private namespace ${name} (${id}) is not told here: say it with --vpc ${name}=vpc-…, or let the caller use route53:GetHostedZone`,
  );
}

function byName(one: Listed, other: Listed): number {
  return inOrder(one.Name ?? "", other.Name ?? "") || inOrder(one.Id ?? "", other.Id ?? "");
}

/** The same on every machine. */
function inOrder(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
