/** Who has TCP connections with a target. */
export interface Peer {
  /** A container or a process by its name, `the host`, or an address. */
  readonly name: string;
  readonly kind: 'container' | 'process' | 'host' | 'address';
  /** `to`: the target connects to it, so it may depend on it; `from`: it connects to the target. */
  readonly way: 'to' | 'from';
  /** The port that is connected to. */
  readonly port: number;
  readonly connections: number;
}

/** One that does the same as the target, or the target itself. */
export interface Instance {
  readonly name: string;
  /** It runs, is not paused, and no health check says that it is not well. */
  readonly serving: boolean;
}

/** What is around one target. */
export interface Surrounding {
  readonly object: string;
  readonly name: string;
  readonly peers: readonly Peer[];
  /** Why its connections are not known, or not all of them. */
  readonly why?: string;
  /** Itself and all that do the same, as far as the platform tells; absent where it does not. */
  readonly instances?: readonly Instance[];
}

/** Something that befell a target or a neighbour of it. */
export interface Mishap {
  /** UTC, ISO 8601, by the clock of this machine. */
  readonly at: string;
  readonly object: string;
  readonly name: string;
  readonly what: 'ended' | 'out-of-memory' | 'unhealthy';
  /** For `ended`. */
  readonly exitCode?: number;
}

/** One look around the targets of an endpoint. */
export interface Surroundings {
  /** When it was, by the clock of the endpoint; the next look is given it. */
  readonly asOf: string;
  readonly targets: readonly Surrounding[];
  /** Since the look before; empty at the first one. */
  readonly mishaps: readonly Mishap[];
}

/** So many targets are looked around, so many peers are told of each, and so many mishaps of all. */
export const MOST_SURROUNDINGS = {targets: 12, peers: 40, mishaps: 50} as const;
