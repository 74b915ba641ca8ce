import type {AnyFault} from '../../src/faults/contract.js';
import {fault as cpuThrottle} from '../../src/faults/cpu-throttle/index.js';
import {fault as deletePod} from '../../src/faults/delete/index.js';
import {fault as kill} from '../../src/faults/kill/index.js';
import {fault as pause} from '../../src/faults/pause/index.js';
import {fault as scale} from '../../src/faults/scale/index.js';
import type {Instant} from '../../src/quantities/instant.js';
import type {Ports} from '../../src/ports.js';
import type {Disk} from '../../src/system/files.js';
import type {ProcessIdentity} from '../../src/system/processes.js';
import {memoryDriver} from '../support/memory-driver/driver.js';
import {createMemoryWorld, type Fate, type MemoryRequest, type MemoryWorld} from '../support/memory-driver/world.js';
import type {Driver} from '../../src/targets/contract.js';
import {gaugeDriver, type Figures} from './gauge.js';
import {simKubernetesDriver, type KeptByServer} from './sim-cluster.js';
import {simDockerDriver, type Volumes} from './sim-engine.js';
import {openSecrets} from '../../src/system/secrets.js';

const FAULTS: Readonly<Record<string, AnyFault>> = {
  pause,
  kill,
  'cpu-throttle': cpuThrottle,
  scale,
  delete: deletePod,
};

interface Timer {
  readonly at: number;
  readonly order: number;
  fire(): void;
}

/** Virtual time: nothing moves but by `run`, which fires the earliest timer once nobody has anything else to do. */
export class VirtualTime {
  nowUs = 1_000_000;
  boot = 'boot-1';
  private timers: Timer[] = [];
  private order = 0;

  now(): Instant {
    return {mono: this.nowUs, wall: new Date(Date.UTC(2026, 0, 1) + this.nowUs / 1000).toISOString(), boot: this.boot};
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.timers = this.timers.filter(other => other !== timer);
        reject(signal?.reason as Error);
      };
      const fire = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const timer: Timer = {at: this.nowUs + Math.max(0, ms) * 1000, order: this.order++, fire};
      if (signal?.aborted === true) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort, {once: true});
      this.timers.push(timer);
    });
  }

  /** Fires timers in order until `done` or until nothing is left to fire or the time is up. */
  async run(done: () => boolean, untilMs: number): Promise<void> {
    for (;;) {
      // Every promise that can go on has gone on after a turn of the event loop: nothing here waits for real I/O.
      await new Promise(resolve => setImmediate(resolve));
      if (done()) return;
      this.timers.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.timers[0];
      if (next === undefined || next.at > untilMs * 1000) {
        this.nowUs = Math.max(this.nowUs, untilMs * 1000);
        return;
      }
      this.timers.shift();
      this.nowUs = Math.max(this.nowUs, next.at);
      next.fire();
    }
  }
}

/** Files with what is synced apart from what is only written: a power cut loses the latter. */
class SimFiles {
  readonly written = new Map<string, string>();
  readonly synced = new Map<string, string>();

  set(path: string, text: string, durable: boolean): void {
    this.written.set(path, text);
    if (durable) this.synced.set(path, text);
  }

  powerCut(): void {
    this.written.clear();
    for (const [path, text] of this.synced) this.written.set(path, text);
  }
}

/** What happens at a client's write to the disk; `torn` and `die-torn` leave half of what was to be appended. */
export type DiskFate = 'works' | 'full' | 'torn' | 'die-before' | 'die-torn' | 'die-after';

type Write = (work: () => void, tear?: () => void) => Promise<void>;

export interface SimOptions {
  readonly request?: (request: MemoryRequest) => Fate;
  readonly disk?: (client: string, write: number) => DiskFate;
  /**
   * Whose code drives the world: the driver in memory, or one of those that run in production, over an API in memory.
   */
  readonly driver?: 'memory' | 'docker' | 'kubernetes';
  /** What the gauge shows; see gauge.ts. */
  readonly figures?: Figures;
}

/** One simulated machine with its world: every client (runner, guardian, recover) gets ports of its own. */
export class SimMachine {
  readonly time = new VirtualTime();
  readonly files = new SimFiles();
  readonly world: MemoryWorld;
  private readonly volumes: Volumes = new Map();
  private readonly kept: KeptByServer = new Map();
  private readonly dead = new Set<string>();
  private readonly frozen = new Map<string, (() => void)[]>();
  private readonly onDeath = new Map<string, (() => void)[]>();
  private writes = 0;
  private shown = 0;

  constructor(private readonly options: SimOptions = {}) {
    this.world = createMemoryWorld({
      clock: {
        now: () => this.time.now(),
        mono: () => this.time.nowUs,
        sleep: (ms, signal) => this.time.sleep(ms, signal),
      },
      ...(options.request === undefined ? {} : {hook: options.request}),
      onCrash: client => this.kill(client),
    });
  }

  /** SIGKILL: whatever the client waits for never comes. */
  kill(client: string): void {
    if (this.dead.has(client)) return;
    this.dead.add(client);
    this.world.kill9(client);
    for (const tell of this.onDeath.get(client) ?? []) tell();
  }

  isDead(client: string): boolean {
    return this.dead.has(client);
  }

  whenDead(client: string, tell: () => void): void {
    if (this.dead.has(client)) tell();
    else this.onDeath.set(client, [...(this.onDeath.get(client) ?? []), tell]);
  }

  /** SIGSTOP: the client does not go on after its next wait until `thaw`. */
  freeze(client: string): void {
    if (!this.frozen.has(client)) this.frozen.set(client, []);
  }

  thaw(client: string): void {
    const waiting = this.frozen.get(client) ?? [];
    this.frozen.delete(client);
    for (const go of waiting) go();
  }

  /** The machine loses power: every client dies, unsynced bytes are lost, a new boot begins. */
  powerCut(clients: readonly string[]): void {
    for (const client of clients) this.kill(client);
    this.files.powerCut();
    this.time.boot = 'boot-2';
  }

  private show(): number {
    const paused = Object.values(this.world.snapshot()).some(object => object.paused);
    return this.options.figures?.(this.shown++, paused) ?? 100;
  }

  get writeCount(): number {
    return this.writes;
  }

  ports(client: string): Ports {
    const gate = <T>(value: T) => this.gate(client, value);
    const guarded = <T>(work: () => T): Promise<T> =>
      this.dead.has(client) ? never() : Promise.resolve(work()).then(gate);
    const write = (work: () => void, tear?: () => void) => this.write(client, work, tear);
    const identity: ProcessIdentity = {pid: pidOf(client), startTicks: client, boot: this.time.boot};
    return {
      clock: {
        now: () => this.time.now(),
        mono: () => this.time.nowUs,
        sleep: (ms, signal) => (this.dead.has(client) ? never() : this.time.sleep(ms, signal).then(gate)),
      },
      disk: this.disk(guarded, write),
      processes: {
        self: () => identity,
        isAlive: who => guarded(() => who.boot === this.time.boot && !this.dead.has(who.startTicks)),
        killAndWait: who => guarded(() => (this.kill(who.startTicks), true)),
      },
      ambient: {environment: {}, scratch: '/scratch', stateDir: '/state', ...openSecrets({})},
      driver: name => Promise.resolve(this.driver(name, client)),
      fault: name => Promise.resolve(FAULTS[name]!),
    };
  }

  private driver(name: string, client: string): Driver {
    if (name === 'kubernetes') return simKubernetesDriver(this.world, this.kept, client);
    if (name !== 'docker') return memoryDriver(this.world, client);
    if (this.options.driver === 'docker') return simDockerDriver(this.world, this.volumes, client);
    return gaugeDriver(this.time, () => this.show());
  }

  /** What is still marked, in whichever way. */
  marked(): readonly string[] {
    const annotated = [...this.kept].filter(([, {annotations}]) => Object.keys(annotations).length > 0);
    return [...this.world.debts().map(({id}) => id), ...this.volumes.keys(), ...annotated.map(([name]) => name)];
  }

  private disk(guarded: <T>(work: () => T) => Promise<T>, write: Write): Disk {
    const {files} = this;
    return {
      append: (path, text, durable) => {
        const add = (part: string) => () => files.set(path, (files.written.get(path) ?? '') + part, durable);
        return write(add(text), add(text.slice(0, text.length / 2)));
      },
      createExclusive: async (path, text) => {
        let won = false;
        await write(() => {
          won = !files.written.has(path);
          if (won) files.set(path, text, true);
        });
        return won;
      },
      replace: (path, text) => guarded(() => files.set(path, text, false)),
      read: path => guarded(() => files.written.get(path)),
      distrust: () => Promise.resolve(undefined),
      list: folder =>
        guarded(() =>
          [
            ...new Set(
              [...files.written.keys()]
                .filter(path => path.startsWith(`${folder}/`))
                .map(path => path.slice(folder.length + 1).split('/')[0] ?? ''),
            ),
          ].sort(),
        ),
      remove: path =>
        write(() => {
          for (const map of [files.written, files.synced])
            for (const key of [...map.keys()]) if (key === path || key.startsWith(`${path}/`)) map.delete(key);
        }),
      makeFolder: () => guarded(() => undefined),
    };
  }

  private async write(client: string, work: () => void, tear?: () => void): Promise<void> {
    if (this.dead.has(client)) return never();
    this.writes++;
    const fate = this.options.disk?.(client, this.writes) ?? 'works';
    if (fate === 'torn' || fate === 'die-torn') tear?.();
    else if (fate !== 'full' && fate !== 'die-before') work();
    if (fate === 'full' || fate === 'torn') throw new Error('ENOSPC: no space left on device');
    if (fate !== 'works') {
      this.kill(client);
      return never();
    }
    await this.gate(client, undefined);
  }

  /** What a client does after a wait: nothing when it is dead, later when it is frozen. */
  private gate<T>(client: string, value: T): T | Promise<T> {
    if (this.dead.has(client)) return never();
    const waiting = this.frozen.get(client);
    if (waiting === undefined) return value;
    return new Promise(resolve => waiting.push(() => resolve(this.gate(client, value))));
  }
}

function pidOf(client: string): number {
  return Array.from(client).reduce((sum, character) => sum * 31 + character.charCodeAt(0), 7) % 65_536;
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
