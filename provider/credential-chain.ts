// Credentials as the AWS SDK finds them: profiles, SSO, web identity, roles, containers and instances, renewed in time.
import { CallError, messageOf } from "./failure.ts";
import type { Credentials } from "./settings.ts";

export interface Chain {
  readonly credentials: Credentials;
  readonly from: string;
  /** Those that are valid now. */
  readonly renew: () => Promise<Credentials>;
}

/** By a profile, or by whatever the SDK's own order of sources finds first; asks at once, so that nothing begins without. */
export async function findCredentials(profile: string | undefined, profileFrom: string): Promise<Chain> {
  const { defaultProvider } = await import("@aws-sdk/credential-provider-node"); // slow to load, and most need none
  const source = defaultProvider({ ...(profile && { profile }), maxRetries: 1, timeout: 1_000 });
  const renew = async (): Promise<Credentials> => {
    const { accessKeyId, secretAccessKey, sessionToken } = await source();
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  };
  const from = profile ? `the profile ${JSON.stringify(profile)} (from ${profileFrom})` : "the AWS SDK's default chain";
  try {
    return { credentials: await renew(), from, renew };
  } catch (error) {
    throw new CallError("Misconfigured", `${from} gives no credentials: ${messageOf(error)} ${remedy(profile)}`, {
      cause: error,
    });
  }
}

function remedy(profile: string | undefined): string {
  return profile
    ? `Check the profile with \`aws sts get-caller-identity --profile ${profile}\`; of an SSO profile, \`aws sso login --profile ${profile}\` begins a session.`
    : "Set AWS_PROFILE or cloudmap:profile, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or cloudmap:accessKey and cloudmap:secretKey.";
}
