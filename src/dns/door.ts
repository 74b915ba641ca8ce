import type {NameServer} from './resolver.js';
import type {Treatments} from './treatment.js';

/** What comes in for one name server over one transport. */
export interface Door {
  readonly port: number;
  /** Questions that are waiting for an answer, ours or that of the name server. */
  readonly underWay: number;
  /** What waits for its wrong answer gets the true one. */
  release(): void;
  close(): Promise<void>;
}

/**
 * Where a door stands: packets that were meant for `server` come to a free port of the loopback address of its family.
 */
export interface DoorPlace {
  readonly server: NameServer;
  readonly treatments: Treatments;
}

export function loopback({family}: NameServer): string {
  return family === 6 ? '::1' : '127.0.0.1';
}
