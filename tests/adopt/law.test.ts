// The law of adopting, on registries of any content: what is written says what is there, is valid, and changes nothing.
import { stripTypeScriptTypes } from "node:module";
import { expect } from "chai";
import fc from "fast-check";
import { type Declaration, declare } from "../../adopt/declaration.ts";
import { writeImports, writeProgram } from "../../adopt/program.ts";
import { readRegistry } from "../../adopt/registry.ts";
import type { Props } from "../../provider/casing.ts";
import type { Kind } from "../../provider/kind.ts";
import { kinds } from "../../provider/kinds.ts";
import { openSession, type Session } from "../../provider/session.ts";
import { start } from "../engine/running.ts";
import { settingsFor } from "../provider/workbench.ts";
import { namespaces, populate } from "./random-registry.ts";

const vpcs = { get: () => "vpc-1" } as unknown as ReadonlyMap<string, string>;
const read = (session: Session) =>
  readRegistry(session, { namespaces: [], instances: true, vpcs, progress: () => {} }).then(declare);

interface Made {
  readonly kind: string;
  readonly name: string;
  readonly args: Props;
}

/** What the program makes, each parent by the object that it is. */
function run(program: string): Made[] {
  const made: Made[] = [];
  const kindOf = (kind: string) =>
    class {
      constructor(name: string, args: Props) {
        made.push({ kind, name, args });
        Object.assign(this, { at: made.length - 1 });
      }
    };
  const cloudmap = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, kindOf(kind)]));
  const body = stripTypeScriptTypes(program.replace(/^import .*$/m, ""));
  new Function("cloudmap", `"use strict";\n${body}`)(cloudmap);
  return made;
}

/** The args with ids for parents. */
function inputsOf({ args }: Made, declarations: readonly Declaration[]): Props {
  const id = (value: unknown) => {
    const at = (value as { readonly at?: number } | undefined)?.at;
    return at === undefined ? value : declarations[at]?.importId.split(":")[0];
  };
  const { namespaceId, serviceId } = args;
  return {
    ...args,
    ...(namespaceId !== undefined && { namespaceId: id(namespaceId) }),
    ...(serviceId !== undefined && { serviceId: id(serviceId) }),
  };
}

async function changes(
  declaration: Declaration,
  all: readonly Declaration[],
  args: Props,
  session: Session,
): Promise<readonly string[]> {
  const kind: Kind = kinds[declaration.kind];
  const above = all.find(({ variable }) => variable === declaration.parent);
  const { namespaceType }: Partial<Kind> = above === undefined ? {} : kinds[above.kind];
  const parent = namespaceType === undefined ? undefined : { namespaceType };
  const { inputs, failures } = kind.check({ olds: {}, news: args, defaultTags: {}, parent });
  const props = declaration.kind === "PrivateDnsNamespace" ? { vpc: "vpc-1" } : {};
  const id = declaration.importId.replace(/:vpc-1$/, "");
  const found = await kind.read({ id, props, defaultTags: {} }, session);
  return [...failures.map(({ reason }) => reason), ...kind.diff(found?.props ?? {}, inputs).changed];
}

describe("adopting a registry of any content", function () {
  this.timeout(120_000);

  it("declares all of it once, validly, and without a change, and the same text every time", async () => {
    await fc.assert(
      fc.asyncProperty(namespaces, async (wanted) => {
        await using running = await start({ now: Date.now });
        const count = await populate(running, wanted);
        const session = await openSession(settingsFor(running.url));
        const declarations = await read(session);
        expect(declarations).to.have.length(count);
        const program = writeProgram(declarations, "the registry", "plugin");
        const made = run(program);
        expect(made.map(({ kind, name }) => `${kind} ${name}`)).to.deep.equal(
          declarations.map(({ kind, name }) => `${kind} ${name}`),
        );
        expect(new Set(made.map(({ kind, name }) => `${kind} ${name}`)).size).to.equal(count);
        for (const [at, declaration] of declarations.entries()) {
          const args = inputsOf(made[at] as Made, declarations);
          const { healthCheckCustomConfig, ...own } = declaration.inputs;
          expect(args).to.deep.equal({
            ...own,
            ...(healthCheckCustomConfig !== undefined && { healthCheckCustomConfig: {} }),
          });
          expect(await changes(declaration, declarations, args, session), JSON.stringify(args)).to.deep.equal([]);
        }
        const again = await read(await openSession(settingsFor(running.url)));
        expect(writeProgram(again, "the registry", "plugin") + writeImports(again)).to.equal(
          program + writeImports(declarations),
        );
      }),
      { numRuns: Number(process.env.ADOPT_RUNS ?? 10) },
    );
  });
});
