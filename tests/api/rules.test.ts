// The rules for an instance's attributes, row by row, and for services and tags.
import { expect } from "chai";
import { requiredAttributes, type ServiceShape } from "../../api/instance.ts";
import { attributeProblems, serviceProblems, tagProblems, tooManyTags } from "../../api/rules.ts";
import type { RecordType } from "../../api/service.ts";

const http: ServiceShape = { namespaceType: "HTTP", records: [], probed: false };
const dns = (...records: ServiceShape["records"]): ServiceShape => ({
  namespaceType: "DNS_PUBLIC",
  records,
  probed: false,
  routingPolicy: "WEIGHTED",
});
const probed: ServiceShape = { ...http, probed: true };

/** What is wrong, as "path: reason". */
function found(attributes: Readonly<Record<string, string>>, shape?: ServiceShape): string[] {
  return attributeProblems(attributes, shape).map(({ path, reason }) => `${path.join(".")}: ${reason}`);
}

const [v4, v6, port] = [
  { AWS_INSTANCE_IPV4: "192.0.2.1" },
  { AWS_INSTANCE_IPV6: "2001:db8::1" },
  { AWS_INSTANCE_PORT: "80" },
] as const;

describe("required attributes", () => {
  const rows: [what: string, shape: ServiceShape, given: Record<string, string>, missing: string[]][] = [
    ["an HTTP service", http, {}, []],
    ["an A record", dns("A"), {}, ["AWS_INSTANCE_IPV4: is required: the service has A records"]],
    ["an A record", dns("A"), v6, ["AWS_INSTANCE_IPV4: is required: the service has A records"]],
    ["an A record", dns("A"), v4, []],
    ["an AAAA record", dns("AAAA"), v4, ["AWS_INSTANCE_IPV6: is required: the service has AAAA records"]],
    ["an AAAA record", dns("AAAA"), v6, []],
    [
      "A and AAAA records",
      dns("A", "AAAA"),
      {},
      [
        "AWS_INSTANCE_IPV4: is required: the service has A records",
        "AWS_INSTANCE_IPV6: is required: the service has AAAA records",
      ],
    ],
    ["a CNAME record", dns("CNAME"), v4, ["AWS_INSTANCE_CNAME: is required: the service has CNAME records"]],
    ["a CNAME record", dns("CNAME"), { AWS_INSTANCE_CNAME: "example.com" }, []],
    [
      "an SRV record",
      dns("SRV"),
      {},
      [
        "AWS_INSTANCE_PORT: is required: the service has SRV records",
        "AWS_INSTANCE_IPV4: is required, or AWS_INSTANCE_IPV6 instead: the service has SRV records",
      ],
    ],
    ["an SRV record", dns("SRV"), { ...v6, ...port }, []],
    ["an SRV record", dns("SRV"), { ...v4, ...port }, []],
    [
      "probes",
      probed,
      {},
      [
        "AWS_INSTANCE_PORT: is required: the service probes its instances",
        "AWS_INSTANCE_IPV4: is required, or AWS_INSTANCE_IPV6 instead: the service probes its instances",
      ],
    ],
    ["probes", probed, { ...v6, ...port }, []],
    ["probes, and an alias", { ...dns("A"), probed: true }, { AWS_ALIAS_DNS_NAME: "lb.example.com" }, []],
    ["probes, and an EC2 instance", probed, { AWS_EC2_INSTANCE_ID: "i-1" }, []],
  ];
  for (const [what, shape, given, missing] of rows) {
    it(`of ${what} with ${Object.keys(given).join(", ") || "nothing"}: ${missing.length || "none"} missing`, () => {
      expect(found(given, shape)).to.deep.equal(missing);
    });
  }

  it("are asked for by every row of the table", () => {
    const asked = rows.flatMap(([, , , missing]) => missing);
    for (const { when, attributes } of requiredAttributes) {
      const sentence = `is required${attributes.length > 1 ? `, or ${attributes[1]} instead` : ""}: the service ${when}`;
      expect(
        asked.some((each) => each.endsWith(sentence)),
        sentence,
      ).to.equal(true);
    }
  });

  it("are not asked for where the service is not known", () => {
    expect(found({})).to.deep.equal([]);
  });
});

describe("the form of attributes", () => {
  const forms: [key: string, good: string[], bad: string[], reason: string][] = [
    [
      "AWS_INSTANCE_IPV4",
      ["0.0.0.0", "255.255.255.255"],
      ["", "1.2.3", "1.2.3.256", "01.2.3.4", "::1", "1.2.3.4 ", "1.2.3.4/8"],
      "must be an IPv4 address such as 192.0.2.44",
    ],
    [
      "AWS_INSTANCE_IPV6",
      ["::", "2001:0db8:85a3:0000:0000:abcd:0001:2345", "::ffff:192.0.2.1"],
      ["", "1.2.3.4", "1::2::3", "[::1]", "12345::", "fe80::1%eth0"],
      "must be an IPv6 address such as 2001:db8::1",
    ],
    [
      "AWS_INSTANCE_PORT",
      ["0", "1", "65535", "00080"],
      ["", "65536", "-1", "8o", "80.0", "1e3", "123456", " 80"],
      "must be a port number, 0 to 65535",
    ],
    [
      "AWS_INSTANCE_CNAME",
      ["example.com", "example.com.", "a", `${"a".repeat(63)}.b`],
      ["", ".", "a..b", ".a", `${"a".repeat(64)}.b`, "a b", `${"ab.".repeat(85)}abcd`],
      "must be a domain name such as example.com",
    ],
    ["AWS_ALIAS_DNS_NAME", ["lb.example.com"], ["", "a..b"], "must be the domain name of a load balancer"],
    ["AWS_INIT_HEALTH_STATUS", ["HEALTHY", "UNHEALTHY"], ["", "healthy", "UNKNOWN"], "must be HEALTHY or UNHEALTHY"],
  ];
  for (const [key, good, bad, reason] of forms) {
    it(`is checked for ${key}, in every service`, () => {
      for (const value of good) expect(found({ [key]: value }), value).to.deep.equal([]);
      for (const value of bad) {
        const sentence = `${key}: ${reason}, and is ${JSON.stringify(value)}`;
        expect(found({ [key]: value }), value).to.deep.equal([sentence]);
        expect(found({ [key]: value }, http), value).to.include(sentence);
      }
    });
  }

  it("is free for others, known to AWS or not", () => {
    expect(found({ AWS_EC2_INSTANCE_ID: "i-1" }, http)).to.deep.equal([]);
    expect(found({ AWS_SOMETHING: "x", CLOUDMAP_WEIGHT: "3", zone: "" }, http)).to.deep.equal([]);
    expect(found(JSON.parse('{"__proto__":"x","constructor":"y","toString":"z"}'), http)).to.deep.equal([]);
  });
});

describe("attributes that exclude each other", () => {
  const alias = { AWS_ALIAS_DNS_NAME: "lb.example.com" };
  const aliasShape = "AWS_ALIAS_DNS_NAME: needs a service with A or AAAA records and the WEIGHTED routing policy";

  it("are an alias and any address, port or EC2 instance", () => {
    for (const key of ["AWS_INSTANCE_IPV4", "AWS_INSTANCE_IPV6", "AWS_INSTANCE_PORT", "AWS_INSTANCE_CNAME"]) {
      const value = { ...v4, ...v6, ...port, AWS_INSTANCE_CNAME: "a" }[key] ?? "";
      expect(found({ ...alias, [key]: value }, dns("A"))).to.deep.equal([
        `${key}: cannot be given together with AWS_ALIAS_DNS_NAME`,
      ]);
    }
    expect(found({ ...alias, AWS_EC2_INSTANCE_ID: "i-1" }, dns("A"))).to.deep.equal([
      "AWS_EC2_INSTANCE_ID: cannot be given together with AWS_ALIAS_DNS_NAME",
    ]);
  });

  it("are an alias and a service that is not weighted, or has other records", () => {
    for (const shape of [dns("A"), dns("AAAA"), dns("A", "AAAA")]) expect(found(alias, shape)).to.deep.equal([]);
    const multivalue: ServiceShape = { ...dns("A"), routingPolicy: "MULTIVALUE" };
    for (const shape of [http, dns("SRV"), dns("A", "SRV"), dns("CNAME"), multivalue]) {
      expect(found(alias, shape)).to.deep.equal([aliasShape]);
    }
    expect(found(alias)).to.deep.equal([]);
  });

  it("are an EC2 instance and anything but the first health status", () => {
    const ec2 = { AWS_EC2_INSTANCE_ID: "i-1" };
    expect(found({ ...ec2, AWS_INIT_HEALTH_STATUS: "UNHEALTHY" }, http)).to.deep.equal([]);
    for (const key of ["AWS_INSTANCE_PORT", "zone"]) {
      expect(found({ ...ec2, [key]: "1" }, http)).to.deep.equal([
        `${key}: cannot be given together with AWS_EC2_INSTANCE_ID`,
      ]);
    }
    expect(found(ec2, dns("A"))).to.deep.equal([
      "AWS_EC2_INSTANCE_ID: can only be given in a service of an HTTP namespace",
    ]);
  });
});

describe("the size of attributes", () => {
  const custom = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]));

  it("is at most 30 custom ones, those of AWS not counted", () => {
    expect(found({ ...custom(30), ...v4, ...port })).to.deep.equal([]);
    expect(found(custom(31))).to.deep.equal([": must have at most 30 custom attributes, and has 31"]);
  });

  it("is at most 5,000 characters in all keys and values", () => {
    const four = Object.fromEntries(["a", "b", "c", "d"].map((key) => [key, "x".repeat(1024)]));
    expect(found({ ...four, e: "x".repeat(5000 - 4 * 1025 - 1) })).to.deep.equal([]);
    expect(found({ ...four, e: "x".repeat(5000 - 4 * 1025) })).to.deep.equal([
      ": must have at most 5000 characters in all keys and values, and has 5001",
    ]);
  });

  it("is told together with everything else that is wrong", () => {
    expect(found({ ...custom(31), AWS_INSTANCE_PORT: "x" }, probed)).to.have.length(3);
  });
});

describe("the rules for a service", () => {
  const records = (...types: readonly RecordType[]) => ({ DnsRecords: types.map((Type) => ({ Type, TTL: 60 })) });
  const paths = (...args: Parameters<typeof serviceProblems>) =>
    serviceProblems(...args).map(({ path }) => path.join("."));

  it("are told all at once, with what to do", () => {
    const problems = serviceProblems(
      {
        HealthCheckConfig: { Type: "TCP", ResourcePath: "/" },
        HealthCheckCustomConfig: {},
        DnsConfig: records("A"),
      },
      "HTTP",
    );
    expect(problems.map(({ path }) => path.join("."))).to.deep.equal([
      "HealthCheckCustomConfig",
      "HealthCheckConfig.ResourcePath",
      "DnsConfig",
    ]);
    for (const { remedy } of problems) expect(remedy).to.be.a("string");
  });

  it("leave a DnsConfig alone where the namespace is not known, or has DNS", () => {
    for (const type of [undefined, "DNS_PUBLIC", "DNS_PRIVATE"] as const) {
      expect(serviceProblems({ DnsConfig: records("A") }, type)).to.deep.equal([]);
    }
  });

  it("take A, AAAA, A and AAAA, SRV, and weighted CNAME records, and no other set", () => {
    for (const types of [["A"], ["AAAA"], ["A", "AAAA"], ["AAAA", "A"], ["SRV"]] as const) {
      expect(paths({ DnsConfig: records(...types) }), types.join()).to.deep.equal([]);
    }
    for (const types of [[], ["A", "A"], ["A", "SRV"], ["A", "AAAA", "SRV"], ["SRV", "AAAA"]] as const) {
      expect(paths({ DnsConfig: records(...types) }), types.join()).to.deep.equal(["DnsConfig.DnsRecords"]);
    }
  });

  it("want CNAME records weighted and without probes", () => {
    const weighted = { ...records("CNAME"), RoutingPolicy: "WEIGHTED" } as const;
    expect(paths({ DnsConfig: weighted })).to.deep.equal([]);
    expect(paths({ DnsConfig: records("CNAME") })).to.deep.equal(["DnsConfig.RoutingPolicy"]);
    expect(paths({ DnsConfig: weighted, HealthCheckConfig: { Type: "TCP" } })).to.deep.equal(["HealthCheckConfig"]);
  });

  it("allow no probes in a private DNS namespace", () => {
    const probed = { DnsConfig: records("A"), HealthCheckConfig: { Type: "HTTP" } } as const;
    expect(paths(probed, "DNS_PRIVATE")).to.deep.equal(["HealthCheckConfig"]);
    expect(paths(probed, "DNS_PUBLIC")).to.deep.equal([]);
  });

  it("want a DnsConfig in a DNS namespace, unless the type is HTTP; and not both", () => {
    expect(paths({ Name: "a" }, "DNS_PUBLIC")).to.deep.equal(["DnsConfig"]);
    expect(paths({ Name: "a", Type: "HTTP" }, "DNS_PUBLIC")).to.deep.equal([]);
    expect(paths({ Name: "a", Type: "HTTP", DnsConfig: records("A") }, "DNS_PUBLIC")).to.deep.equal(["DnsConfig"]);
  });
});

describe("the rules for tags", () => {
  it("allow 50", () => {
    expect([tooManyTags(50), tooManyTags(51)]).to.deep.equal([false, true]);
  });

  it("refuse a key that is given twice, and AWS's own in any case", () => {
    const tags = ["a", "b", "a", "aws:x", "Aws:y", "awsx"].map((Key) => ({ Key, Value: "" }));
    expect(tagProblems(tags).map(({ path, reason }) => `${path.join(".")}: ${reason}`)).to.deep.equal([
      '2.Key: "a" is given twice',
      '3.Key: "aws:x" begins with aws:, which is reserved for AWS\'s own tags',
      '4.Key: "Aws:y" begins with aws:, which is reserved for AWS\'s own tags',
    ]);
  });
});
