// The examples that SDKs and documentation show of each kind, in the schema: in every language, and of the schema.
import { expect } from "chai";
import { parse } from "yaml";
import { ofStructure, schema } from "./schema.ts";

const languages = ["typescript", "python", "go", "csharp", "yaml"];

/** What a language's name of a property is in the schema. */
const inSchema = (name: string) =>
  name
    .replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
    .replace(/^[A-Z]/, (letter) => letter.toLowerCase());

/** The resources that a text makes: their kinds, each with its arguments as they are written. */
const made: Readonly<Record<string, RegExp>> = {
  typescript: /new cloudmap\.(\w+)\("[\w-]+"(?:, \{(.*?)\})?\);/gs,
  python: /cloudmap\.(\w+)\("[\w-]+"(.*?)\)$/gms,
  go: /cloudmap\.New(\w+)\(ctx, "[\w-]+", (.*?)\)\n\t\tif err/gs,
  csharp: /new Cloudmap\.(\w+)\("[\w-]+"(.*?)\);/gs,
};

/** The arguments that are at the outside of what is given, not in a structure of it. */
const argument: Readonly<Record<string, RegExp>> = {
  typescript: /(?:^|, |\n {2}|^ )(\w+)(?=: |, )/g,
  python: /(?:\n {4}|, )(\w+)=/g,
  go: /\n\t{3}(\w+): /g,
  csharp: /\n {8}(\w+) =/g,
};

/** TypeScript's structures are in the same line: what is in them goes, from the inside. */
function outside(given: string): string {
  const less = given.replaceAll(/[{[][^{}[\]]*[}\]]/g, "…");
  return less === given ? given : outside(less);
}

for (const [token, { description }] of Object.entries(schema.resources)) {
  const kind = token.replace("cloudmap:index:", "");
  const texts = new Map(
    [...description.matchAll(/```(\w+)\n(.*?)\n```/gs)].map(([, language = "", text]) => [language, text]),
  );

  describe(`The examples of ${kind}`, () => {
    it("are there in every language, and go where a generator has none of its own", () => {
      expect([...texts.keys()]).to.deep.equal(languages);
      const [sentence = "", examples = ""] = description.split("{{% examples %}}\n\n{{% example %}}");
      expect(sentence).not.to.match(/```|##/);
      expect(examples).to.match(
        /^\n\n## Example Usage\n\n```.*```\n\n\{\{% \/example %\}\}\n\n\{\{% \/examples %\}\}$/s,
      );
    });

    it("make it and what it is in, of properties of the schema, alike in every language", () => {
      const { resources }: { resources: Record<string, { type: string; properties?: Record<string, unknown> }> } =
        parse(texts.get("yaml") ?? "");
      const inYaml = Object.values(resources).map(({ type, properties = {} }) => {
        const of = schema.resources[type.replace(":", ":index:")];
        expect(
          ofStructure(properties, { properties: of?.inputProperties ?? {}, required: of?.requiredInputs ?? [] }, type),
        ).to.deep.equal([]);
        return [type.replace("cloudmap:", ""), Object.keys(properties).sort()];
      });
      expect(inYaml.map(([name]) => name)).to.include(kind);
      for (const [language, pattern] of Object.entries(made)) {
        const inIt = [...(texts.get(language) ?? "").matchAll(pattern)].map(([, name, given = ""]) => [
          name,
          [...(language === "typescript" ? outside(given) : given).matchAll(argument[language] ?? /$/g)]
            .map(([, each = ""]) => inSchema(each))
            .sort(),
        ]);
        expect(inIt, language).to.deep.equal(inYaml);
      }
    });
  });
}
