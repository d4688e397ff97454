// What a preview refuses: every constraint and rule of the contract, with its place, its reason and what to do about it.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { knownAttributes, requiredAttributes, type ServiceShape } from "../../api/instance.ts";
import type { RecordType } from "../../api/service.ts";
import { type Props, toProgram } from "../../provider/casing.ts";
import { instance } from "../../provider/instance.ts";
import type { CheckFailure, CheckRequest, Kind } from "../../provider/kind.ts";
import { kinds } from "../../provider/kinds.ts";
import { placeOf } from "../../provider/property-path.ts";
import { service } from "../../provider/service.ts";
import { unknown } from "../../provider/unknown.ts";
import { badInputs } from "../api/bad-inputs.ts";
import { attributes, good, spanning } from "./bad-programs.ts";

function failures(kind: Kind, news: Props, more: Partial<CheckRequest> = {}): readonly CheckFailure[] {
  return kind.check({ olds: {}, news, defaultTags: {}, ...more }).failures;
}

describe("the check of every constraint", () => {
  for (const [name, kind] of Object.entries<Kind>(kinds)) {
    it(`passes a good ${kind.title}`, () => {
      expect(failures(kind, good[name] ?? {})).to.deep.equal([]);
    });

    for (const { input, path, keyword, value } of badInputs(kind.schema)) {
      const { text } = placeOf(kind.schema, path);
      const shown = JSON.stringify(value)?.slice(0, 30) ?? "nothing";
      it(`refuses ${shown} as ${name}.${text.slice(0, 40)} (${keyword})`, () => {
        const news = toProgram(kind.schema, input) as Props; // the inputs of a structure
        const missing = keyword === "required" && path.length === 1;
        const found = failures(kind, missing ? news : { ...good[name], ...news });
        const own = found.filter(({ property }) => property === text);
        expect(own, JSON.stringify(found)).not.to.be.empty;
        for (const { reason } of own)
          expect(reason)
            .to.match(/^\S.* (must|is required)/)
            .and.match(/\.$/);
      });
    }
  }
});

/** What makes a service ask for something, by the row's own condition. */
const asking: readonly { readonly parent: Props; readonly shape: ServiceShape }[] = [
  ...(["A", "AAAA", "SRV", "CNAME"] as const).map((type: RecordType) => ({
    parent: { dnsConfig: { dnsRecords: [{ type, ttl: 1 }] } },
    shape: { namespaceType: "DNS_PUBLIC" as const, records: [type], probed: false },
  })),
  { parent: { healthCheckConfig: { type: "TCP" } }, shape: { namespaceType: "HTTP", records: [], probed: true } },
];

describe("the check of every rule", () => {
  for (const [kind, news, property, reason, more] of spanning) {
    it(`refuses ${property} of a ${kind.title}: ${reason.source.slice(0, 50)}`, () => {
      const found = failures(kind, news, more);
      expect(found.map((each) => each.property)).to.include(property);
      expect(found.find((each) => each.property === property)?.reason).to.match(reason);
    });
  }

  for (const rule of requiredAttributes) {
    const asked = asking.filter(({ shape }) => rule.if(shape));
    it(`asks for ${rule.attributes.join(" or ")} where the service ${rule.when}, once the program hands it over`, () => {
      expect(asked).not.to.be.empty;
      for (const { parent } of asked) {
        const [first] = rule.attributes;
        const reasons = failures(instance, attributes({}), { parent }).map((each) => each.reason);
        expect(reasons.join("\n")).to.include(
          `attributes.${first} is required${rule.attributes.length > 1 ? `, or ${rule.attributes[1]} instead` : ""}: the service ${rule.when}`,
        );
        expect(failures(instance, attributes({}))).to.deep.equal([]);
        const value = {
          AWS_INSTANCE_PORT: "80",
          AWS_INSTANCE_IPV4: "1.2.3.4",
          AWS_INSTANCE_IPV6: "::1",
          AWS_INSTANCE_CNAME: "a.b",
        }[first];
        const given = failures(instance, attributes({ [first]: value }), { parent }).map((each) => each.property);
        expect(given).not.to.include(`attributes.${first}`);
      }
    });
  }

  it("has an example for every rule that the contract has", () => {
    const text = readFileSync(new URL("../../api/rules.ts", import.meta.url), "utf8");
    const reasons = [...text.matchAll(/["`]((?:must|cannot|needs|can only|is required|When you)[^"`$]*)/g)];
    const said = spanning
      .flatMap(([kind, news, , , more]) => failures(kind, news, more))
      .map(({ reason }) => reason)
      .join("\n");
    expect(reasons).to.have.length.above(20);
    for (const [, reason = ""] of reasons) expect(said.toLowerCase()).to.include(reason.trim().toLowerCase());
  });

  it("knows a form for every attribute that the contract gives a meaning to", () => {
    const free = ["AWS_EC2_INSTANCE_ID"]; // any text
    for (const key of Object.keys(knownAttributes)) {
      const found = failures(instance, attributes({ [key]: "..wrong.." })).map((each) => each.property);
      expect(found.includes(`attributes.${key}`), key).to.equal(!free.includes(key));
    }
  });

  it("says everything at once", () => {
    const news = {
      name: "-",
      namespaceId: 7,
      healthCheckConfig: { type: "UDP", failureThreshold: 11 },
      tags: { a: 1 },
    };
    const properties = failures(service, news).map(({ property }) => property);
    expect(properties).to.have.members([
      "name",
      "namespaceId",
      "healthCheckConfig.type",
      "healthCheckConfig.failureThreshold",
      "tags.a",
    ]);
  });

  it("does not say that what is bad is missing", () => {
    const news = { ...good.Service, dnsConfig: { dnsRecords: [{ type: "A", ttl: -1 }] } };
    const found = failures(service, news, { parent: { namespaceType: "DNS_PRIVATE" } });
    expect(found.map(({ property }) => property)).to.deep.equal(["dnsConfig.dnsRecords[0].ttl"]);
  });

  it("tells of properties that there are not, and what was likely meant", () => {
    const news = {
      ...good.Service,
      desciption: "x",
      dnsconfig: {},
      healthCheckConfig: { type: "TCP", port: 1 },
      whatever: 1,
    };
    expect(failures(service, news).map(({ reason }) => reason)).to.deep.equal([
      "desciption is not a property of this resource. Did you mean description?",
      "dnsconfig is not a property of this resource. Did you mean dnsConfig?",
      "healthCheckConfig.port is not a property of this resource. Leave it out.",
      "whatever is not a property of this resource. Leave it out.",
    ]);
  });

  it("judges what is known and leaves the rest for later", () => {
    const half = {
      serviceId: unknown,
      instanceId: unknown,
      attributes: { AWS_INSTANCE_IPV4: unknown, AWS_INSTANCE_PORT: "no", zone: unknown },
    };
    expect(failures(instance, half).map(({ property }) => property)).to.deep.equal(["attributes.AWS_INSTANCE_PORT"]);
    expect(failures(instance, { serviceId: unknown, instanceId: "a", attributes: unknown })).to.deep.equal([]);
    expect(
      failures(service, {
        name: unknown,
        namespaceId: unknown,
        healthCheckConfig: unknown,
        healthCheckCustomConfig: {},
        tags: unknown,
        forceDestroy: unknown,
      }),
    ).to.deep.equal([]);
    const parent = { healthCheckConfig: unknown };
    expect(failures(instance, attributes({}), { parent })).to.deep.equal([]);
  });

  it("counts unknown attributes as given", () => {
    const parent = { healthCheckConfig: { type: "TCP" } };
    const news = attributes({ AWS_INSTANCE_IPV4: unknown, AWS_INSTANCE_PORT: unknown });
    expect(failures(instance, news, { parent })).to.deep.equal([]);
  });

  it("keeps keys that are names of JavaScript's own", () => {
    const value = JSON.parse('{"__proto__":"1","constructor":"2","toString":"3"}');
    const { inputs, failures: found } = instance.check({ olds: {}, news: attributes(value), defaultTags: {} });
    expect(found).to.deep.equal([]);
    expect(JSON.stringify(inputs.attributes)).to.equal('{"__proto__":"1","constructor":"2","toString":"3"}');
  });
});
