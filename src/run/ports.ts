import type {AnyFault} from '../faults/contract.js';
import type {Clock} from '../system/clock.js';
import type {ProcessIdentity} from '../system/processes.js';
import type {Ambient, Driver, DriverName} from '../targets/contract.js';

/** The durable disk, as the safety code sees it: the simulation replaces it by one that loses unsynced bytes. */
export interface Disk {
  /** Appends and, when `durable`, returns only after an fsync of file and folder. */
  append(path: string, text: string, durable: boolean): Promise<void>;
  /** Creates the file with this text (durably); false when it exists already. */
  createExclusive(path: string, text: string): Promise<boolean>;
  /** Replaces the file's text at once (rename); not durable. */
  replace(path: string, text: string): Promise<void>;
  /** The text, or undefined when there is no such file. */
  read(path: string): Promise<string | undefined>;
  /** Why what lies there may be somebody else's word; undefined when it is this user's alone, or not there. */
  distrust(path: string): Promise<string | undefined>;
  list(folder: string): Promise<readonly string[]>;
  remove(path: string): Promise<void>;
  /** Durably, with all folders above it; does nothing when it is there. */
  makeFolder(path: string): Promise<void>;
}

export interface Processes {
  self(): ProcessIdentity;
  isAlive(who: ProcessIdentity): Promise<boolean>;
  /** SIGKILLs exactly this process and resolves once it is dead; does nothing when it is gone or another one. */
  killAndWait(who: ProcessIdentity, budgetMs: number): Promise<boolean>;
}

/** What the run needs from the machine. One value, passed in. */
export interface Ports {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly processes: Processes;
  readonly ambient: Ambient;
  driver(name: DriverName): Promise<Driver>;
  fault(name: string): Promise<AnyFault>;
}
