import type {AnyFault} from './faults/contract.js';
import type {Clock} from './system/clock.js';
import type {Disk} from './system/files.js';
import type {ProcessIdentity} from './system/processes.js';
import type {Drivers} from './targets/readers.js';

export interface Processes {
  self(): ProcessIdentity;
  isAlive(who: ProcessIdentity): Promise<boolean>;
  /** SIGKILLs exactly this process and resolves once it is dead; does nothing when it is gone or another one. */
  killAndWait(who: ProcessIdentity, budgetMs: number): Promise<boolean>;
}

/** What a plan and a run need from the machine. One value, passed in. */
export interface Ports extends Drivers {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly processes: Processes;
  fault(name: string): Promise<AnyFault>;
}
