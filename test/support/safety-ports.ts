import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Ports} from '../../src/ports.js';
import type {ProcessIdentity} from '../../src/system/processes.js';
import type {EventBody} from '../../src/record/events.js';
import {RecordWriter} from '../../src/record/writer.js';
import {RunState} from '../../src/run/safety/state.js';
import {systemClock} from '../../src/system/clock.js';
import {systemDisk} from '../../src/system/files.js';
import type {Debt} from '../../src/targets/contract.js';
import {memoryDriver} from './memory-driver/driver.js';
import {createMemoryWorld, type MemoryWorld} from './memory-driver/world.js';
import {openSecrets} from '../../src/system/secrets.js';

/** A real folder and a world in memory, shared by several processes that only differ in their identity. */
export class SafetyBench {
  readonly root = mkdtempSync(join(tmpdir(), 'firedrill-safety-'));
  readonly world: MemoryWorld;
  /** Who was killed, by start time. */
  readonly killed: string[] = [];
  /** Who cannot be killed. */
  readonly immortal = new Set<string>();
  /** Added to the clocks of all processes, ms: nobody waits for heartbeats to grow old. */
  aheadMs = 0;
  private readonly real = systemClock();

  constructor() {
    this.world = createMemoryWorld({clock: this.clock()});
  }

  /** Waits are a hundred times shorter than they say. */
  private clock() {
    const mono = () => this.real.mono() + this.aheadMs * 1000;
    return {
      mono,
      now: () => ({...this.real.now(), mono: mono()}),
      sleep: (ms: number, signal?: AbortSignal) => this.real.sleep(ms / 100, signal),
    };
  }

  identity(name: string): ProcessIdentity {
    return {pid: 1, startTicks: name, boot: this.real.now().boot};
  }

  ports(name: string): Ports {
    return {
      clock: this.clock(),
      disk: systemDisk,
      processes: {
        self: () => this.identity(name),
        isAlive: who => Promise.resolve(!this.killed.includes(who.startTicks)),
        killAndWait: who => {
          if (this.immortal.has(who.startTicks)) return Promise.resolve(false);
          this.killed.push(who.startTicks);
          return Promise.resolve(true);
        },
      },
      ambient: {environment: {}, scratch: this.root, stateDir: this.root, ...openSecrets({})},
      driver: () => Promise.resolve(memoryDriver(this.world, name)),
      fault: () => Promise.reject(new Error('faults are not needed to undo')),
    };
  }

  /** A run that a process has begun. */
  async begin(name: string, run = 'run-1'): Promise<RunState> {
    const ports = this.ports(name);
    const state = new RunState(ports, run);
    await state.create({run, folder: join(this.root, 'record'), host: 'here', createdAt: ports.clock.now()});
    await state.claim(1, 'runner');
    return state;
  }

  record(state: RunState, epoch = 1): RecordWriter {
    return new RecordWriter({
      disk: systemDisk,
      clock: this.clock(),
      folder: undefined,
      ledger: state.ledger,
      by: 'runner',
      epoch,
      firstSeq: 0,
      redact: text => text,
    });
  }

  /** Freezes the object `a` under a recorded and marked debt, as a run does it. */
  async freeze(state: RunState, lease: {readonly ms: number} = {ms: 60_000}): Promise<Debt> {
    const ports = this.ports('runner');
    this.world.add('a');
    const driver = memoryDriver(this.world, 'runner');
    const reader = await driver.reader({}, ports.ambient);
    const [candidate] = await reader.resolve({}, new AbortController().signal);
    const change = await reader.drafts.lifecycle!.pause(candidate!.ref);
    if (!('op' in change.undo)) throw new Error('a pause can be undone');
    const now = ports.clock.now();
    const hardStop = {
      ...now,
      mono: now.mono + lease.ms * 1000,
      wall: new Date(Date.parse(now.wall) + lease.ms).toISOString(),
    };
    const debt: Debt = {
      id: `${state.run}/freeze/0`,
      run: state.run,
      occurrence: 'freeze',
      epoch: 1,
      driver: `memory@${driver.version}`,
      address: {},
      undo: change.undo,
      lease: {ms: lease.ms, hardStop},
    };
    const owed: EventBody = {type: 'debts.owed', occurrence: 'freeze', debts: [debt]};
    await this.record(state).durable(owed);
    const actuator = await driver.actuator({}, {run: state.run, epoch: 1, live: () => true}, ports.ambient);
    await actuator.mark([debt], 1_000);
    await actuator.apply([change.flip], 1_000);
    return debt;
  }

  dispose(): void {
    rmSync(this.root, {recursive: true, force: true});
  }
}
