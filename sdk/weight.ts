// How a group's weight is shared out among its instances: in whole numbers, each of which DNS can hold.

/** The attribute by which DNS weighs an instance, and by which clients that discover it may. */
export const weightAttribute = "CLOUDMAP_WEIGHT";

/** What one record may weigh, in Route 53 as here. */
const most = 255;

/**
 * The weight of one instance of a group: their sum is exactly the group's. Other groups have no part in it, so that a
 * group that keeps its weight keeps its instances as they are.
 */
export function weightOf(group: string, weight: number, count: number, index: number): string {
  const refuse = (reason: string) => new Error(`The weight of the group ${JSON.stringify(group)} ${reason}`);
  if (!Number.isInteger(weight) || weight < 0) throw refuse(`must be a whole number, 0 or more, and is ${weight}.`);
  if (weight > 0 && weight < count) {
    const said = `is ${weight}, too little to share among its ${count} instances: some would get nothing.`;
    throw refuse(`${said} Multiply all weights by ${Math.ceil(count / weight)} or more.`);
  }
  if (weight > most * count) {
    throw refuse(`is ${weight}; with ${count} instances it can be ${most * count}, for each weighs ${most} at most.`);
  }
  return String(Math.floor(weight / count) + (index < weight % count ? 1 : 0));
}
