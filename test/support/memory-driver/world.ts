import type {Clock} from '../../../src/system/clock.js';
import type {Debt} from '../../../src/targets/contract.js';

/**
 * An in-memory world for the driver contract and the deterministic simulation. One world is shared by all clients
 * (`memoryDriver(world, 'runner')`, `memoryDriver(world, 'guardian')`, …): they see the same targets, marks and
 * requests to stop. It is deterministic: no timers, no randomness, time only from the given clock.
 *
 * Every request of a client (reading, marking, acting, removing a mark) passes `options.hook`, which decides its fate.
 * With the hook the simulation can make any request late, lost, lying or the last one of its client; see `Fate`.
 */
export interface MemoryWorldOptions {
  readonly clock: Clock;
  readonly endpoint?: string;
  /** Decides what becomes of a request; without it everything completes. Called in the order of the requests. */
  readonly hook?: (request: MemoryRequest) => Fate;
  /** Told once when a `crash` fate ended a client. */
  readonly onCrash?: (client: string) => void;
}

/** One request on its way to the world. */
export interface MemoryRequest {
  /** Counts the requests of all clients, from 1. */
  readonly number: number;
  /** The name given to `memoryDriver`. */
  readonly client: string;
  readonly what: 'read' | 'mark' | 'act' | 'renew' | 'unmark' | 'request-stop';
  /** The operation (`memory.pause`), for `act` and proofs. */
  readonly op?: string;
  readonly object?: string;
  /** The longest the client waits for the answer, ms; only mutations have one. */
  readonly budgetMs?: number;
}

/**
 * What becomes of a request:
 * - `complete`: it happens after `afterMs` (default at once) and the client gets its answer. Where that is later than
 *   the
 *   client's budget, the client gives up (answer `unknown`) and it still happens.
 * - `late`: the client gives up at once (answer `unknown`), and it still happens `afterMs` later, also when the client
 *   is dead by then.
 * - `lost`: it never happens; the client is answered `unknown`.
 * - `unknown`: it happens at once, but the answer is lost on its way back.
 * - `lie`: the client is told that it is done; nothing happened. A read that lies is answered as if nothing were there.
 * - `refuse`: the world answers an error and nothing happened.
 * - `crash`: the client dies here: neither this nor any later promise of this client ever settles. The request itself
 *   `happens` never, at once, or `afterMs` later.
 */
export type Fate =
  | {readonly kind: 'complete'; readonly afterMs?: number}
  | {readonly kind: 'late'; readonly afterMs: number}
  | {readonly kind: 'lost' | 'unknown' | 'lie' | 'refuse'}
  | {readonly kind: 'crash'; readonly happens: 'never' | 'now' | 'late'; readonly afterMs?: number};

/** What the client learns: the answer, that it was refused, or nothing (`lost`: it may have happened). */
export type Reply<T> = {readonly answer: T} | {readonly lost: string} | {readonly refused: string};

/** One target. All values are plain so that snapshots compare by value. */
export interface MemoryObject {
  readonly name: string;
  /** Changes on every start. */
  incarnation: number;
  running: boolean;
  /** Lost on a restart. */
  paused: boolean;
  /** CPU quota; survives a restart. */
  cpus: number;
  /** A supervisor starts it again this long after a kill; undefined: nobody does. */
  readonly restartsAfterMs?: number;
  readonly protectedBy?: string;
}

/** What the invariant of the simulation compares: targets without their incarnation. */
export type MemorySnapshot = Readonly<Record<string, {running: boolean; paused: boolean; cpus: number}>>;

export class MemoryWorld {
  readonly endpoint: string;
  readonly clock: Clock;
  readonly objects = new Map<string, MemoryObject>();
  /** Marks by object. All debts of one mark are of one run. */
  readonly marks = new Map<string, Map<string, Debt>>();
  readonly stops = new Set<string>();
  private readonly dead = new Set<string>();
  private requests = 0;

  constructor(private readonly options: MemoryWorldOptions) {
    this.endpoint = options.endpoint ?? 'memory';
    this.clock = options.clock;
  }

  add(name: string, options: {cpus?: number; restartsAfterMs?: number; protectedBy?: string} = {}): void {
    const {cpus = 1, ...rest} = options;
    this.objects.set(name, {name, incarnation: 1, running: true, paused: false, cpus, ...rest});
  }

  /** Someone else removes the target. */
  vanish(name: string): void {
    this.objects.delete(name);
  }

  /** Someone else (or an undo) starts the target anew: a pause is gone, the CPU quota stays. */
  restart(name: string): void {
    const object = this.objects.get(name);
    if (object === undefined) return;
    object.incarnation += 1;
    object.running = true;
    object.paused = false;
  }

  /** The target dies; its supervisor brings it back where it has one. */
  kill(name: string): void {
    const object = this.objects.get(name);
    if (object?.running !== true) return;
    object.running = false;
    object.paused = false;
    const died = object.incarnation;
    if (object.restartsAfterMs === undefined) return;
    this.later(object.restartsAfterMs, () => {
      if (object.incarnation === died && !object.running) this.restart(name);
    });
  }

  /** Someone else sets the CPU quota. */
  setCpus(name: string, cpus: number): void {
    const object = this.objects.get(name);
    if (object !== undefined) object.cpus = cpus;
  }

  /** Kills a client from outside (SIGKILL): what it is waiting for never comes. Requests on their way still happen. */
  kill9(client: string): void {
    this.dead.add(client);
  }

  isDead(client: string): boolean {
    return this.dead.has(client);
  }

  snapshot(): MemorySnapshot {
    return Object.fromEntries(
      [...this.objects].map(([name, {running, paused, cpus}]) => [name, {running, paused, cpus}]),
    );
  }

  /** How many requests were made so far: the simulation crashes a second run at each of them. */
  get requestCount(): number {
    return this.requests;
  }

  /** All debts in the marks, in a stable order. */
  debts(run?: string): readonly Debt[] {
    const all = [...this.marks.values()].flatMap(mark => [...mark.values()]);
    return all.filter(debt => run === undefined || debt.run === run).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Sends one request through the hook. `happen` is atomic and runs at most once; `lie` is the answer of a liar. */
  async request<T>(about: Omit<MemoryRequest, 'number'>, happen: () => T, lie: () => T): Promise<Reply<T>> {
    if (this.dead.has(about.client)) return never();
    this.requests += 1;
    const request = {...about, number: this.requests};
    const reply = await this.follow(request, happen, lie);
    return this.dead.has(about.client) ? never() : reply;
  }

  private async follow<T>(request: MemoryRequest, happen: () => T, lie: () => T): Promise<Reply<T>> {
    const fate = this.options.hook?.(request) ?? {kind: 'complete'};
    switch (fate.kind) {
      case 'complete':
        return this.complete(fate.afterMs ?? 0, request.budgetMs ?? Infinity, happen);
      case 'late':
        this.later(fate.afterMs, happen);
        return {lost: 'no answer within the budget'};
      case 'lost':
        return {lost: 'the connection broke'};
      case 'unknown':
        happen();
        return {lost: 'the connection broke before the answer came'};
      case 'lie':
        return {answer: lie()};
      case 'refuse':
        return {refused: 'the world refuses'};
      case 'crash':
        return this.crash(request.client, fate, happen);
    }
  }

  private crash(client: string, fate: Fate & {kind: 'crash'}, happen: () => unknown): Promise<never> {
    this.dead.add(client);
    if (fate.happens === 'now') happen();
    if (fate.happens === 'late') this.later(fate.afterMs ?? 0, happen);
    this.options.onCrash?.(client);
    return never();
  }

  private async complete<T>(afterMs: number, budgetMs: number, happen: () => T): Promise<Reply<T>> {
    if (afterMs > budgetMs) {
      this.later(afterMs, happen);
      await this.clock.sleep(budgetMs);
      return {lost: `no answer within ${budgetMs} ms`};
    }
    // The request is on its way whether its client lives or not.
    if (afterMs > 0) await this.clock.sleep(afterMs);
    return {answer: happen()};
  }

  private later(ms: number, happen: () => unknown): void {
    void this.clock.sleep(ms).then(happen);
  }
}

/** The promise of a process that was killed. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

export function createMemoryWorld(options: MemoryWorldOptions): MemoryWorld {
  return new MemoryWorld(options);
}
