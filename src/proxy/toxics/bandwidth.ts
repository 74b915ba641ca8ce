import * as z from 'zod';
import {ChunkQueue} from './chunk-queue.js';
import type {Stage, StageContext, ToxicKind} from './toxic.js';

interface BandwidthAttributes {
  readonly bytesPerSecond: number;
}

/** Bytes leave in slices of this many ms. */
const SLICE_MS = 10;
/** A timer that comes late is made up for, but for no more than this. */
const CATCH_UP_MS = 250;

/** A token bucket. An idle connection saves up no more than one slice, so that a first burst is limited too. */
class BandwidthStage implements Stage {
  readonly #held = new ChunkQueue<{chunk: Buffer}>();
  readonly #slice: number;
  readonly #burst: number;
  readonly #room: number;
  #offset = 0;
  #tokens = 0;
  #refilled: number;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly rate: number,
    private readonly context: StageContext,
  ) {
    this.#slice = Math.max(1, (rate * SLICE_MS) / 1000);
    this.#burst = Math.max(1, (rate * CATCH_UP_MS) / 1000);
    this.#room = Math.max(65_536, rate / 10);
    this.#refilled = context.now();
  }

  get full(): boolean {
    return this.#held.cost >= Math.min(this.#room, this.context.budget());
  }

  write(chunk: Buffer): void {
    if (this.#held.first === undefined) {
      this.#refill();
      this.#tokens = Math.min(this.#tokens, this.#slice);
    }
    this.#held.push({chunk});
    this.#arm();
  }

  end(): void {
    this.#ended = true;
    if (this.#held.first === undefined) this.#finish();
  }

  release(): void {
    while (this.#held.first !== undefined) this.#emitFirst(Infinity);
    this.#finish();
    this.discard();
  }

  discard(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held.clear();
    this.#offset = 0;
    this.#ended = false;
  }

  #refill(): void {
    const now = this.context.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#refilled) * this.rate) / 1000);
    this.#refilled = now;
  }

  #arm(): void {
    const first = this.#held.first;
    if (this.#timer !== undefined || first === undefined) return;
    const wanted = Math.min(this.#slice, first.chunk.length - this.#offset);
    const wait = ((wanted - this.#tokens) * 1000) / this.rate;
    this.#timer = setTimeout(() => this.#onTimer(), Math.max(1, Math.ceil(wait)));
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.#refill();
    while (this.#held.first !== undefined && this.#tokens >= 1)
      this.#tokens -= this.#emitFirst(Math.floor(this.#tokens));
    if (this.#held.first === undefined) this.#finish();
    else this.#arm();
  }

  /** Emits at most `limit` bytes of the first chunk and answers how many. */
  #emitFirst(limit: number): number {
    const first = this.#held.first;
    if (first === undefined) return 0;
    const from = this.#offset;
    const to = Math.min(first.chunk.length, from + limit);
    if (to === first.chunk.length) {
      this.#held.shift();
      this.#offset = 0;
    } else {
      this.#offset = to;
    }
    this.context.emit(first.chunk.subarray(from, to));
    return to - from;
  }

  #finish(): void {
    if (!this.#ended) return;
    this.#ended = false;
    this.context.emitEnd();
  }
}

export const bandwidth: ToxicKind<BandwidthAttributes> = {
  type: 'bandwidth',
  counts: 'bytes',
  attributes: () => z.strictObject({bytesPerSecond: z.number().min(1).max(1e12)}),
  stage: (attributes, context) => new BandwidthStage(attributes.bytesPerSecond, context),
};
