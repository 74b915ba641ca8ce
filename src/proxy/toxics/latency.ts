import * as z from 'zod';
import {ChunkQueue} from './chunk-queue.js';
import type {Stage, StageContext, ToxicKind} from './toxic.js';

interface LatencyAttributes {
  readonly delayMs: number;
  readonly jitterMs: number;
}

/**
 * Each chunk is due `delay` after it came, whatever waits before it: delays of chunks do not add up, and order is kept.
 */
class LatencyStage implements Stage {
  readonly #held = new ChunkQueue<{chunk: Buffer; due: number}>();
  #lastDue = 0;
  #endDue: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly attributes: LatencyAttributes,
    private readonly context: StageContext,
  ) {}

  get full(): boolean {
    return this.#held.cost >= this.context.budget();
  }

  write(chunk: Buffer): void {
    this.#held.push({chunk, due: this.#nextDue()});
    this.#arm();
  }

  end(): void {
    this.#endDue = this.#nextDue();
    this.#arm();
  }

  release(): void {
    this.#flush(Infinity);
    this.discard();
  }

  discard(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held.clear();
    this.#endDue = undefined;
  }

  #nextDue(): number {
    const {delayMs, jitterMs} = this.attributes;
    const jitter = jitterMs === 0 ? 0 : jitterMs * (2 * this.context.random() - 1);
    this.#lastDue = Math.max(this.#lastDue, this.context.now() + delayMs + jitter);
    return this.#lastDue;
  }

  #arm(): void {
    const due = this.#held.first?.due ?? this.#endDue;
    if (this.#timer !== undefined || due === undefined) return;
    this.#timer = setTimeout(() => this.#onTimer(), Math.max(1, Math.ceil(due - this.context.now())));
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.#flush(this.context.now());
    this.#arm();
  }

  #flush(until: number): void {
    for (let first = this.#held.first; first !== undefined && first.due <= until; first = this.#held.first) {
      this.#held.shift();
      this.context.emit(first.chunk);
    }
    if (this.#held.first === undefined && this.#endDue !== undefined && this.#endDue <= until) {
      this.#endDue = undefined;
      this.context.emitEnd();
    }
  }
}

export const latency: ToxicKind<LatencyAttributes> = {
  type: 'latency',
  counts: 'bytes',
  attributes: () =>
    z
      .strictObject({delayMs: z.number().min(0).max(600_000), jitterMs: z.number().min(0).max(600_000)})
      .refine(a => a.jitterMs <= a.delayMs, {path: ['jitterMs'], message: 'expected at most delayMs'}),
  stage: (attributes, context) => new LatencyStage(attributes, context),
};
