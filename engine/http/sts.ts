/** The neighbour STS: GetCallerIdentity, by which clients learn which registry they talk to. */
import { CloudMapError } from "../../api/errors.ts";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export function callerIdentity(body: Buffer, account: string, requestId: string): string {
  const action = new URLSearchParams(body.toString("utf8")).get("Action");
  if (action !== "GetCallerIdentity") {
    throw new CloudMapError(
      "UnknownOperationException",
      `Of STS, the engine answers GetCallerIdentity only, not ${action ?? "(no Action)"}.`,
    );
  }
  return `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::${account}:root</Arn>
    <UserId>${account}</UserId>
    <Account>${account}</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>
`;
}

/** An error as the query protocol writes it. */
export function queryError({ code, status, message }: CloudMapError, requestId: string): string {
  const type = status < 500 ? "Sender" : "Receiver";
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>${type}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>
  <RequestId>${requestId}</RequestId>
</ErrorResponse>
`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
