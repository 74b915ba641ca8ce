import {matchesName, RECORD_TYPES, type DnsFault} from '../quantities/dns.js';
import {seededRandom, type Random} from '../quantities/random.js';
import {wrongAnswer} from './answer.js';
import {readQuery, type Query} from './query.js';

/**
 * What becomes of a message: it goes on to the name server it was meant for, or is answered here, or nothing comes of
 * it.
 */
export type MessageTreatment =
  | {readonly kind: 'pass'; readonly afterMs: number}
  | {readonly kind: 'answer'; readonly message: Buffer; readonly afterMs: number}
  | {readonly kind: 'swallow'};

export interface MessageCounts {
  readonly seen: number;
  /** Whose name and type match. */
  readonly matched: number;
  /** Those of the matched that the share took. */
  readonly hit: number;
}

const PASS: MessageTreatment = {kind: 'pass', afterMs: 0};

/** Decides message by message, and counts. The same seed takes the same of the matching questions, in order. */
export class Treatments {
  #random: Random;
  #counts = {seen: 0, matched: 0, hit: 0};
  #over = false;
  readonly #types: ReadonlySet<number>;

  constructor(private readonly fault: DnsFault) {
    this.#random = seededRandom(fault.seed);
    this.#types = new Set(fault.types.map(type => RECORD_TYPES[type]));
  }

  get counts(): MessageCounts {
    return {...this.#counts};
  }

  /** From now on everything passes as it came. */
  retire(): void {
    this.#over = true;
  }

  treat(message: Buffer, over: 'udp' | 'tcp'): MessageTreatment {
    if (this.#over) return PASS;
    const query = readQuery(message);
    if (query === undefined) return PASS;
    this.#counts.seen += 1;
    if (!this.#matches(query)) return PASS;
    this.#counts.matched += 1;
    if (this.#random() >= this.fault.share) return PASS;
    this.#counts.hit += 1;
    const {answer, delayMs: afterMs} = this.fault;
    if (answer === undefined) return {kind: 'pass', afterMs};
    const wrong = wrongAnswer(message, query, answer, over);
    return wrong === undefined ? {kind: 'swallow'} : {kind: 'answer', message: wrong, afterMs};
  }

  #matches({name, type}: Query): boolean {
    const {names} = this.fault;
    if (this.#types.size > 0 && !this.#types.has(type)) return false;
    return names.length === 0 || names.some(pattern => matchesName(pattern, name));
  }
}
