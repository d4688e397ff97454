// Each argument of each kind set, updated and cleared: a preview shows exactly that edit, and up makes it.
import { expect } from "chai";
import { call } from "../engine/running.ts";
import { deployers } from "./deployer.ts";
import { type Declared, instance, namespace, service } from "./spec.ts";
import { openStage, type Stage } from "./stage.ts";

interface Edit {
  /** What a preview says of it; `NAME` is the resource's own name. */
  readonly shows: string;
  readonly before: object;
  readonly after: object;
  /** What is in the registry afterwards. */
  readonly there?: object;
}
type Edits = Readonly<Record<string, Edit>>;

const namespaces: Edits = {
  "sets a description": {
    before: {},
    after: { description: "new" },
    shows: "update NAME description",
    there: { Description: "new" },
  },
  "updates a description": {
    before: { description: "old" },
    after: { description: "new" },
    shows: "update NAME description",
    there: { Description: "new" },
  },
  "clears a description": {
    before: { description: "old" },
    after: {},
    shows: "update NAME description",
    there: { Description: undefined },
  },
  "sets tags": {
    before: {},
    after: { tags: { a: "1" } },
    shows: "update NAME tags tagsAll",
    there: { tags: { a: "1" } },
  },
  "updates a tag": {
    before: { tags: { a: "1", b: "1" } },
    after: { tags: { a: "2", b: "1" } },
    shows: "update NAME tags.a tagsAll.a",
    there: { tags: { a: "2", b: "1" } },
  },
  "clears a tag": {
    before: { tags: { a: "1", b: "1" } },
    after: { tags: { b: "1" } },
    shows: "update NAME tags.a tagsAll.a",
    there: { tags: { b: "1" } },
  },
  "clears all tags": {
    before: { tags: { a: "1" } },
    after: {},
    shows: "update NAME tags tagsAll",
    there: { tags: {} },
  },
  "sets forceDestroy": { before: {}, after: { forceDestroy: true }, shows: "update NAME forceDestroy" },
  "clears forceDestroy": { before: { forceDestroy: true }, after: {}, shows: "update NAME forceDestroy" },
  "changes the name": {
    before: {},
    after: { name: "another" },
    shows: "replace NAME name",
    there: { Name: "another" },
  },
};

const services: Edits = {
  "sets a description": {
    before: {},
    after: { description: "new" },
    shows: "replace NAME description",
    there: { Description: "new" },
  },
  "updates a description": {
    before: { description: "old" },
    after: { description: "new" },
    shows: "replace NAME description",
    there: { Description: "new" },
  },
  "clears a description": {
    before: { description: "old" },
    after: {},
    shows: "replace NAME description",
    there: { Description: undefined },
  },
  "sets a custom health check": {
    before: {},
    after: { healthCheckCustomConfig: {} },
    shows: "replace NAME healthCheckCustomConfig",
    there: { HealthCheckCustomConfig: { FailureThreshold: 1 } },
  },
  "clears a custom health check": {
    before: { healthCheckCustomConfig: {} },
    after: {},
    shows: "replace NAME healthCheckCustomConfig",
    there: { HealthCheckCustomConfig: undefined },
  },
  "sets a health check": {
    before: {},
    after: { healthCheckConfig: { type: "TCP" } },
    shows: "replace NAME healthCheckConfig",
    there: { HealthCheckConfig: { Type: "TCP" } },
  },
  "updates a health check": {
    before: { healthCheckConfig: { type: "HTTP" } },
    after: { healthCheckConfig: { type: "HTTP", resourcePath: "/up" } },
    shows: "replace NAME healthCheckConfig.resourcePath",
    there: { HealthCheckConfig: { Type: "HTTP", ResourcePath: "/up" } },
  },
  "clears a health check": {
    before: { healthCheckConfig: { type: "TCP" } },
    after: {},
    shows: "replace NAME healthCheckConfig",
    there: { HealthCheckConfig: undefined },
  },
  "sets tags": {
    before: {},
    after: { tags: { a: "1" } },
    shows: "update NAME tags tagsAll",
    there: { tags: { a: "1" } },
  },
  "updates a tag": {
    before: { tags: { a: "1", b: "1" } },
    after: { tags: { a: "2", b: "1" } },
    shows: "update NAME tags.a tagsAll.a",
    there: { tags: { a: "2", b: "1" } },
  },
  "clears all tags": {
    before: { tags: { a: "1" } },
    after: {},
    shows: "update NAME tags tagsAll",
    there: { tags: {} },
  },
  "sets forceDestroy": { before: {}, after: { forceDestroy: true }, shows: "update NAME forceDestroy" },
  "clears forceDestroy": { before: { forceDestroy: true }, after: {}, shows: "update NAME forceDestroy" },
  "changes the name": {
    before: {},
    after: { name: "another" },
    shows: "replace NAME name",
    there: { Name: "another" },
  },
  "moves to another namespace": { before: {}, after: { namespaceId: "=elsewhere" }, shows: "replace NAME namespaceId" },
};

const instances: Edits = {
  "sets an attribute": {
    before: {},
    after: { attributes: { zone: "a" } },
    shows: "update NAME attributes.zone",
    there: { zone: "a" },
  },
  "updates an attribute": {
    before: { attributes: { zone: "a", weight: "1" } },
    after: { attributes: { zone: "b", weight: "1" } },
    shows: "update NAME attributes.zone",
    there: { zone: "b", weight: "1" },
  },
  "clears an attribute": {
    before: { attributes: { zone: "a", weight: "1" } },
    after: { attributes: { weight: "1" } },
    shows: "update NAME attributes.zone",
    there: { weight: "1" },
  },
  "changes an address": {
    before: { attributes: { AWS_INSTANCE_IPV4: "192.0.2.1" } },
    after: { attributes: { AWS_INSTANCE_IPV4: "192.0.2.2" } },
    shows: "update NAME attributes.AWS_INSTANCE_IPV4",
    there: { AWS_INSTANCE_IPV4: "192.0.2.2" },
  },
  "changes the id": { before: {}, after: { instanceId: "another" }, shows: "replace NAME instanceId", there: {} },
  "moves to another service": {
    before: {},
    after: { serviceId: "=other" },
    shows: "replace NAME serviceId",
    there: {},
  },
};

/** The names of an edit's resource: `Service updates a tag` is service-updates-a-tag. */
function named(kind: string, edit: string): string {
  return `${kind} ${edit}`.toLowerCase().replaceAll(" ", "-");
}

function declareAll(which: "before" | "after"): readonly Declared[] {
  const each = (kind: string, edits: Edits, declare: (name: string, args: object) => Declared) =>
    Object.entries(edits).map(([title, edit]) => declare(named(kind, title), edit[which]));
  return [
    namespace("all"),
    namespace("elsewhere"),
    service("most", "all"),
    service("other", "all"),
    ...each("Namespace", namespaces, (name, args) => namespace(name, args)),
    ...each("Service", services, (name, args) => service(name, "all", args)),
    ...each("Instance", instances, (name, args) => {
      const { attributes = {}, ...rest } = args as { attributes?: object };
      const declared = instance(name, "most", attributes);
      return { ...declared, args: { ...declared.args, ...rest } };
    }),
  ];
}

function expected(kind: string, edits: Edits): string[] {
  return Object.entries(edits).map(([title, { shows }]) => shows.replace("NAME", named(kind, title)));
}

const shown = [
  ...expected("Namespace", namespaces),
  ...expected("Service", services),
  ...expected("Instance", instances),
].sort();

async function tagsOf(stage: Stage, ResourceARN: unknown): Promise<object> {
  const { Tags = [] } = await call(stage.running, "ListTagsForResource", { ResourceARN: String(ResourceARN) });
  return Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
}

async function found(stage: Stage, kind: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  const { id: Id = "", outputs = {} } = await stage.stack.resource(name);
  if (kind === "Namespace") {
    const { Namespace } = await call(stage.running, "GetNamespace", { Id });
    return { ...Namespace, tags: await tagsOf(stage, outputs.arn) };
  }
  if (kind === "Service") {
    const { Service } = await call(stage.running, "GetService", { Id });
    return { ...Service, tags: await tagsOf(stage, outputs.arn) };
  }
  const [ServiceId = "", InstanceId = ""] = Id.split("/");
  const { Instance } = await call(stage.running, "GetInstance", { ServiceId, InstanceId });
  return { ...Instance?.Attributes };
}

for (const deployer of deployers) {
  describe(`Edits of a program, under ${deployer.name}`, function () {
    this.timeout(90_000);
    let stage: Stage;
    before(async () => {
      stage = await openStage(deployer);
    });
    after(() => stage[Symbol.asyncDispose]());

    it("are each shown by a preview, and nothing else is", async () => {
      await stage.stack.up({ resources: declareAll("before") });
      stage.front.take();
      const { summary, steps } = await stage.stack.preview({ resources: declareAll("after") });
      expect(summary).to.deep.equal(shown);
      const replaced = steps.filter(({ op }) => op === "replace");
      for (const { name, changes, replaces } of replaced)
        expect(replaces, name).to.deep.equal(changes.map((path) => path.split(".")[0]));
      expect(stage.front.take()).to.deep.equal([]);
    });

    it("are made by up, and by nothing else", async () => {
      const { summary } = await stage.stack.up();
      expect(summary).to.deep.equal(shown);
    });

    for (const [kind, edits] of Object.entries({ Namespace: namespaces, Service: services, Instance: instances })) {
      for (const [title, { there }] of Object.entries(edits).filter(([, edit]) => edit.there !== undefined)) {
        it(`${kind}: ${title} in the registry`, async () => {
          const all: Readonly<Record<string, unknown>> = await found(stage, kind, named(kind, title));
          if (kind === "Instance") expect(all).to.deep.equal(there);
          else for (const [key, value] of Object.entries(there ?? {})) expect(all[key], key).to.deep.equal(value);
        });
      }
    }

    it("leave nothing to find for a refresh, and nothing to do for the next up", async () => {
      expect((await stage.stack.refresh()).summary).to.deep.equal([]);
      expect((await stage.stack.preview()).summary).to.deep.equal([]);
    });
  });
}
