// The check of signatures against the library that makes them: what it signs is taken, and what was changed then is not.
import { SignatureV4 } from "@smithy/signature-v4";
import { expect } from "chai";
import fc from "fast-check";
import { CloudMapError } from "../../../api/errors.ts";
import type { Key } from "../../../engine/auth/access-file.ts";
import { type Authenticator, keyHolders } from "../../../engine/auth/authenticator.ts";
import { isSame } from "../../../engine/auth/signature.ts";
import type { Request } from "../../../engine/http/request.ts";
import { Sha256 } from "../../../provider/sha256.ts";

const now = Date.parse("2026-11-21T09:03:00Z");
const accessKeyId = "AKIDEXAMPLE0000000001";
const account = "123456789012";

interface Sample {
  readonly secret: string;
  readonly method: string;
  readonly segments: readonly string[];
  readonly query: Readonly<Record<string, string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly token: string | undefined;
}

const ascii = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
const sample: fc.Arbitrary<Sample> = fc.record({
  secret: fc.oneof(fc.string({ minLength: 16, maxLength: 60 }), fc.string({ minLength: 61, maxLength: 256 })),
  method: fc.constantFrom("POST", "GET", "PUT"),
  segments: fc.array(fc.oneof(fc.string({ unit: "grapheme", minLength: 1 }), fc.constantFrom(".", "..", "a b", "%"))),
  query: fc.dictionary(
    fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => !/^x-amz-|^__proto__$/i.test(name)), // the library loses __proto__
    fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 3 }),
  ),
  headers: fc.dictionary(fc.stringMatching(/^x-t-[a-z0-9_-]{0,8}$/), ascii),
  body: fc.uint8Array({ maxLength: 300 }),
  token: fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{16,80}$/), { nil: undefined }),
});

const authenticator = (secretAccessKey: string, more: Partial<Key> = {}, at = now): Authenticator =>
  keyHolders(() => ({ keys: new Map([[accessKeyId, { accessKeyId, secretAccessKey, ...more }]]) }), {
    region: "us-east-1",
    account,
    now: () => at,
  });

const pathOf = ({ segments }: Sample) => `/${segments.map(encodeURIComponent).join("/")}`;

function signer({ secret, token }: Sample): SignatureV4 {
  const credentials = { accessKeyId, secretAccessKey: secret, ...(token !== undefined && { sessionToken: token }) };
  return new SignatureV4({
    credentials,
    region: "us-east-1",
    service: "servicediscovery",
    sha256: Sha256,
    applyChecksum: false,
  });
}

type Sent = Awaited<ReturnType<SignatureV4["presign"]>>;

function asked({ method, path, query = {}, headers }: Sent, body: Uint8Array): Request {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values ?? ""].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  );
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const target = pairs.length > 0 ? `${path}?${pairs.join("&")}` : path;
  return { method, target, headers: Object.fromEntries(lower), body: Buffer.from(body), address: "127.0.0.1" };
}

function unsigned(sample: Sample) {
  const headers = { host: "localhost:7700", "x-amz-target": "Route53AutoNaming_v20170314.X", ...sample.headers };
  const { method, query, body } = sample;
  return { method, protocol: "http:", hostname: "localhost", path: pathOf(sample), query, headers, body };
}

async function signedByHeader(sample: Sample): Promise<Request> {
  const request = unsigned(sample);
  const signableHeaders = new Set([...Object.keys(request.headers), "x-amz-security-token"]);
  const sent = await signer(sample).sign(request, { signingDate: new Date(now), signableHeaders });
  return asked(sent, sample.body);
}

async function presigned(sample: Sample, expiresIn = 60): Promise<Request> {
  const request = unsigned(sample);
  const headers = new Set(Object.keys(request.headers));
  const sent = await signer(sample).presign(request, {
    signingDate: new Date(now),
    expiresIn,
    signableHeaders: headers,
    unhoistableHeaders: headers,
  });
  return asked(sent, sample.body);
}

function codeOf(run: () => unknown): string {
  try {
    run();
    return "taken";
  } catch (error) {
    if (error instanceof CloudMapError) return error.code;
    throw error;
  }
}

const plain: Sample = {
  secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  method: "POST",
  segments: [],
  query: {},
  headers: {},
  body: Buffer.from("{}"),
  token: undefined,
};

describe("the check of a signature", () => {
  for (const [how, sign] of [
    ["in the header", signedByHeader],
    ["in the query", (sample: Sample) => presigned(sample)],
  ] as const) {
    it(`takes what the library signs ${how}, whatever is asked`, async () => {
      await fc.assert(
        fc.asyncProperty(sample, async (any) => {
          const request = await sign(any);
          expect(authenticator(any.secret)(request, "servicediscovery")).to.include({ account, accessKeyId });
          const tokens = any.token === undefined ? {} : { sessionTokens: ["another token, before", any.token] };
          authenticator(any.secret, tokens)(request, "servicediscovery");
        }),
        { numRuns: 300 },
      );
    });

    it(`refuses what was changed after it was signed ${how}`, async () => {
      await fc.assert(
        fc.asyncProperty(sample, fc.nat(), async (any, which) => {
          const request = await sign(any);
          const check = authenticator(any.secret);
          const changed: Request[] = [
            { ...request, body: Buffer.concat([any.body, Buffer.from(" ")]) },
            { ...request, method: `${request.method}X` },
            { ...request, target: `${request.target}${request.target.includes("?") ? "&" : "?"}more` },
            { ...request, target: request.target.replace(/\?|$/, "/more$&") },
          ];
          for (const name of ["host", "x-amz-target", ...Object.keys(any.headers)]) {
            changed.push({ ...request, headers: { ...request.headers, [name]: `${request.headers[name]}x` } });
          }
          const one = changed[which % changed.length] ?? request;
          expect(codeOf(() => check(one, "servicediscovery"))).to.equal("SignatureDoesNotMatch");
          expect(codeOf(() => authenticator(`${any.secret}x`)(request, "servicediscovery"))).to.equal(
            "SignatureDoesNotMatch",
          );
        }),
        { numRuns: 150 },
      );
    });
  }

  it("refuses another order, form or encoding that means something else", async () => {
    const request = await presigned({ ...plain, query: { a: ["1", "2"], "a-": ["0"], é: ["("] } });
    const check = authenticator(plain.secret);
    check(request, "servicediscovery");
    check({ ...request, target: request.target.replace("(", "%28") }, "servicediscovery"); // the same
    check({ ...request, target: request.target.replace("a=1&a=2", "a=2&a=1") }, "servicediscovery"); // sorted by value
    for (const target of [request.target.replace("a=1", "a=3"), request.target.replace("a-=0", "a-")]) {
      expect(codeOf(() => check({ ...request, target }, "servicediscovery"))).to.equal("SignatureDoesNotMatch");
    }
    const broken = { ...request, target: request.target.replace("a=1", "a=%E0%A4%A") };
    expect(codeOf(() => check(broken, "servicediscovery"))).to.equal("IncompleteSignature");
  });

  it("takes a presigned request from five minutes before its time until it expires", async () => {
    const at = (seconds: number) => authenticator(plain.secret, {}, now + seconds * 1000);
    const hour = await presigned(plain, 3600);
    for (const seconds of [-299, 0, 3599]) at(seconds)(hour, "servicediscovery");
    for (const seconds of [-301, 3601, 7200]) {
      expect(
        codeOf(() => at(seconds)(hour, "servicediscovery")),
        String(seconds),
      ).to.equal("RequestExpired");
    }
    const longer = { ...hour, target: hour.target.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200") };
    expect(codeOf(() => at(0)(longer, "servicediscovery"))).to.equal("SignatureDoesNotMatch");
  });

  it("refuses a presigned request that is not whole", async () => {
    const { target, ...rest } = await presigned(plain);
    const check = authenticator(plain.secret);
    const codes = ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"].map((name) => {
      const without = target.replace(new RegExp(`X-Amz-${name}=[^&]*&?`), "");
      return codeOf(() => check({ ...rest, target: without }, "servicediscovery"));
    });
    expect(codes).to.deep.equal(codes.map(() => "IncompleteSignature"));
    for (const expires of ["0", "604801", "-1", "1e3", ""]) {
      const odd = target.replace(/X-Amz-Expires=\d+/, `X-Amz-Expires=${expires}`);
      expect(
        codeOf(() => check({ ...rest, target: odd }, "servicediscovery")),
        expires,
      ).to.equal("IncompleteSignature");
    }
    expect(codeOf(() => check({ ...rest, target: "/?X-Amz-Nothing=1" }, "servicediscovery"))).to.equal(
      "MissingAuthenticationToken",
    );
  });

  it("asks a key that has session tokens for one of them, covered by the signature", async () => {
    const sessionTokens = ["the first token of it", "the second token of it"];
    const check = authenticator(plain.secret, { sessionTokens });
    const codes = async (token: string | undefined) => {
      const signed = [await signedByHeader({ ...plain, token }), await presigned({ ...plain, token })];
      return signed.map((request) => codeOf(() => check(request, "servicediscovery")));
    };
    expect(await codes("the second token of it")).to.deep.equal(["taken", "taken"]);
    for (const wrong of [undefined, "the second token of", "no token that is known here"]) {
      expect(await codes(wrong), String(wrong)).to.deep.equal(["InvalidClientTokenId", "InvalidClientTokenId"]);
    }
    const bare = await signedByHeader(plain);
    const added = { ...bare, headers: { ...bare.headers, "x-amz-security-token": sessionTokens[0] } };
    expect(codeOf(() => check(added, "servicediscovery"))).to.equal("SignatureDoesNotMatch");
  });

  it("refuses a credential of another day than the signature's, and bodies signed in chunks", async () => {
    const check = authenticator(plain.secret);
    const request = await signedByHeader(plain);
    const authorization = request.headers.authorization?.replace("/20261121/", "/20261120/");
    const other = { ...request, headers: { ...request.headers, authorization } };
    expect(() => check(other, "servicediscovery")).to.throw("The credential is for the day 20261120");
    const streaming = { "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" };
    const chunked = await signedByHeader({ ...plain, headers: streaming });
    expect(() => check(chunked, "servicediscovery")).to.throw("send the body whole");
  });

  it("compares as the whole text is, of any length", () => {
    expect(isSame("abc", "abc")).to.equal(true);
    for (const [one, other] of [
      ["abc", "abd"],
      ["abc", "ab"],
      ["", "a"],
      ["é", "e"],
    ] as const) {
      expect(isSame(one, other)).to.equal(false);
      expect(isSame(other, one)).to.equal(false);
    }
  });

  it("takes what is signed on any day", async () => {
    let at = now;
    const key = { accessKeyId, secretAccessKey: plain.secret };
    const check = keyHolders(() => ({ keys: new Map([[accessKeyId, key]]) }), {
      region: "us-east-1",
      account,
      now: () => at,
    });
    for (let day = 0; day < 100; day += 1) {
      at = now + day * 86_400_000;
      const sent = await signer(plain).sign(unsigned(plain), { signingDate: new Date(at) });
      check(asked(sent, plain.body), "servicediscovery");
    }
  });
});
