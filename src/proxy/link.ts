import type {Socket} from 'node:net';
import type {Stage, StageContext} from './toxics/toxic.js';

interface Fitted {
  readonly id: string;
  readonly stage: Stage;
  next: Fitted | undefined;
  /** On its way out: its toxic is gone. */
  leaving: boolean;
}

/** What a link gives each stage; the rest of its context the link provides. */
export type StageBuilder = (context: Pick<StageContext, 'emit' | 'emitEnd' | 'close' | 'congested'>) => Stage;

/**
 * One direction of one TCP connection: source → stages → sink. Without stages it is a bare pipe. The source is paused
 * while the sink or a stage wants no more, and that is the only way in which it ever waits: stages hand on what they
 * hold without asking the sink, so that a reader that reads nothing can block neither an undo nor the control API.
 * What is held is bounded by the stages' budgets.
 */
export class Link {
  /** Bytes that came from the source. */
  bytes = 0;
  #first: Fitted | undefined;
  #muted = false;

  constructor(
    private readonly source: Socket,
    private readonly sink: Socket,
    private readonly closing: () => void,
  ) {
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.on('end', () => this.#takeEnd());
    sink.on('drain', () => this.balance());
  }

  /**
   * Adds a stage just before the sink, or first of all: what is asked and answered goes through two stages, one in each
   * direction, and has to meet those of several toxics in opposite orders.
   */
  fit(id: string, build: StageBuilder, first = false): void {
    const hand: Parameters<StageBuilder>[0] = {
      emit: chunk => {
        if (fitted.next === undefined) this.sink.write(chunk);
        else fitted.next.stage.write(chunk);
        this.balance();
      },
      emitEnd: () => (fitted.next === undefined ? this.sink.end() : fitted.next.stage.end()),
      close: () => this.#close(fitted),
      congested: () => this.sink.writableNeedDrain,
    };
    const fitted: Fitted = {id, stage: build(hand), next: undefined, leaving: false};
    const last = this.#all().at(-1);
    if (first) {
      fitted.next = this.#first;
      this.#first = fitted;
    } else if (last === undefined) this.#first = fitted;
    else last.next = fitted;
    // Where the source has already ended, its end may be on its way through the stages before, or already through:
    // the new stage then simply never sees a byte.
  }

  /** Takes a stage out, at once or as soon as it can go; what it held goes on, in order. */
  unfit(id: string): void {
    const fitted = this.#all().find(one => one.id === id && !one.leaving);
    if (fitted === undefined) return;
    fitted.leaving = true;
    if (fitted.stage.drain !== undefined) {
      fitted.stage.drain(() => this.#leaveOut(fitted));
      return;
    }
    fitted.stage.release();
    this.#leaveOut(fitted);
  }

  #leaveOut(fitted: Fitted): void {
    const all = this.#all();
    const at = all.indexOf(fitted);
    if (at < 0) return;
    const before = all[at - 1];
    if (before === undefined) this.#first = fitted.next;
    else before.next = fitted.next;
    this.balance();
  }

  /** From now on nothing of the source is taken any more; what is on its way through still arrives. */
  mute(): void {
    this.#muted = true;
    this.source.resume();
  }

  /** The client has sent its end. */
  abandon(): void {
    for (const {stage} of this.#all()) stage.abandon?.();
  }

  /** The connection is gone: drops all that is held. */
  discard(): void {
    this.#muted = true;
    for (const fitted of this.#all()) fitted.stage.discard();
    this.#first = undefined;
  }

  #take(chunk: Buffer): void {
    if (this.#muted) return;
    this.bytes += chunk.length;
    if (this.#first === undefined) {
      if (!this.sink.write(chunk)) this.source.pause();
      return;
    }
    this.#first.stage.write(chunk);
    this.balance();
  }

  #takeEnd(): void {
    if (this.#muted) return;
    if (this.#first === undefined) this.sink.end();
    else this.#first.stage.end();
  }

  /** What a stage before this one holds is dropped; what went on already arrives, and then the end. */
  #close(by: Fitted): void {
    if (this.#muted) return;
    const all = this.#all();
    for (const fitted of all.slice(0, all.indexOf(by))) fitted.stage.discard();
    this.#first = by;
    this.closing();
    if (by.next === undefined) this.sink.end();
    else by.next.stage.end();
  }

  /** Lets the source wait, or go on, as the sink and the stages are now. */
  balance(): void {
    if (this.#muted) return;
    const wait = this.sink.writableNeedDrain || this.#all().some(fitted => fitted.stage.full);
    if (wait === this.source.isPaused()) return;
    if (wait) this.source.pause();
    else this.source.resume();
  }

  #all(): readonly Fitted[] {
    const all: Fitted[] = [];
    for (let one = this.#first; one !== undefined; one = one.next) all.push(one);
    return all;
  }
}
