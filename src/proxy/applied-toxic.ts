import {seededRandom, type Random} from '../quantities/random.js';
import type {Direction, HttpCounters, ToxicRequest, ToxicView} from './protocol.js';
import type {BoundToxic, Stage} from './toxics/toxic.js';

/** Fractional steps of the golden ratio cover an interval evenly: of any n draws in a row about n × share are hit. */
const GOLDEN = 0.618_033_988_749_894_9;

/** A toxic in force on one proxied connection. It ends by itself when its time to live runs out. */
export class AppliedToxic {
  readonly counters = {connections: 0, bytes: 0, hits: 0};
  /** Only counted by toxics that work on requests. */
  readonly http: {-readonly [K in keyof HttpCounters]: HttpCounters[K]} = {
    requests: 0,
    matched: 0,
    tls: 0,
    http2: 0,
    other: 0,
  };
  /** One stream for all requests, in the order in which they come. */
  readonly random: Random;
  readonly #start: number;
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;
  #expiresAt = 0;

  constructor(
    readonly id: string,
    readonly request: ToxicRequest,
    readonly bound: BoundToxic,
    private readonly expired: () => void,
  ) {
    this.#start = seededRandom(request.seed)();
    this.random = seededRandom(request.seed + 1);
    this.renew(request.ttlMs);
  }

  get direction(): Direction {
    return this.request.direction;
  }

  get seed(): number {
    return this.request.seed;
  }

  /** Whether the next connection is to meet it. One that works on requests meets them all, and draws there. */
  drawConnection(): boolean {
    return this.bound.http !== undefined || this.draw();
  }

  /** Whether the next one is of the share; the same seed gives the same answers in the same order. */
  draw(): boolean {
    const point = (this.#start + this.#drawn * GOLDEN) % 1;
    this.#drawn += 1;
    return point < this.request.share;
  }

  renew(ttlMs: number): void {
    clearTimeout(this.#timer);
    this.#expiresAt = performance.now() + ttlMs;
    this.#timer = setTimeout(this.expired, ttlMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** The same stage, with its bytes counted. */
  count(stage: Stage): Stage {
    const {counters} = this;
    return {
      get full() {
        return stage.full;
      },
      write: chunk => {
        counters.bytes += chunk.length;
        stage.write(chunk);
      },
      end: () => stage.end(),
      abandon: () => stage.abandon?.(),
      release: () => stage.release(),
      ...(stage.drain === undefined ? {} : {drain: done => stage.drain?.(done)}),
      discard: () => stage.discard(),
    };
  }

  view(): ToxicView {
    const {type, attributes, direction, share, seed, writer} = this.request;
    return {
      id: this.id,
      type,
      attributes,
      direction,
      share,
      seed,
      run: writer?.run ?? null,
      leftMs: Math.max(0, Math.round(this.#expiresAt - performance.now())),
      counters: {...this.counters, ...(this.bound.http === undefined ? {} : this.http)},
      exercised: this.counters[this.bound.counts],
    };
  }
}
