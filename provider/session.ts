// What the kinds work with at run time: the client, the registry's identity, and what is told to the user on the way.
import type { HealthStatus } from "../api/instance.ts";
import type { NamespaceType } from "../api/namespace.ts";
import type { Props } from "./casing.ts";
import { type Client, createClient } from "./client.ts";
import { askAccount, refuseOtherRegistry, refuseUnexpected } from "./identity.ts";
import { listHealth } from "./instance-health.ts";
import { InstanceLists } from "./instance-lists.ts";
import { ServiceLists } from "./service-lists.ts";
import type { Settings } from "./settings.ts";
import { Snapshots } from "./snapshots.ts";

export interface Session {
  readonly client: Client;
  /** The registry's account number; undefined where the endpoint does not tell. */
  readonly account: string | undefined;
  readonly instances: InstanceLists;
  /** The health of the instances of services, by the ids of these. */
  readonly health: Snapshots<ReadonlyMap<string, HealthStatus>>;
  readonly services: ServiceLists;
  /** The types of namespaces, by their ids, as far as they were asked. */
  readonly namespaceTypes: Map<string, Promise<NamespaceType | undefined>>;
  /** Ids that the user allows to be taken over from others. */
  readonly adopt: ReadonlySet<string>;
  /** Resources that a create of this session took over: the delete of what they replace must leave them. */
  readonly adopted: Set<string>;
  /** Tells the user something that is worth knowing while it happens. */
  readonly say: (line: string) => void;
  /** Tells the user of something that may need him. */
  readonly warn: (line: string) => void;
  /** Stops when the resource, or what is said of, was recorded in another registry. */
  readonly refuseOther: (recorded: Props, whose?: string) => void;
}

export interface SessionOptions {
  readonly adopt?: ReadonlySet<string>;
  readonly say?: (line: string) => void;
  /** Of a host that knows warnings from other lines. */
  readonly warn?: (line: string) => void;
}

export async function openSession(
  settings: Settings,
  { adopt = new Set(), say = () => {}, warn = (line) => say(`Warning: ${line}`) }: SessionOptions = {},
): Promise<Session> {
  const client = createClient(settings);
  const account = await askAccount(client);
  refuseUnexpected(account, settings);
  return {
    client,
    account,
    instances: new InstanceLists(client),
    health: new Snapshots((serviceId) => listHealth(client, serviceId)),
    services: new ServiceLists(client),
    namespaceTypes: new Map(),
    adopt,
    adopted: new Set(),
    say,
    warn,
    refuseOther: (recorded, whose) => refuseOtherRegistry(recorded, account, client, whose),
  };
}
