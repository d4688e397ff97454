/** The AWS SDK for JavaScript v3, in this process. */
import * as sdk from "@aws-sdk/client-servicediscovery";
import { AwsSmithyRpcV2CborProtocol } from "@aws-sdk/core/protocols";
import type { Client, Outcome, Target } from "./client.ts";

type Send = (input: object) => Promise<object>;
type Pages = (config: { client: sdk.ServiceDiscovery; pageSize: number }, input: object) => AsyncIterable<object>;

/** Its methods and paginators are called by name: that each takes its own input, the scenario knows and not the compiler. */
export function javascript(target: Target): Client {
  return clientOf(target, {});
}

/** The protocol that the API's model names first; this version of the SDK takes the other by itself. */
export function javascriptByCbor(target: Target): Client {
  return clientOf(target, { protocol: AwsSmithyRpcV2CborProtocol });
}

function clientOf(target: Target, more: Partial<sdk.ServiceDiscoveryClientConfig>): Client {
  const { url, region, accessKeyId, secretAccessKey, sessionToken, hostPrefix = false } = target;
  const client = new sdk.ServiceDiscovery({
    endpoint: url,
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    disableHostPrefix: !hostPrefix,
    maxAttempts: 1,
    ...more,
  });
  const methods = client as unknown as Readonly<Record<string, Send>>;
  const paginators = sdk as unknown as Readonly<Record<string, Pages>>;
  return {
    showsMembers: true,
    call: (operation, input) => {
      const name = `${operation.charAt(0).toLowerCase()}${operation.slice(1)}`;
      return outcomeOf(async () => methods[name]?.call(client, input));
    },
    list: (operation, input, pageSize) =>
      outcomeOf(async () => {
        const whole: Record<string, unknown> = {};
        for await (const page of paginators[`paginate${operation}`]?.({ client, pageSize }, input) ?? []) {
          for (const [key, value] of Object.entries(page)) {
            const before = whole[key];
            whole[key] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
          }
        }
        return whole;
      }),
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
}

async function outcomeOf(work: () => Promise<object | undefined>): Promise<Outcome> {
  try {
    const { $metadata: _, ...answer } = { $metadata: {}, ...(await work()) };
    return { answer: inSeconds(answer) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { name, message, ...members } = error as Error & Record<string, unknown>; // modeled errors have members
    return { error: { ...members, code: name, Message: message } };
  }
}

function inSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(inSeconds);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, inSeconds(member)]));
}
