/** Why the shop cannot be started here; undefined when it can. */
export function whyNot(): Promise<string | undefined>;
/** Makes the image, starts the four containers and waits until the gateway answers on `port`. */
export function startShop(options: {
  readonly port: number | string;
  readonly inventoryTimeoutMs?: string;
  /** The compose project that they seem to be of; default: `shop`. */
  readonly project?: string;
}): Promise<void>;
/** Removes the containers and the network of a shop, and its image; harmless when there is none. */
export function removeShop(project?: string): Promise<void>;
