import * as z from 'zod';
import {ChunkQueue} from './chunk-queue.js';
import type {Stage, StageContext, ToxicKind} from './toxic.js';

interface SlicerAttributes {
  readonly averageBytes: number;
  readonly variationBytes: number;
  /** Between two slices. */
  readonly delayMs: number;
}

/** Slices that are held back, at most; more is left with the sender. */
const ROOM = 64 * 1024;

/**
 * Cuts what passes into small writes, as many small packets would come. Without a delay they follow each other at once.
 */
class SlicerStage implements Stage {
  readonly #held = new ChunkQueue<{chunk: Buffer}>();
  #due = 0;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly attributes: SlicerAttributes,
    private readonly context: StageContext,
  ) {}

  get full(): boolean {
    return this.#held.cost >= Math.min(ROOM, this.context.budget());
  }

  write(chunk: Buffer): void {
    for (let from = 0; from < chunk.length;) {
      const to = Math.min(chunk.length, from + this.#size());
      this.#held.push({chunk: chunk.subarray(from, to)});
      from = to;
    }
    this.#due = Math.max(this.#due, this.context.now());
    this.#pass();
  }

  end(): void {
    this.#ended = true;
    this.#pass();
  }

  release(): void {
    this.#flush(Infinity);
    this.discard();
  }

  discard(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held.clear();
    this.#ended = false;
  }

  #size(): number {
    const {averageBytes, variationBytes} = this.attributes;
    return Math.max(1, Math.round(averageBytes + variationBytes * (2 * this.context.random() - 1)));
  }

  /** Hands on what is due, and comes back for the rest. */
  #pass(): void {
    if (this.#timer !== undefined) return;
    this.#flush(this.context.now());
    if (this.#held.first === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#pass();
      },
      Math.max(1, Math.ceil(this.#due - this.context.now())),
    );
  }

  #flush(until: number): void {
    for (let first = this.#held.first; first !== undefined && this.#due <= until; first = this.#held.first) {
      this.#held.shift();
      this.#due += this.attributes.delayMs;
      this.context.emit(first.chunk);
    }
    if (this.#held.first !== undefined || !this.#ended) return;
    this.#ended = false;
    this.context.emitEnd();
  }
}

export const slicer: ToxicKind<SlicerAttributes> = {
  type: 'slicer',
  counts: 'bytes',
  attributes: () =>
    z
      .strictObject({
        averageBytes: z.int().min(1).max(1_048_576),
        variationBytes: z.int().min(0).max(1_048_576),
        delayMs: z.number().min(0).max(60_000),
      })
      .refine(a => a.variationBytes < a.averageBytes, {
        path: ['variationBytes'],
        message: 'expected less than averageBytes',
      }),
  stage: (attributes, context) => new SlicerStage(attributes, context),
};
