/** Which instances a node probes, where several nodes share a registry. */

/** Whether an instance is this node's to probe: of the nodes that are alive, exactly one must say so. */
export type IsMine = (serviceId: string, instanceId: string) => boolean;

/** A node that is alone probes them all. */
export const allMine: IsMine = () => true;
