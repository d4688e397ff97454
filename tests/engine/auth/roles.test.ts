// The roles of docs/access-roles.json: what each may do of the thirty operations, and what it is told of the others.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { type Input, type OperationName, operations } from "../../../api/operations.ts";
import { arn, ask, callAs, type Gated, home, keyOf, namespaceAs, startGated, type TestKey, targetOf } from "./gated.ts";

/** "Least privilege: separate roles for namespace/service administration, registration (writer), discovery (reader)". */
const roles = ["administrator", "writer", "reader"] as const;
type Role = (typeof roles)[number];

const registration: readonly OperationName[] = [
  "DeregisterInstance",
  "RegisterInstance",
  "UpdateInstanceCustomHealthStatus",
];
const discovery: readonly OperationName[] = ["DiscoverInstances", "DiscoverInstancesRevision"];
const names = Object.keys(operations) as OperationName[];

function may(role: Role, name: OperationName): boolean {
  if (discovery.includes(name)) return true;
  if (role === "reader") return false;
  if (operations[name].kind === "read") return true;
  return registration.includes(name) === (role === "writer");
}

/** What there is for a request to be about. */
interface Scene {
  readonly http: string;
  readonly empty: string;
  readonly privateDns: string;
  readonly publicDns: string;
  readonly service: string;
  readonly dnsService: string;
  readonly unused: string;
  readonly operation: string;
  readonly unique: string;
}

let scenes = 0;

async function makeScene(gated: Gated, key: TestKey): Promise<Scene> {
  scenes += 1;
  const unique = `n${scenes}`;
  const http = await namespaceAs(gated, key, unique);
  const empty = await namespaceAs(gated, key, `${unique}-empty`);
  const dns = await callAs(gated, key, "CreatePrivateDnsNamespace", { Name: `${unique}.internal`, Vpc: "vpc-1" });
  const open = await callAs(gated, key, "CreatePublicDnsNamespace", { Name: `${unique}.example.com` });
  const [privateDns, publicDns] = [await targetOf(gated, key, dns), await targetOf(gated, key, open)];
  const make = async (NamespaceId: string, Name: string, more: Partial<Input<"CreateService">> = {}) =>
    (await callAs(gated, key, "CreateService", { NamespaceId, Name, ...more })).Service?.Id ?? "";
  const service = await make(http, "s", { HealthCheckCustomConfig: {} });
  const unused = await make(http, "unused");
  const dnsService = await make(privateDns, "d", { DnsConfig: { DnsRecords: [{ Type: "A", TTL: 60 }] } });
  const registered = { ServiceId: service, InstanceId: "i", Attributes: {} };
  const { OperationId: operation = "" } = await callAs(gated, key, "RegisterInstance", registered);
  return { http, empty, privateDns, publicDns, service, dnsService, unused, operation, unique };
}

/** A request that is right in every way, for each operation. */
const inputs: { readonly [N in OperationName]: (scene: Scene) => Input<N> } = {
  CreateHttpNamespace: ({ unique }) => ({ Name: `${unique}-made`, Tags: [{ Key: "team", Value: "a" }] }),
  CreatePrivateDnsNamespace: ({ unique }) => ({ Name: `${unique}.made.internal`, Vpc: "vpc-1" }),
  CreatePublicDnsNamespace: ({ unique }) => ({ Name: `${unique}.made.example.com` }),
  CreateService: ({ http }) => ({ NamespaceId: http, Name: "made", Tags: [{ Key: "team", Value: "a" }] }),
  DeleteNamespace: ({ empty }) => ({ Id: empty }),
  DeleteService: ({ unused }) => ({ Id: unused }),
  DeleteServiceAttributes: ({ service }) => ({ ServiceId: service, Attributes: ["a"] }),
  DeregisterInstance: ({ service }) => ({ ServiceId: service, InstanceId: "i" }),
  DiscoverInstances: ({ unique }) => ({ NamespaceName: unique, ServiceName: "s" }),
  DiscoverInstancesRevision: ({ unique }) => ({ NamespaceName: unique, ServiceName: "s" }),
  GetInstance: ({ service }) => ({ ServiceId: service, InstanceId: "i" }),
  GetInstancesHealthStatus: ({ service }) => ({ ServiceId: service }),
  GetNamespace: ({ http }) => ({ Id: http }),
  GetOperation: ({ operation }) => ({ OperationId: operation }),
  GetService: ({ service }) => ({ Id: service }),
  GetServiceAttributes: ({ service }) => ({ ServiceId: service }),
  ListInstances: ({ service }) => ({ ServiceId: service }),
  ListNamespaces: () => ({}),
  ListOperations: () => ({}),
  ListServices: () => ({}),
  ListTagsForResource: ({ http }) => ({ ResourceARN: arn(home, "namespace", http) }),
  RegisterInstance: ({ service }) => ({ ServiceId: service, InstanceId: "more", Attributes: {} }),
  TagResource: ({ http }) => ({ ResourceARN: arn(home, "namespace", http), Tags: [{ Key: "k", Value: "v" }] }),
  UntagResource: ({ http }) => ({ ResourceARN: arn(home, "namespace", http), TagKeys: ["k"] }),
  UpdateHttpNamespace: ({ http }) => ({ Id: http, Namespace: { Description: "d" } }),
  UpdateInstanceCustomHealthStatus: ({ service }) => ({ ServiceId: service, InstanceId: "i", Status: "UNHEALTHY" }),
  UpdatePrivateDnsNamespace: ({ privateDns }) => ({ Id: privateDns, Namespace: { Description: "d" } }),
  UpdatePublicDnsNamespace: ({ publicDns }) => ({ Id: publicDns, Namespace: { Description: "d" } }),
  UpdateService: ({ dnsService }) => ({
    Id: dnsService,
    Service: { DnsConfig: { DnsRecords: [{ Type: "A", TTL: 5 }] } },
  }),
  UpdateServiceAttributes: ({ service }) => ({ ServiceId: service, Attributes: { a: "1" } }),
};

describe("the roles of docs/access-roles.json", () => {
  let gated: Gated;
  const root = keyOf("root");
  const keys = { administrator: keyOf("administrator"), writer: keyOf("writer"), reader: keyOf("reader") };
  before(async () => {
    const shipped = JSON.parse(readFileSync(new URL("../../../docs/access-roles.json", import.meta.url), "utf8"));
    const made = roles.map((role) => ({ ...keys[role], policies: [role] }));
    expect(shipped.keys.map(({ policies }: { policies: unknown }) => policies)).to.deep.equal(
      roles.map((role) => [role]),
    );
    gated = await startGated({ ...shipped, keys: [root, ...made] });
  });
  after(() => gated[Symbol.asyncDispose]());

  for (const role of roles) {
    const allowed = names.filter((name) => may(role, name));
    it(`lets the ${role} do what is its work: ${allowed.length} of ${names.length} operations`, async () => {
      for (const name of allowed) {
        const input = inputs[name](await makeScene(gated, root));
        const { status, body } = await ask(gated, keys[role], name, input);
        expect({ name, status, body }).to.include({ name, status: 200 });
      }
    });

    const refused = names.filter((name) => !may(role, name));
    it(`refuses the ${role} the other ${refused.length}, and does nothing of them`, async () => {
      const scene = await makeScene(gated, root);
      const revision = async () =>
        ((await (await fetch(`${gated.engine.url}/healthz`)).json()) as { revision: number }).revision;
      const before = await revision();
      for (const name of refused) {
        const { status, code, message } = await ask(gated, keys[role], name, inputs[name](scene));
        expect({ name, status, code }).to.deep.equal({ name, status: 400, code: "AccessDeniedException" });
        const start = `User: arn:aws:iam::${home}:user/${role} is not authorized to perform: servicediscovery:${name} on resource: `;
        expect(message.startsWith(start), message).to.equal(true);
        const end = ` because no identity-based policy allows the servicediscovery:${name} action`;
        expect(message.endsWith(end), message).to.equal(true);
      }
      expect(await revision()).to.equal(before);
    });
  }

  it("are refused as they are shipped, until their secrets are others", async () => {
    const shipped = JSON.parse(readFileSync(new URL("../../../docs/access-roles.json", import.meta.url), "utf8"));
    const error = await startGated(shipped).catch((reason) => String(reason));
    expect(error).to.include("keys[0].secretAccessKey must have at least 16 characters: draw a longer one");
  });
});
