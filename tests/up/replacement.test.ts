// Replacements: a service of another name takes its instances with it, in Pulumi's order.
import { expect } from "chai";
import { call } from "../engine/running.ts";
import { deployers } from "./deployer.ts";
import { instance, namespace, type Spec, service } from "./spec.ts";
import { openStage, type Stage } from "./stage.ts";

function shop(web: object): Spec {
  const of = [instance("web-1", "web", { zone: "a" }), instance("web-2", "web", { zone: "b" })];
  return { resources: [namespace("shop"), service("web", "shop", web), ...of] };
}

const replaced = ["replace web name", "replace web-1 serviceId", "replace web-2 serviceId"];

for (const deployer of deployers) {
  describe(`Replacements, under ${deployer.name}`, function () {
    this.timeout(180_000);
    let stage: Stage;
    before(async () => {
      stage = await openStage(deployer);
      await stage.stack.up(shop({ name: "first" }));
      stage.front.take();
    });
    after(() => stage[Symbol.asyncDispose]());

    async function expectOnly(name: string): Promise<void> {
      const { Services = [] } = await call(stage.running, "ListServices", {});
      expect(Services.map(({ Name, InstanceCount }) => [Name, InstanceCount])).to.deep.equal([[name, 2]]);
      const { id } = await stage.stack.resource("web");
      expect((await stage.stack.resource("web-1")).id).to.equal(`${id}/web-1`);
    }

    it("of a renamed service make the new one and its instances before the old instances and service go", async () => {
      const { id: old } = await stage.stack.resource("web");
      const { summary } = await stage.stack.up(shop({ name: "second" }));
      expect(summary).to.deep.equal(replaced);
      const { writes } = stage.front;
      const ids = stage.front
        .take()
        .flatMap(({ operation, input }) =>
          /Register|Deregister/.test(operation) ? [`${operation} ${input.ServiceId === old ? "old" : "new"}`] : [],
        );
      expect(writes[0]).to.equal("CreateService second");
      expect(writes.at(-1)).to.equal(`DeleteService ${old}`);
      expect(ids).to.deep.equal([
        ...["RegisterInstance new", "RegisterInstance new"],
        ...["DeregisterInstance old", "DeregisterInstance old"],
      ]);
      await expectOnly("second");
    });

    it("of a service that keeps its name take the old instances and service away first", async () => {
      const { id: old } = await stage.stack.resource("web");
      await stage.stack.declare(shop({ name: "second", description: "new" }));
      const { output } = await stage.stack.shown("preview"); // an outage is to be known before it is made
      expect(output).to.match(
        /Warning: service second: description cannot be changed in place.*out of discovery until/,
      );
      const { summary } = await stage.stack.up();
      expect(summary).to.deep.equal(["replace web description", "replace web-1", "replace web-2"]);
      const order = stage.front.writes.map((write) => write.split(" ")[0]);
      stage.front.take();
      expect(order).to.deep.equal([
        ...["DeregisterInstance", "DeregisterInstance", "DeleteService"],
        ...["CreateService", "RegisterInstance", "RegisterInstance"],
      ]);
      expect(old).to.be.a("string");
      await expectOnly("second");
    });

    /** The id of a service, and of its instances, is the same again: what is deleted late is what was just made. */
    it("that end half-way, and are taken back by then, leave what is made anew in its place", async () => {
      const { stack, front } = stage;
      const denied = JSON.stringify({ __type: "AccessDeniedException", Message: "said by a test" });
      front.lose = ({ operation }) => (operation === "CreateService" ? { status: 400, body: denied } : undefined);
      await stack.declare(shop({ name: "second", description: "newer" }));
      const { exitCode, output } = await stack.shown("up");
      front.lose = () => undefined;
      expect(exitCode, output).not.to.equal(0);
      expect((await call(stage.running, "ListServices", {})).Services).to.deep.equal([]);
      front.take();
      await stack.up(shop({ name: "second", description: "new" }));
      const order = front.writes.map((write) => write.split(" ")[0]);
      const made = order.slice(order.indexOf("CreateService")); // before it Pulumi may ask again for what is gone already
      expect(made).to.deep.equal(["CreateService", "RegisterInstance", "RegisterInstance"]);
      await expectOnly("second");
    });

    /** As a resource transform asks of Pulumi that hands back the options that it was given. */
    it("of a service that keeps its name are refused where it is to be made before the old one is deleted", async () => {
      const { id } = await stage.stack.resource("web");
      const [namespaces, , ...instances] = shop({}).resources;
      const web = service("web", "shop", { name: "second", description: "newest" }, { deleteBeforeReplace: false });
      for (const host of [undefined, "plugin"] as const) {
        const resources = [namespaces, web, ...instances].filter((each) => each !== undefined);
        await stage.stack.declare({ ...(host && { host }), resources });
        const { exitCode, output } = await stage.stack.shown("up");
        expect(exitCode, output).not.to.equal(0);
        expect(output).to.contain(`creating the service second: the stack's own service second (${id}) is in the way`);
        expect(output).to.contain("its description cannot be changed in place").and.contain("`deleteBeforeReplace:");
        expect(output).not.to.contain("taken over");
        await expectOnly("second");
      }
      await stage.stack.up(shop({ name: "second", description: "new" }));
      expect((await stage.stack.resource("web")).id).to.equal(id);
    });

    it("of an instance are made where the program orders them for a property, and for no other (pulumi's own dynamic host never does)", async () => {
      const [namespaces, web] = shop({ name: "second", description: "new" }).resources;
      const told = (version: string, option: string) => [
        instance("web-1", "web", { zone: "a", version }, { replaceOnChanges: [option] }),
        instance("web-2", "web", { zone: "b" }),
      ];
      const of = (version: string, option = "attributes") => {
        const resources = [namespaces, web, ...told(version, option)].filter((each) => each !== undefined);
        return { resources };
      };
      expect((await stage.stack.preview(of("1"))).summary.join()).to.match(/^replace web-1 attributes/);
      expect((await stage.stack.up()).summary.join()).to.match(/^replace web-1 attributes/);
      expect((await stage.stack.up(of("2", "instanceId"))).summary.join()).to.match(/^update web-1 attributes/);
      await expectOnly("second");
    });

    it("leave nothing to do", async () => {
      expect((await stage.stack.preview()).summary).to.deep.equal([]);
      expect((await stage.stack.refresh()).summary).to.deep.equal([]);
    });
  });
}
