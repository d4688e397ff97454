// Empties services and namespaces of what others may have put there, a few at a time, and says what it removes.
import type { Client } from "./client.ts";
import type { Deadline } from "./deadline.ts";
import { hasCode } from "./failure.ts";
import { listInstances } from "./instance-lists.ts";
import { submit } from "./poll.ts";
import { forAll, named, remove } from "./removal.ts";
import type { Session } from "./session.ts";

interface Victim {
  readonly id: string;
  /** As a person knows it: "the HTTP namespace shop (ns-…)". */
  readonly subject: string;
}

/** Services at once, each of which deregisters sixteen instances at once; the client bounds the requests of all. */
const servicesAtOnce = 4;

/** Deletes a namespace; with force, first the services that are still in it with all their instances, whoever made them. */
export async function drainNamespace(
  { id, subject }: Victim,
  force: boolean,
  session: Session,
  deadline: Deadline,
): Promise<void> {
  const { client, say, warn } = session;
  let services: readonly { readonly id: string; readonly name: string }[] = [];
  await remove({
    attempt: () => submit(client, "DeleteNamespace", { Id: id }, deadline),
    gone: ["NamespaceNotFound"],
    blockers: async () => {
      services = await servicesOf(client, id);
      return services.map((service) => `${service.name} (${service.id})`);
    },
    drain: !force
      ? undefined
      : async (blockers) => {
          say(`Removing what ${subject} holds, as forceDestroy says: the services ${named(blockers)}.`);
          await forAll(services, servicesAtOnce, (service) => drainService(service.id, true, session, deadline));
        },
    noun: "services",
    deadline,
    warn,
    subject,
  });
}

/** Deletes a service; with force, what is registered in it first, whoever did that. */
export async function drainService(
  serviceId: string,
  force: boolean,
  session: Session,
  deadline: Deadline,
): Promise<void> {
  const { client, say, warn } = session;
  const subject = `the service ${serviceId}`;
  await remove({
    attempt: () => client.call("DeleteService", { Id: serviceId }, { signal: deadline.signal }),
    gone: ["ServiceNotFound"],
    blockers: () => listInstances(client, serviceId),
    drain: !force
      ? undefined
      : async (instances) => {
          say(`Deregistering what is left in ${subject}, as forceDestroy says: ${named(instances)}.`);
          await forAll(instances, 16, (instanceId) => deregister(serviceId, instanceId, session, deadline));
        },
    noun: "instances",
    deadline,
    warn,
    subject,
  });
}

/** Already gone is done, whether it is refused at once or the operation fails for it. */
export async function deregister(
  serviceId: string,
  instanceId: string,
  session: Session,
  deadline: Deadline,
): Promise<void> {
  session.instances.change(serviceId, instanceId);
  try {
    await submit(session.client, "DeregisterInstance", { ServiceId: serviceId, InstanceId: instanceId }, deadline);
  } catch (error) {
    if (!hasCode(error, "InstanceNotFound", "ServiceNotFound")) throw error;
  }
}

async function servicesOf(client: Client, namespaceId: string): Promise<readonly { id: string; name: string }[]> {
  const found: { id: string; name: string }[] = [];
  let token: string | undefined;
  do {
    const Filters = [{ Name: "NAMESPACE_ID", Values: [namespaceId] }] as const;
    const page = await client.call("ListServices", { Filters, ...(token && { NextToken: token }) });
    for (const { Id = "", Name = "" } of page.Services ?? []) found.push({ id: Id, name: Name });
    token = page.NextToken;
  } while (token);
  return found;
}
