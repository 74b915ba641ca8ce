import * as z from 'zod';
import type {Stage, StageContext, ToxicKind} from './toxic.js';

interface TimeoutAttributes {
  /** Null: the connection is held until the toxic is taken away. */
  readonly afterMs: number | null;
}

/**
 * Swallows what passes, the end too. A client that gives up is let go, or its retries would use up the proxy's file
 * descriptors. A connection whose bytes were swallowed never goes on as if nothing were missing: it ends with an RST.
 */
class TimeoutStage implements Stage {
  readonly full = false;
  #swallowed = false;
  #ended = false;
  #hit = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    {afterMs}: TimeoutAttributes,
    private readonly context: StageContext,
  ) {
    if (afterMs !== null) this.#timer = setTimeout(() => this.#close(), afterMs);
  }

  write(): void {
    this.#swallowed = true;
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
    const [swallowed, ended] = [this.#swallowed, this.#ended];
    this.discard();
    if (swallowed) this.context.reset();
    else if (ended) this.context.emitEnd();
  }

  discard(): void {
    clearTimeout(this.#timer);
    this.#swallowed = false;
    this.#ended = false;
  }

  #close(): void {
    this.#count();
    this.abandon();
  }

  #count(): void {
    if (!this.#hit) this.context.hit();
    this.#hit = true;
  }
}

export const timeout: ToxicKind<TimeoutAttributes> = {
  type: 'timeout',
  counts: 'hits',
  attributes: () => z.strictObject({afterMs: z.number().min(1).max(600_000).nullable()}),
  stage: (attributes, context) => new TimeoutStage(attributes, context),
};
