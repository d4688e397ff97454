// What the provider is configured by: each with the environment variables that stand in for it.
import type { PropertySpec } from "./structure.ts";

const text = (description: string, environment: readonly string[] = []): PropertySpec => ({
  type: "string",
  description,
  ...(environment.length > 0 && { defaultInfo: { environment } }),
});

export const configuration: Readonly<Record<string, PropertySpec>> = {
  endpoint: text(
    "The URL of the registry, such as http://127.0.0.1:7700; `aws` means AWS Cloud Map itself. Without one, the local engine is found or started; where CI or AWS credentials are set, a missing endpoint is an error.",
    ["AWS_ENDPOINT_URL_SERVICEDISCOVERY", "AWS_ENDPOINT_URL", "CLOUDMAP_ENDPOINT"],
  ),
  region: text("The region that requests are signed for; us-east-1 by default, required with `endpoint: aws`.", [
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
  ]),
  accessKey: text("The id of the access key that signs requests.", ["AWS_ACCESS_KEY_ID"]),
  secretKey: { ...text("The secret of the access key.", ["AWS_SECRET_ACCESS_KEY"]), secret: true },
  token: { ...text("The session token of temporary credentials.", ["AWS_SESSION_TOKEN"]), secret: true },
  profile: text("The profile of the AWS configuration files whose credentials are used.", ["AWS_PROFILE"]),
  defaultTags: {
    type: "object",
    additionalProperties: { type: "string" },
    description: "Tags that every resource that takes tags gets, unless it has a tag of the same key.",
  },
  maxRetries: { type: "integer", description: "How often a request that may be sent again is, at most; 8 by default." },
  requestTimeout: text("How long one request may take, such as 30s, which is the default."),
  adopt: text("Ids, with commas between, of resources that may be taken over although others made them."),
  account: text(
    "The account number of the stack's registry: any other is refused before anything is asked of it or made there.",
  ),
  owner: text("A text that says which stacks belong together: what one of them left half made, another takes over."),
};
