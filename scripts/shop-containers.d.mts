/** Why the shop cannot be started here; undefined when it can. */
export function whyNot(): Promise<string | undefined>;
/** Makes the image, starts the four containers and waits until the gateway answers on `port`. */
export function startShop(port: number | string, inventoryTimeoutMs?: string): Promise<void>;
/** Removes containers, network and image; harmless when they are not there. */
export function removeShop(): Promise<void>;
