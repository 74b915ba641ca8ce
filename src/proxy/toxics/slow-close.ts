import * as z from 'zod';
import type {Stage, StageContext, ToxicKind} from './toxic.js';

interface SlowCloseAttributes {
  readonly delayMs: number;
}

/** Data passes at once; the end of the stream (FIN) follows it later. */
class SlowCloseStage implements Stage {
  readonly full = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly attributes: SlowCloseAttributes,
    private readonly context: StageContext,
  ) {}

  write(chunk: Buffer): void {
    this.context.emit(chunk);
  }

  end(): void {
    this.context.hit();
    this.#timer = setTimeout(() => this.release(), this.attributes.delayMs);
  }

  release(): void {
    if (this.#timer === undefined) return;
    this.discard();
    this.context.emitEnd();
  }

  discard(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

export const slowClose: ToxicKind<SlowCloseAttributes> = {
  type: 'slow-close',
  counts: 'hits',
  attributes: () => z.strictObject({delayMs: z.number().min(1).max(600_000)}),
  stage: (attributes, context) => new SlowCloseStage(attributes, context),
};
