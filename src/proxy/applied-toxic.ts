import {seededRandom} from '../system/random.js';
import type {Direction, ToxicRequest, ToxicView} from './protocol.js';
import type {BoundToxic, Stage} from './toxics/toxic.js';

/** Fractional steps of the golden ratio cover an interval evenly: of any n connections in a row about n × share are hit. */
const GOLDEN = 0.618_033_988_749_894_9;

/** A toxic in force on one proxied connection. It ends by itself when its time to live runs out. */
export class AppliedToxic {
  readonly counters = {connections: 0, bytes: 0, hits: 0};
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
    this.renew(request.ttlMs);
  }

  get direction(): Direction {
    return this.request.direction;
  }

  get seed(): number {
    return this.request.seed;
  }

  /** Whether the next connection is one of the share; the same seed gives the same answers in the same order. */
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
      counters: {...this.counters},
      exercised: this.counters[this.bound.counts],
    };
  }
}
