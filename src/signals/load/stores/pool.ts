import type {Connection} from '../../network/servers.js';

/** How connections are opened and ended. */
interface PoolParts<C extends Connection> {
  /** Most connections at once, those that are being opened included. */
  readonly most: number;
  /** Opens one, within the time of the request that needs it. Rejects with the error, or the signal's reason. */
  readonly connect: (signal: AbortSignal) => Promise<C>;
  /** Ends one on which a question is still open. */
  readonly abandon: (connection: C) => void;
  /** Ends one that nobody uses. Does not reject. */
  readonly leave: (connection: C) => Promise<void>;
  /** Whether the connection is of no use after a question that ended with this error. */
  readonly spoils: (error: unknown) => boolean;
}

/** A free connection; undefined: room to open one. */
type Handed<C> = C | undefined;

/**
 * Connections to a store, as an application keeps them: a request takes one that is free, opens one where there is room
 * for it, or waits until one is given back. One that broke, or on which a request was given up, is not used again.
 */
export class Pool<C extends Connection> {
  /** The one that was used last is taken first. */
  private readonly free: C[] = [];
  private readonly waiting = new Set<(handed: Handed<C>) => void>();
  /** How many there are, in use, free or being opened. */
  private count = 0;
  private closed = false;

  constructor(private readonly parts: PoolParts<C>) {}

  /** Puts a question over one connection. Rejects with its error, that of the connection, or the signal's reason. */
  async use<T>(question: (connection: C) => Promise<T>, signal: AbortSignal): Promise<T> {
    const connection = await this.take(signal);
    const onAbort = () => this.parts.abandon(connection);
    signal.addEventListener('abort', onAbort, {once: true});
    try {
      if (signal.aborted) onAbort();
      signal.throwIfAborted();
      const answer = await question(connection);
      this.giveBack(connection, !signal.aborted);
      return answer;
    } catch (error) {
      this.giveBack(connection, !signal.aborted && !this.parts.spoils(error));
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Ends those that are free; those in use end when they are given back. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.free.splice(0).map(connection => this.parts.leave(connection)));
  }

  private async take(signal: AbortSignal): Promise<C> {
    signal.throwIfAborted();
    const handed = this.freeOne() ?? (await this.roomOrTurn(signal));
    if (handed !== undefined && !handed.lost) return handed;
    handed?.cut();
    try {
      return await this.parts.connect(signal);
    } catch (error) {
      this.hand(undefined);
      throw error;
    }
  }

  private freeOne(): C | undefined {
    for (let last = this.free.pop(); last !== undefined; last = this.free.pop()) {
      if (!last.lost) return last;
      last.cut();
      this.count--;
    }
    return undefined;
  }

  private roomOrTurn(signal: AbortSignal): Promise<Handed<C>> | undefined {
    if (this.count >= this.parts.most) return this.turn(signal);
    this.count++;
    return undefined;
  }

  private turn(signal: AbortSignal): Promise<Handed<C>> {
    return new Promise((resolve, reject) => {
      const handed = (connection: Handed<C>) => {
        this.waiting.delete(handed);
        signal.removeEventListener('abort', onAbort);
        resolve(connection);
      };
      const onAbort = () => {
        this.waiting.delete(handed);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, {once: true});
      this.waiting.add(handed);
    });
  }

  private giveBack(connection: C, isSound: boolean): void {
    if (isSound && !connection.lost && !this.closed) {
      this.hand(connection);
      return;
    }
    connection.cut();
    this.hand(undefined);
  }

  /** To whoever has waited longest. */
  private hand(handed: Handed<C>): void {
    const [first] = this.waiting;
    if (first !== undefined) first(handed);
    else if (handed === undefined) this.count--;
    else this.free.push(handed);
  }
}
