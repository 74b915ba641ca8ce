import {join} from 'node:path';
import type {Instant} from '../../quantities/instant.js';
import type {Event} from '../record/events.js';
import {parseEvents} from '../record/reader.js';
import type {Ports} from '../ports.js';
import type {ProcessIdentity} from '../../system/processes.js';

/** Who a run is, for processes that only find its folder in the user's state directory. */
export interface RunIdentity {
  readonly run: string;
  /** The run folder with the record; it may have been deleted since. */
  readonly folder: string;
  readonly host: string;
  readonly createdAt: Instant;
}

/** The writer of a run: the highest epoch that anyone has claimed. */
export interface Owner {
  readonly epoch: number;
  readonly by: Event['by'];
  readonly process: ProcessIdentity;
}

/** A heartbeat older than this is not fresh: the owner is gone, stopped or hangs. */
export const FRESH_MS = 6000;

/**
 * A run's folder in the user's state directory: identity, epochs, heartbeat, ledger, stop request. It exists as long as the run
 * lives or owes something, and is all that `recover` needs on this machine.
 */
export class RunState {
  readonly folder: string;
  readonly ledger: string;

  constructor(
    private readonly ports: Ports,
    readonly run: string,
  ) {
    this.folder = join(ports.ambient.stateDir, 'runs', run);
    this.ledger = join(this.folder, 'ledger.ndjson');
  }

  async create(identity: RunIdentity): Promise<void> {
    await this.ports.disk.makeFolder(this.folder);
    await this.ports.disk.createExclusive(join(this.folder, 'run.json'), JSON.stringify(identity));
  }

  async identity(): Promise<RunIdentity | undefined> {
    return this.readJson<RunIdentity>('run.json');
  }

  /** Becomes the writer under this epoch; false when someone else already has. */
  async claim(epoch: number, by: Event['by']): Promise<boolean> {
    const owner: Owner = {epoch, by, process: this.ports.processes.self()};
    const won = await this.ports.disk.createExclusive(join(this.folder, `epoch-${epoch}`), JSON.stringify(owner));
    if (won) await this.beat();
    return won;
  }

  /** Everyone who ever was the writer, the present one last. */
  async owners(): Promise<readonly Owner[]> {
    const names = (await this.ports.disk.list(this.folder)).filter(name => /^epoch-\d+$/.test(name));
    const owners = await Promise.all(names.map(name => this.readJson<Owner>(name)));
    return owners.filter(owner => owner !== undefined).sort((a, b) => a.epoch - b.epoch);
  }

  async owner(): Promise<Owner | undefined> {
    return (await this.owners()).at(-1);
  }

  async beat(): Promise<void> {
    await this.ports.disk.replace(join(this.folder, 'heartbeat'), JSON.stringify(this.ports.clock.now()));
  }

  /** Whether the owner gave a sign of life within FRESH_MS and its process exists. */
  async isLive(): Promise<boolean> {
    const [owner, beat] = await Promise.all([this.owner(), this.readJson<Instant>('heartbeat')]);
    if (owner === undefined || beat === undefined) return false;
    const now = this.ports.clock.now();
    if (beat.boot !== now.boot || now.mono - beat.mono > FRESH_MS * 1000) return false;
    return this.ports.processes.isAlive(owner.process);
  }

  /** The durable events of the run, in order. */
  async events(): Promise<readonly Event[]> {
    return parseEvents((await this.ports.disk.read(this.ledger)) ?? '').events;
  }

  async requestStop(): Promise<void> {
    await this.ports.disk.replace(join(this.folder, 'stop'), JSON.stringify(this.ports.clock.now()));
  }

  async stopRequested(): Promise<boolean> {
    return (await this.ports.disk.read(join(this.folder, 'stop'))) !== undefined;
  }

  async remove(): Promise<void> {
    await this.ports.disk.remove(this.folder);
  }

  private async readJson<T>(name: string): Promise<T | undefined> {
    const text = await this.ports.disk.read(join(this.folder, name));
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as T;
    } catch {
      // A torn file says nothing.
      return undefined;
    }
  }
}

/** Every run that lives or owes something, by the state directory of this user. */
export async function knownRuns(ports: Ports): Promise<readonly RunState[]> {
  const names = await ports.disk.list(join(ports.ambient.stateDir, 'runs'));
  return names.map(name => new RunState(ports, name));
}
