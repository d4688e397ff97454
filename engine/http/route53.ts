/** The neighbour Route 53: GetHostedZone, which shows the name servers and the VPC of a DNS namespace. */
import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { CloudMapError } from "../../api/errors.ts";
import { arnOfOwned, ownerOf } from "../account.ts";
import { authorizeAction } from "../auth/authorizer.ts";
import type { Caller } from "../auth/caller.ts";
import { hostedZoneId, namespaceOfZone } from "../namespace.ts";
import { type NamespaceRecord, namespaceKey } from "../records.ts";
import { type ApiOptions, asRefusal, isTrouble } from "./api.ts";
import { demandOf } from "./demand.ts";
import { requestOf } from "./exchange.ts";
import type { Reply, Request } from "./request.ts";
import { escapeXml, xmlError } from "./xml.ts";

/** The version of Route 53's API, with which all its paths begin. */
const route53Path = "/2013-04-01/";

const xmlNamespace = "https://route53.amazonaws.com/doc/2013-04-01/";

export function serveRoute53(fastify: FastifyInstance, options: ApiOptions): void {
  fastify.all(`${route53Path}*`, async ({ raw }, reply) => {
    const { status, headers, body } = await answer(options, requestOf(raw, Buffer.alloc(0)));
    return reply.status(status).headers(headers).send(body);
  });
}

/** Answers whoever may call; all of Route 53 but GetHostedZone is refused by name. */
async function answer(options: ApiOptions, request: Request): Promise<Reply> {
  const asked: Asked = { operation: "", caller: undefined, input: undefined };
  const [id, started] = [randomUUID(), performance.now()];
  const reply = (status: number, xml: string, error?: CloudMapError): Reply => {
    options.finished({ ...asked, id, request, started, output: undefined, error });
    const headers = { "content-type": "text/xml", "x-amzn-requestid": id };
    return { status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}` };
  };
  try {
    return reply(200, await hostedZone(options, request, asked));
  } catch (error) {
    const refusal = asRefusal(error);
    if (isTrouble(refusal)) options.log("error", refusal.message, { requestId: id, cause: String(error) });
    return reply(refusal.status, xmlError(refusal, id, xmlNamespace), refusal);
  }
}

/** What becomes known of a request on its way to its reply. */
interface Asked {
  operation: string;
  caller: Caller | undefined;
  input: unknown;
}

function hostedZone(options: ApiOptions, request: Request, asked: Asked): string | Promise<string> {
  const [path = ""] = request.target.split("?");
  const [what, zone = "", ...more] = path.slice(route53Path.length).split("/");
  if (request.method !== "GET" || what !== "hostedzone" || zone === "" || more.length > 0) {
    throw new CloudMapError(
      "UnknownOperationException",
      `Of Route 53, the engine answers GetHostedZone only, not ${request.method} ${path}.`,
    );
  }
  asked.operation = "GetHostedZone";
  asked.input = { Id: zone };
  asked.caller = options.authenticate(request, "route53");
  options.throttle?.(asked.caller.account, asked.operation);
  const { context, dispatcher } = options;
  const asking = { caller: asked.caller, address: request.address };
  authorizeAction(asking, "route53:GetHostedZone", `arn:aws:route53:::hostedzone/${zone}`, context.region);
  const { account } = asked.caller;
  const look = () => {
    const record = dispatcher.registry.get(namespaceKey(namespaceOfZone(zone)));
    const isZone = record !== undefined && record.Type !== "HTTP" && hostedZoneId(record.Id) === zone;
    if (isZone && ownerOf(record, context) === account) return describe(record, options);
    throw new CloudMapError("NoSuchHostedZone", `No hosted zone found with ID: ${zone}`);
  };
  return dispatcher.read(look, demandOf(request.headers));
}

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html */
function describe(record: NamespaceRecord, { context }: ApiOptions): string {
  const { Id, Name, Vpc, CreatorRequestId = Id } = record;
  return `<GetHostedZoneResponse xmlns="${xmlNamespace}">
  <HostedZone>
    <Id>/hostedzone/${hostedZoneId(Id)}</Id>
    <Name>${escapeXml(Name)}${Name.endsWith(".") ? "" : "."}</Name>
    <CallerReference>${escapeXml(CreatorRequestId)}</CallerReference>
    <Config><Comment>Created by Cloud Map</Comment><PrivateZone>${Vpc !== undefined}</PrivateZone></Config>
    <LinkedService>
      <ServicePrincipal>servicediscovery.amazonaws.com</ServicePrincipal>
      <Description>${arnOfOwned(context, "namespace", record)}</Description>
    </LinkedService>
  </HostedZone>
${Vpc === undefined ? delegationSet(context.nameServers ?? []) : vpcs(context.region, Vpc)}</GetHostedZoneResponse>
`;
}

/** "The name servers … for a public hosted zone": those that the operator names; no zone has them where none is named. */
function delegationSet(names: readonly string[]): string {
  if (names.length === 0) return "";
  const servers = names.map((name) => `<NameServer>${escapeXml(name)}</NameServer>`).join("");
  return `  <DelegationSet><NameServers>${servers}</NameServers></DelegationSet>\n`;
}

/** "VPCs: information about the VPCs that are associated with the specified hosted zone", of private ones only. */
function vpcs(region: string, id: string): string {
  return `  <VPCs><VPC><VPCRegion>${region}</VPCRegion><VPCId>${escapeXml(id)}</VPCId></VPC></VPCs>\n`;
}
