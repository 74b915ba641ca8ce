import type {Socket} from 'node:net';
import {setFlagsFromString} from 'node:v8';
import type {Address} from './address.js';
import {Session} from './session.js';
import {ToxicSet} from './toxic-set.js';

/** All stages of all connections together hold about this much. */
const MEMORY = 128 * 1024 * 1024;
const LEAST_PER_STAGE = 64 * 1024;
const MOST_PER_STAGE = 4 * 1024 * 1024;

/** Most bytes that one stage should hold when so many TCP connections are open. */
export function stageBudget(open: number): number {
  return Math.min(MOST_PER_STAGE, Math.max(LEAST_PER_STAGE, MEMORY / (2 * Math.max(1, open))));
}

/**
 * For a process that only forwards: what it reads is garbage a moment later, and a small heap is marked faster in one
 * go than in steps between the packets. Every reading of 64 KiB counts as memory, so that V8 would mark all the time.
 */
export function markInOneGo(): void {
  setFlagsFromString('--no-incremental-marking');
}

export interface SessionsOptions {
  readonly connectTimeoutMs: number;
  /** Most bytes that one stage of one session should hold now. */
  budget(): number;
  /** One line for the log of the process. */
  log(line: string): void;
}

/** The TCP connections that share a set of toxics. */
export class Sessions {
  readonly toxics: ToxicSet;
  readonly #open = new Set<Session>();
  readonly #closedBytes = {upstream: 0, downstream: 0};
  /** Connections ever taken, and those of them whose upstream could not be reached. */
  accepted = 0;
  unreachable = 0;

  constructor(private readonly options: SessionsOptions) {
    this.toxics = new ToxicSet(
      () => this.#open,
      line => options.log(line),
    );
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#open.size;
  }

  get bytes(): {readonly upstream: number; readonly downstream: number} {
    const bytes = {...this.#closedBytes};
    for (const session of this.#open) {
      bytes.upstream += session.bytes.upstream;
      bytes.downstream += session.bytes.downstream;
    }
    return bytes;
  }

  /** Passes a connection on to the upstream, through the toxics that are in force. */
  accept(client: Socket, upstream: Address): void {
    this.accepted += 1;
    // A reset by the peer before the session listens for it must not end the process.
    client.on('error', () => client.destroy());
    const met = this.toxics.meet({reset: () => client.resetAndDestroy()});
    if (met === 'struck') return;
    const session = new Session(client, {
      upstream,
      connectTimeoutMs: this.options.connectTimeoutMs,
      budget: () => this.options.budget(),
      unreachable: () => {
        this.unreachable += 1;
      },
      closed: gone => {
        this.#open.delete(gone);
        this.#closedBytes.upstream += gone.bytes.upstream;
        this.#closedBytes.downstream += gone.bytes.downstream;
      },
    });
    this.#open.add(session);
    for (const toxic of met) session.take(toxic);
  }

  /** Each ends as soon as no response is under way; those that are not HTTP/1 go on. */
  finish(): void {
    for (const session of [...this.#open]) session.finish();
  }

  /** Ends all in order, whatever is under way. */
  end(): void {
    for (const session of [...this.#open]) session.end();
  }

  /** Ends all with an RST. */
  reset(): void {
    for (const session of [...this.#open]) session.reset();
  }
}
