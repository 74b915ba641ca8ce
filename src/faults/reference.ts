/**
 * What docs/faults.md tells of a fault beyond its parameters. Documentation as data: pure, in no bundle, read by
 * scripts/generate.ts (which fails where it and the code disagree) and by the test that runs the examples.
 */

/**
 * How the fault works on one driver. Markdown, a sentence or two each; placeholders in capitals (`CONTAINER`, `PID`).
 */
export interface OnDriver {
  /** What is done to bring it about: the calls, rules, files, signals. */
  readonly mechanism: string;
  /**
   * The exact undo: the command lines or requests that put it back, as a person would type them; who else can end it.
   */
  readonly undo: string;
  /** What is read back on the target, and when the fault counts as exercised. */
  readonly proof: string;
  /**
   * What it takes: root on the engine's host, the Docker socket, a helper container with NET_ADMIN, kernel modules,
   * tools.
   */
  readonly privileges: string;
  /** What is refused there, with what would work instead; what it does not do; how it differs from other drivers. */
  readonly limits?: string;
}

/** For what is done from this machine, whatever the target is. */
export function everywhere(one: OnDriver): FaultReference['on'] {
  return {[EVERYWHERE]: one};
}

/** The key of what is alike on every driver whose targets the fault hits. */
export const EVERYWHERE = '*';

/** A limit of every fault in the network namespace of a container. */
export const OWN_NETWORK =
  'Refused for containers in network mode `host`, `none` or `container:…` (select the one whose network they share). Containers that share its network are hit too: each is named, with the ports it listens on, and counted as a target; where one of them is protected, the fault is refused.';

/** The fault hits this kind of target, but not by this driver. */
export interface NotOnDriver {
  /** Why, and what to use instead. */
  readonly missing: string;
}

/**
 * A complete experiment but for its frame: one entry of `faults`, written for the demo shop. A test plans and runs it
 * with short windows, and demands that the fault was confirmed and undone.
 *
 * Targets that may be named: on docker and process `gateway`, `checkout`, `inventory`, `store` (HTTP on port 8080,
 * 8081, 8082, 8083; checkout calls inventory and store by name, gateway calls checkout); on proxy and toxiproxy `to
 * inventory` and `to store` (the connections of checkout); on kubernetes `pods` (of a Deployment) and `deployment`.
 */
export interface Example {
  /** The driver's name. */
  readonly on: string;
  /** What it shows, in a few words: becomes the title of the experiment. */
  readonly title: string;
  /** YAML of one entry of `faults`, as a mapping (without the leading `-`). */
  readonly fault: string;
  /** A part that not every machine has: where it is missing, the example is planned but not run. */
  readonly needs?: 'netem';
}

export interface FaultReference {
  /** By driver: an entry for every one whose kind of target the fault hits, and for no other. */
  readonly on: Readonly<Record<string, OnDriver | NotOnDriver>>;
  /** At least one for each form of the fault. */
  readonly examples: readonly Example[];
  /** What holds on every driver and is in no parameter's description. */
  readonly notes?: readonly string[];
}
