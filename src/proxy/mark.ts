import {jsonBytes} from '../quantities/json.js';
import type {MarkRequest, MarkView, RefusalView, Writer} from './protocol.js';

/**
 * The most that the debts on one connection, and those of all, may have, bytes as JSON: a debt has about a thousand.
 */
const MOST_ON_A_CONNECTION = 512 * 1024;
const MOST_IN_ALL = 2 * 1024 * 1024;

/** What the debts of `mark` may have beside those of the others. */
export function roomFor(mark: Mark, all: readonly Mark[]): number {
  const others = all.reduce((sum, one) => (one === mark ? sum : sum + one.bytes), 0);
  return Math.max(0, Math.min(MOST_ON_A_CONNECTION, MOST_IN_ALL - others));
}

/** The mark as it is now, or who stands in the way. */
export type MarkAnswer = {readonly refused: RefusalView} | {readonly mark: MarkView | null};

/**
 * Who owes an undo on one proxied connection. One run at a time; a higher epoch of the same run takes it over, and from
 * then on the lower one is refused. Node runs one request's change at a time, which makes each of these a
 * compare-and-set.
 */
export class Mark {
  #mark: MarkView | null = null;

  get view(): MarkView | null {
    return this.#mark;
  }

  /** Bytes of all debts, as JSON. */
  get bytes(): number {
    return this.#mark === null ? 0 : jsonBytes(this.#mark.debts);
  }

  /** Adds debts for this run, or says who holds the mark. `room`: bytes that the debts may have together. */
  set(request: MarkRequest, room: number): MarkAnswer {
    const refused = this.#conflict(request);
    if (refused !== undefined) return {refused};
    const {run, epoch, hardStop} = request;
    const debts = new Map((this.#mark?.debts ?? []).map(debt => [debt.id, debt]));
    for (const debt of request.debts) debts.set(debt.id, debt);
    const mark = {run, epoch, hardStop, debts: [...debts.values()]};
    const bytes = jsonBytes(mark.debts);
    if (bytes > room)
      return {refused: {error: `The debts of the mark have ${bytes} bytes; there is room for ${room}.`}};
    this.#mark = mark;
    return {mark};
  }

  /** Replaces debts that are in the mark, with a later hard stop. One that was settled meanwhile does not come back. */
  renew(request: MarkRequest, room: number): MarkAnswer {
    const mark = this.#mark;
    if (mark === null) return {mark: null};
    const known = request.debts.filter(({id}) => mark.debts.some(debt => debt.id === id));
    return known.length === 0 ? {mark} : this.set({...request, debts: known}, room);
  }

  /**
   * Strikes settled debts off; the mark goes with the last one. Idempotent. `freed`: toxics that no debt names any
   * more.
   */
  settle(writer: Writer, settled: readonly string[]): MarkAnswer & {readonly freed: readonly string[]} {
    const mark = this.#mark;
    if (mark === null) return {mark, freed: []};
    const refused = this.#conflict(writer);
    if (refused !== undefined) return {refused, freed: []};
    const left = mark.debts.filter(debt => !settled.includes(debt.id));
    this.#mark = left.length === 0 ? null : {...mark, epoch: writer.epoch, debts: left};
    const named = mark.debts.map(debt => debt.toxic);
    return {mark: this.#mark, freed: named.filter(toxic => left.every(debt => debt.toxic !== toxic))};
  }

  /** Why this writer may not add this toxic now; undefined when it may, because it owes its removal. */
  forbids(writer: Writer, toxic: string): RefusalView | undefined {
    const refused = this.#conflict(writer);
    if (refused !== undefined) return refused;
    if (this.#mark?.debts.some(debt => debt.toxic === toxic) === true) return undefined;
    return {
      error: `Run \`${writer.run}\` has no open debt for the toxic \`${toxic}\` in the mark: it has settled already.`,
    };
  }

  #conflict(writer: Writer): RefusalView | undefined {
    const mark = this.#mark;
    if (mark === null) return undefined;
    const holder = {run: mark.run, epoch: mark.epoch, hardStop: mark.hardStop};
    if (mark.run !== writer.run) return {error: `Run \`${mark.run}\` still owes an undo on this connection.`, holder};
    if (mark.epoch > writer.epoch) {
      return {error: `Epoch ${writer.epoch} of run \`${mark.run}\` was taken over by epoch ${mark.epoch}.`, holder};
    }
    return undefined;
  }
}
