import type * as z from 'zod';
import type {HttpRule} from '../http/treatment.js';
import type {Random} from '../../quantities/random.js';

/** What a stage may use. It lives as long as one direction of one connection carries the toxic. */
export interface StageContext {
  /** Milliseconds of the monotonic clock, with fractions. */
  now(): number;
  /** Of this connection alone, from the toxic's seed. */
  readonly random: Random;
  /** Most bytes this stage should hold; shrinks when there are many connections, so that memory stays bounded. */
  budget(): number;
  /** Hands bytes on, in order. */
  emit(chunk: Buffer): void;
  /** Hands the end of the stream (FIN) on. Nothing is emitted after it. */
  emitEnd(): void;
  /**
   * Ends both sides of the connection in an orderly way (FIN), after all that was emitted. Nothing is emitted after it.
   */
  close(): void;
  /** Ends both sides of the connection with an RST. */
  reset(): void;
  /** What was emitted piles up: whoever is to read it reads too slowly. */
  congested(): boolean;
  /** Counts that the toxic did what it is there for. */
  hit(): void;
}

/**
 * One direction of one connection flows through it. It never blocks: it takes what it is given, and says by `full` that
 * it wants no more for now (the source is then paused). Whatever it holds it can let go of at any time.
 */
export interface Stage {
  readonly full: boolean;
  write(chunk: Buffer): void;
  /** The source is at its end; to be handed on after all that is held. */
  end(): void;
  /** The client has sent its end: for a stage that lets nothing through, a sign that it gave up. */
  abandon?(): void;
  /** The toxic is taken away: emits all that is held (and the end, when it came) at once, and drops its timers. */
  release(): void;
  /**
   * Instead of `release`, for a stage that may be in the middle of something: it starts nothing new, passes all else,
   * and calls `done` once it holds nothing and could be left out. Its timers go with what they are for.
   */
  drain?(done: () => void): void;
  /** The connection is gone: drops everything, timers too. */
  discard(): void;
}

/** What a toxic may do to a whole connection. */
export interface Victim {
  /** A real RST to both sides. */
  reset(): void;
}

/**
 * One kind of toxic: a small file, listed in registry.ts. `stage` for those that treat the stream (they get one stage
 * per direction and connection), `strike` for those that act on whole connections, existing and new ones alike, `http`
 * for those that work on requests (their share is one of the requests, on all connections).
 */
export interface ToxicKind<P> {
  readonly type: string;
  /** The counter that tells whether traffic met it. */
  readonly counts: 'connections' | 'bytes' | 'hits';
  /** Strict, with ranges. */
  readonly attributes: () => z.ZodType<P>;
  readonly stage?: (attributes: P, context: StageContext) => Stage;
  readonly strike?: (attributes: P, victim: Victim) => void;
  readonly http?: (attributes: P) => HttpRule;
}

/** A kind with its attributes bound: what the data path works with. */
export interface BoundToxic {
  readonly type: string;
  readonly counts: 'connections' | 'bytes' | 'hits';
  readonly stage?: (context: StageContext) => Stage;
  readonly strike?: (victim: Victim) => void;
  readonly http?: HttpRule;
}
