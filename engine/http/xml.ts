/** XML, as AWS's older protocols have it: texts and errors. */
import type { CloudMapError } from "../../api/errors.ts";

/** An error as STS and Route 53 write it, in the namespace of the one or the other. */
export function xmlError({ code, status, message }: CloudMapError, requestId: string, namespace: string): string {
  const type = status < 500 ? "Sender" : "Receiver";
  return `<ErrorResponse xmlns="${namespace}">
  <Error><Type>${type}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>
  <RequestId>${requestId}</RequestId>
</ErrorResponse>
`;
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
