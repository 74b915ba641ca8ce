import type {LoadTotals} from '../contract.js';

const COUNTS = ['intended', 'sent', 'accepted', 'failed', 'unanswered'] as const;
type CountName = (typeof COUNTS)[number];
const PLACES = Object.fromEntries(COUNTS.map((count, place) => [count, place])) as Readonly<Record<CountName, number>>;

/** What became of all requests of a load, in memory that threads share: up to 2³² of each. */
export class SharedTotals {
  private readonly counts: Uint32Array;

  constructor(readonly memory = new SharedArrayBuffer(COUNTS.length * Uint32Array.BYTES_PER_ELEMENT)) {
    this.counts = new Uint32Array(memory);
  }

  add(count: CountName, amount = 1): void {
    Atomics.add(this.counts, PLACES[count], amount);
  }

  read(): LoadTotals {
    const of = (count: CountName) => Atomics.load(this.counts, PLACES[count]);
    // What a request became is counted after it was sent: read in the other order, none has an outcome without having
    // been sent.
    const [unanswered, failed, accepted] = [of('unanswered'), of('failed'), of('accepted')];
    const [sent, intended] = [of('sent'), of('intended')];
    return {intended, sent, accepted, failed, unanswered, inFlight: sent - accepted - failed};
  }
}
