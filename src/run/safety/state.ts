import {join} from 'node:path';
import * as z from 'zod';
import type {Instant} from '../../quantities/instant.js';
import type {JsonObject} from '../../quantities/json.js';
import {FiredrillError} from '../../system/error.js';
import type {ProcessIdentity} from '../../system/processes.js';
import type {TargetRef, UnreadableMark} from '../../targets/contract.js';
import {isRunId} from '../../targets/debt.js';
import type {Ports} from '../../ports.js';
import type {Event} from '../../record/events.js';
import {parseLedger, type Ledger} from '../../record/ledger.js';

/** Who a run is, for processes that only find its folder in the user's state directory. */
export interface RunIdentity {
  readonly run: string;
  /** The run folder with the record; it may have been deleted since. */
  readonly folder: string;
  readonly host: string;
  readonly createdAt: Instant;
  /** Where it makes its changes, and so where its marks are; left out by earlier versions. */
  readonly worlds?: readonly World[] | undefined;
  /** What it means to hit, until its end; left out by earlier versions. */
  readonly targets?: readonly Reserved[] | undefined;
}

/** A target of a run, for other runs. */
export type Reserved = Pick<TargetRef, 'driver' | 'endpoint' | 'object' | 'name'>;

/** A world that may hold marks: a Docker engine, a cluster's namespace, a proxy, this machine. */
export interface World {
  readonly driver: string;
  readonly address: JsonObject;
}

/** The writer of a run: the highest epoch that anyone has claimed. */
export interface Owner {
  readonly epoch: number;
  /** Undefined, with the process, where its file cannot be read. */
  readonly by?: Event['by'] | undefined;
  readonly process?: ProcessIdentity | undefined;
}

const instantFile = z.object({mono: z.number(), wall: z.string(), boot: z.string()});
const identityFile = z.object({
  run: z.string(),
  folder: z.string(),
  host: z.string(),
  createdAt: instantFile,
  worlds: z.array(z.object({driver: z.string(), address: z.record(z.string(), z.unknown())})).optional(),
  targets: z
    .array(z.object({driver: z.string(), endpoint: z.string(), object: z.string(), name: z.string()}))
    .optional(),
});
const ownerFile = z.object({
  by: z.enum(['runner', 'guardian', 'recover']),
  process: z.object({pid: z.int().min(1), startTicks: z.string(), boot: z.string()}),
});

/** A heartbeat older than this is not fresh: the owner is gone, stopped or hangs. */
export const FRESH_MS = 6000;

/**
 * A run's folder in the user's state directory: identity, epochs, heartbeat, ledger, stop request. It exists as long as
 * the run lives or owes something, and is all that `recover` needs on this machine.
 */
export class RunState {
  readonly folder: string;
  readonly ledger: string;

  constructor(
    private readonly ports: Ports,
    readonly run: string,
  ) {
    // The one place where the name of a run becomes a path.
    if (!isRunId(run))
      throw new FiredrillError(
        'RUN_UNKNOWN',
        `Expected the name of a run (letters, digits, \`.\`, \`_\`, \`-\`); got \`${run}\`.`,
      );
    this.folder = join(runsIn(ports), run);
    this.ledger = join(this.folder, 'ledger.ndjson');
  }

  /** False when there is a run of that name. */
  async create(identity: RunIdentity): Promise<boolean> {
    await this.ports.disk.makeFolder(this.folder);
    return this.ports.disk.createExclusive(join(this.folder, 'run.json'), JSON.stringify(identity));
  }

  async identity(): Promise<RunIdentity | undefined> {
    return (await this.readJson('run.json', identityFile)) as RunIdentity | undefined;
  }

  /** Becomes the writer under this epoch; false when someone else already has. */
  async claim(epoch: number, by: Event['by']): Promise<boolean> {
    const owner = {epoch, by, process: this.ports.processes.self()};
    const won = await this.ports.disk.createExclusive(join(this.folder, `epoch-${epoch}`), JSON.stringify(owner));
    if (won) await this.beat();
    return won;
  }

  /** Everyone who ever was the writer, the present one last. */
  async owners(): Promise<readonly Owner[]> {
    const names = (await this.ports.disk.list(this.folder)).filter(name => /^epoch-\d+$/.test(name));
    const owners = await Promise.all(
      names.map(async (name): Promise<Owner> => {
        // The name alone makes the claim: a file that was damaged since does not give it back.
        const epoch = Number(name.slice('epoch-'.length));
        return {...(await this.readJson(name, ownerFile)), epoch};
      }),
    );
    return owners.sort((a, b) => a.epoch - b.epoch);
  }

  async owner(): Promise<Owner | undefined> {
    return (await this.owners()).at(-1);
  }

  async beat(): Promise<void> {
    await this.ports.disk.replace(join(this.folder, 'heartbeat'), JSON.stringify(this.ports.clock.now()));
  }

  /** Whether the owner gave a sign of life within FRESH_MS and its process exists. */
  async isLive(): Promise<boolean> {
    const [owner, beat] = await Promise.all([this.owner(), this.readJson('heartbeat', instantFile)]);
    if (owner === undefined || beat === undefined) return false;
    const now = this.ports.clock.now();
    if (beat.boot !== now.boot || now.mono - beat.mono > FRESH_MS * 1000) return false;
    return owner.process === undefined || this.ports.processes.isAlive(owner.process);
  }

  /**
   * The durable events of the run, and what is not understood of them. An author's commands are run on its word: it
   * must be ours.
   */
  async readLedger(): Promise<Ledger> {
    const {disk} = this.ports;
    const foreign = (await disk.distrust(this.folder)) ?? (await disk.distrust(this.ledger));
    if (foreign !== undefined) return {events: [], unreadable: [`not read: ${foreign}`]};
    const text = await disk.read(this.ledger);
    // It is made with its first line: without one, its lines are lost.
    return text?.trim() === '' ? {events: [], unreadable: ['it is empty']} : parseLedger(text ?? '');
  }

  /** The durable events of the run that can be read, in order. */
  async events(): Promise<readonly Event[]> {
    return (await this.readLedger()).events;
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

  /** A file that is torn, or holds something else, says nothing. */
  private async readJson<T>(name: string, shape: z.ZodType<T>): Promise<T | undefined> {
    const text = await this.ports.disk.read(join(this.folder, name));
    if (text === undefined) return undefined;
    try {
      return shape.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined;
    }
  }
}

function runsIn(ports: Ports): string {
  return join(ports.ambient.stateDir, 'runs');
}

/** Every run that lives or owes something, by the state directory of this user. */
export async function knownRuns(ports: Ports): Promise<readonly RunState[]> {
  return (await ports.disk.list(runsIn(ports))).filter(isRunId).map(run => new RunState(ports, run));
}

/** What lies among the runs of the state directory and is none: somebody's backup, or a name that was damaged. */
export async function strangeRuns(ports: Ports): Promise<readonly UnreadableMark[]> {
  const folder = runsIn(ports);
  const strange = (await ports.disk.list(folder)).filter(name => !isRunId(name));
  return strange.map(name => ({
    where: join(folder, name),
    why: 'its name is none of a run: look at it, then move it away',
  }));
}
