import {Worker} from 'node:worker_threads';

/** Rings at a moment, as often as it is set. */
export interface Alarm {
  /**
   * Rings at this moment (mono µs) or as soon after as can be; a moment that was set before no longer counts, but its
   * ring may be on its way. `expected`: for when it will probably be set after that, which makes that cheaper.
   */
  set(us: number, expected?: number): void;
  /** It never rings again. */
  close(): Promise<void>;
}

/** What an alarm needs of a clock: mono µs, and a sleep that rejects when its signal aborts. */
interface Sleeper {
  mono(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** How long the thread may take to start, ms; without it timers do. */
const START_MS = 2000;

/** Words of the shared memory: how often the moment was set, and whether to end. */
const MOMENTS_SET = 0;
const ENDED = 1;
const WORDS_BYTES = 8;

/** Behind them, mono µs: the moment, the one after it, and when the thread looks for it next of its own accord. */
const MOMENT = 0;
const EXPECTED = 1;
const LOOKS = 2;
const MOMENTS = 3;
const MEMORY_BYTES = WORDS_BYTES + MOMENTS * BigInt64Array.BYTES_PER_ELEMENT;

/**
 * After a ring the thread looks for the next moment when it is expected, but not sooner than this; then after twice as
 * long and so on, µs: to be woken for it costs more than a request does.
 */
const LOOKS_AGAIN_US = 200;

/** What is expected later than this may as well not be. */
const MOST_EXPECTED_US = 1e6;

/**
 * Sleeps until the moment and says so. A thread of its own because timers of the event loop have whole milliseconds:
 * they are .7 ms late in the middle, this is .1 ms. As text, so that it is there in every bundle.
 */
const THREAD = `
const {parentPort, workerData} = require('node:worker_threads');
const words = new Int32Array(workerData, 0, ${WORDS_BYTES / 4});
const moments = new BigInt64Array(workerData, ${WORDS_BYTES}, ${MOMENTS});
let answered = 0;
let looks = 0n;
let pause = ${LOOKS_AGAIN_US}n;
parentPort.postMessage('ready');
while (Atomics.load(words, ${ENDED}) === 0) {
  const set = Atomics.load(words, ${MOMENTS_SET});
  const now = process.hrtime.bigint() / 1000n;
  const moment = Atomics.load(moments, ${MOMENT});
  if (set !== answered && moment <= now) {
    answered = set;
    pause = ${LOOKS_AGAIN_US}n;
    looks = Atomics.load(moments, ${EXPECTED});
    parentPort.postMessage('ring');
  } else {
    if (set === answered && looks < now + pause) {
      looks = now + pause;
      pause *= 2n;
    }
    const next = set === answered ? looks : moment;
    Atomics.store(moments, ${LOOKS}, next);
    Atomics.wait(words, ${MOMENTS_SET}, set, Number(next - now) / 1000);
  }
}`;

/** An alarm by the clock's own sleep: where there is no other, and in the simulation. */
class SleepAlarm implements Alarm {
  private waiting = new AbortController();

  constructor(
    private readonly clock: Sleeper,
    private readonly ring: () => void,
  ) {}

  set(us: number): void {
    this.waiting.abort();
    this.waiting = new AbortController();
    const {signal} = this.waiting;
    // Timers cut fractions off.
    const ms = Math.max(0, Math.ceil((us - this.clock.mono()) / 1000));
    this.clock.sleep(ms, signal).then(
      () => {
        if (signal.aborted) return;
        // A timer counts from when the loop looked at the clock last: it may be early by a part of a millisecond.
        if (this.clock.mono() < us) this.set(us);
        else this.ring();
      },
      () => undefined,
    );
  }

  close(): Promise<void> {
    this.waiting.abort();
    return Promise.resolve();
  }
}

/**
 * An alarm by a thread that sleeps. It does not keep the process alive. Should the thread end by itself, sleeps take
 * over.
 */
class ThreadAlarm implements Alarm {
  private readonly memory = new SharedArrayBuffer(MEMORY_BYTES);
  private readonly words = new Int32Array(this.memory, 0, WORDS_BYTES / 4);
  private readonly moments = new BigInt64Array(this.memory, WORDS_BYTES, MOMENTS);
  private readonly thread: Worker;
  private readonly instead: SleepAlarm;
  private soon: NodeJS.Immediate | undefined;
  private state: 'starting' | 'working' | 'gone' | 'closed' = 'starting';

  constructor(
    private readonly clock: Sleeper,
    private readonly ring: () => void,
  ) {
    this.instead = new SleepAlarm(clock, ring);
    // Neither loaders nor the environment of this process are any use to it.
    this.thread = new Worker(THREAD, {eval: true, execArgv: [], env: {}, workerData: this.memory});
  }

  /** Resolves once it works, or is known not to. */
  started(): Promise<void> {
    return new Promise(resolve => {
      const late = setTimeout(() => {
        this.gone();
        over();
      }, START_MS);
      const over = () => {
        clearTimeout(late);
        // Not before: it would be undone by listening to its messages.
        this.thread.unref();
        resolve();
      };
      this.thread.on('message', message => {
        if (message !== 'ready') {
          if (this.state === 'working') this.ring();
          return;
        }
        if (this.state === 'starting') this.state = 'working';
        over();
      });
      this.thread.on('error', () => {
        this.gone();
        over();
      });
      this.thread.on('exit', () => {
        this.gone();
        over();
      });
    });
  }

  set(us: number, expected = us): void {
    clearImmediate(this.soon);
    if (this.state === 'closed') return;
    if (us <= this.clock.mono()) {
      // After the answers that have come meanwhile, not before them.
      this.soon = setImmediate(this.ring);
      return;
    }
    if (this.state === 'gone') {
      this.instead.set(us);
      return;
    }
    const moment = BigInt(Math.ceil(us));
    Atomics.store(this.moments, MOMENT, moment);
    Atomics.store(this.moments, EXPECTED, BigInt(Math.ceil(Math.min(expected, us + MOST_EXPECTED_US))));
    Atomics.add(this.words, MOMENTS_SET, 1);
    if (moment < Atomics.load(this.moments, LOOKS)) Atomics.notify(this.words, MOMENTS_SET);
  }

  async close(): Promise<void> {
    this.state = 'closed';
    clearImmediate(this.soon);
    await this.instead.close();
    Atomics.store(this.words, ENDED, 1);
    Atomics.add(this.words, MOMENTS_SET, 1);
    Atomics.notify(this.words, MOMENTS_SET);
    await this.thread.terminate();
  }

  private gone(): void {
    if (this.state === 'closed' || this.state === 'gone') return;
    this.state = 'gone';
    const moment = Number(Atomics.load(this.moments, MOMENT));
    if (moment > 0) this.instead.set(moment);
  }
}

/** An alarm by a thread, exact to about .1 ms where the machine is not busy; by timers where there can be no thread. */
export async function openThreadAlarm(clock: Sleeper, ring: () => void): Promise<Alarm> {
  let alarm: ThreadAlarm;
  try {
    alarm = new ThreadAlarm(clock, ring);
  } catch {
    return new SleepAlarm(clock, ring);
  }
  await alarm.started();
  return alarm;
}

/** The best alarm that a clock has. */
export function openAlarm(
  clock: Sleeper & {readonly alarm?: (ring: () => void) => Promise<Alarm>},
  ring: () => void,
): Promise<Alarm> {
  return clock.alarm?.(ring) ?? Promise.resolve(new SleepAlarm(clock, ring));
}
