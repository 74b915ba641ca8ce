import * as z from 'zod';
import type {Stage, StageContext, ToxicKind} from './toxic.js';

interface LimitDataAttributes {
  readonly bytes: number;
}

/**
 * So many bytes pass, counted from when the toxic takes hold; then the connection ends in the middle of whatever it
 * was.
 */
class LimitDataStage implements Stage {
  readonly full = false;
  #left: number;
  #closed = false;

  constructor(
    {bytes}: LimitDataAttributes,
    private readonly context: StageContext,
  ) {
    this.#left = bytes;
  }

  write(chunk: Buffer): void {
    if (this.#closed) return;
    const part = chunk.length <= this.#left ? chunk : chunk.subarray(0, this.#left);
    this.#left -= part.length;
    if (part.length > 0) this.context.emit(part);
    if (this.#left > 0) return;
    this.#closed = true;
    this.context.hit();
    this.context.close();
  }

  end(): void {
    if (!this.#closed) this.context.emitEnd();
  }

  release(): void {
    // Nothing is ever held.
  }

  discard(): void {
    this.#closed = true;
  }
}

export const limitData: ToxicKind<LimitDataAttributes> = {
  type: 'limit-data',
  counts: 'hits',
  attributes: () => z.strictObject({bytes: z.int().min(0).max(1e15)}),
  stage: (attributes, context) => new LimitDataStage(attributes, context),
};
