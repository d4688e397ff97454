// The policy pack: hands each resource, or all of a stack, to the rules.
import { PolicyPack } from "@pulumi/policy";
import { dnsOnlyInside, ownerIsNamed, weightsAddUp } from "./rules.ts";

const each =
  (rule) =>
  ({ type, urn, props }, report) => {
    for (const said of rule({ type, urn, props })) report(said);
  };

new PolicyPack("cloudmap", {
  policies: [
    {
      name: "owner-is-named",
      description: "Every namespace and service has a tag that says whose it is.",
      enforcementLevel: "mandatory",
      validateResource: each(ownerIsNamed),
    },
    {
      name: "dns-only-inside",
      description: "Public DNS namespaces are in production only.",
      enforcementLevel: "mandatory",
      validateResource: each(dnsOnlyInside),
    },
    {
      name: "weights-add-up",
      description: "The weights in a DiscoverableService are percentages: they add up to 100.",
      enforcementLevel: "mandatory",
      validateStack: ({ resources }, report) => {
        const all = resources.map(({ type, urn, props, parent }) => ({ type, urn, props, parent: parent?.urn }));
        for (const { message, urn } of weightsAddUp(all)) report(message, urn);
      },
    },
  ],
});
