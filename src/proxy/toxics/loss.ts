import * as z from 'zod';
import {ChunkQueue} from './chunk-queue.js';
import type {Stage, StageContext, ToxicKind} from './toxic.js';

/** Bytes of a lost connection that are held back, at most; more is left with the sender. */
const ROOM = 256 * 1024;

/**
 * Nothing arrives any more, as when all its packets are lost: existing connections stall, new ones are made and never
 * answered. It reads on for a while, so that a client that gives up is noticed and let go. Once the toxic is taken away
 * everything arrives, late and complete, as TCP would have it.
 */
class LossStage implements Stage {
  readonly #held = new ChunkQueue<{chunk: Buffer}>();
  #ended = false;
  #hit = false;

  constructor(private readonly context: StageContext) {}

  get full(): boolean {
    return this.#held.cost >= Math.min(ROOM, this.context.budget());
  }

  write(chunk: Buffer): void {
    this.#held.push({chunk});
    this.#count();
  }

  end(): void {
    this.#ended = true;
    this.#count();
  }

  abandon(): void {
    this.discard();
    this.context.close();
  }

  release(): void {
    for (let first = this.#held.shift(); first !== undefined; first = this.#held.shift())
      this.context.emit(first.chunk);
    if (this.#ended) this.context.emitEnd();
    this.discard();
  }

  discard(): void {
    this.#held.clear();
    this.#ended = false;
  }

  #count(): void {
    if (!this.#hit) this.context.hit();
    this.#hit = true;
  }
}

export const loss: ToxicKind<object> = {
  type: 'loss',
  counts: 'hits',
  attributes: () => z.strictObject({}),
  stage: (_attributes, context) => new LossStage(context),
};
