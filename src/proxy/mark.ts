import type {MarkRequest, MarkView, RefusalView, Writer} from './protocol.js';

/** The mark as it is now, or who stands in the way. */
export type MarkAnswer = {readonly refused: RefusalView} | {readonly mark: MarkView | null};

/**
 * Who owes an undo on one proxied connection. One run at a time; a higher epoch of the same run takes it over, and from
 * then on the lower one is refused. Node runs one request's change at a time, which makes each of these a compare-and-set.
 */
export class Mark {
  #mark: MarkView | null = null;

  get view(): MarkView | null {
    return this.#mark;
  }

  /** Adds debts for this run, or says who holds the mark. */
  set(request: MarkRequest): MarkAnswer {
    const refused = this.#conflict(request);
    if (refused !== undefined) return {refused};
    const {run, epoch, hardStop} = request;
    const debts = new Map((this.#mark?.debts ?? []).map(debt => [debt.id, debt]));
    for (const debt of request.debts) debts.set(debt.id, debt);
    this.#mark = {run, epoch, hardStop, debts: [...debts.values()]};
    return {mark: this.#mark};
  }

  /** Replaces debts that are in the mark, with a later hard stop. One that was settled meanwhile does not come back. */
  renew(request: MarkRequest): MarkAnswer {
    const mark = this.#mark;
    if (mark === null) return {mark: null};
    const known = request.debts.filter(({id}) => mark.debts.some(debt => debt.id === id));
    return known.length === 0 ? {mark} : this.set({...request, debts: known});
  }

  /** Strikes settled debts off; the mark goes with the last one. Idempotent. `freed`: toxics that no debt names any more. */
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
