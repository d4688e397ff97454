/** The neighbour STS: GetCallerIdentity, by which clients learn which registry they talk to. */
import { CloudMapError } from "../../api/errors.ts";
import type { Caller } from "../auth/caller.ts";
import { xmlError } from "./xml.ts";

const xmlNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export function callerIdentity(body: Buffer, caller: Caller, requestId: string): string {
  const action = new URLSearchParams(body.toString("utf8")).get("Action");
  if (action !== "GetCallerIdentity") {
    throw new CloudMapError(
      "UnknownOperationException",
      `Of STS, the engine answers GetCallerIdentity only, not ${action ?? "(no Action)"}.`,
    );
  }
  return `<GetCallerIdentityResponse xmlns="${xmlNamespace}">
  <GetCallerIdentityResult>
    <Arn>${caller.arn}</Arn>
    <UserId>${caller.userId}</UserId>
    <Account>${caller.account}</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>
`;
}

/** An error as the query protocol writes it. */
export function queryError(refusal: CloudMapError, requestId: string): string {
  return xmlError(refusal, requestId, xmlNamespace);
}
