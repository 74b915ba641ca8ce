import {isDeepStrictEqual} from 'node:util';
import {AppliedToxic} from './applied-toxic.js';
import type {EndedToxicView, ToxicRequest, ToxicView} from './protocol.js';
import type {Session} from './session.js';
import type {BoundToxic, Victim} from './toxics/toxic.js';

/** How many ended toxics are remembered, for proofs that ask what became of one. */
const REMEMBERED = 50;

interface EndedToxic {
  readonly toxic: ToxicView;
  readonly why: EndedToxicView['why'];
  readonly at: number;
}

/** The toxics of one proxied connection, in the order in which they were added, which is the order bytes meet them. */
export class ToxicSet {
  readonly #inForce = new Map<string, AppliedToxic>();
  #ended: readonly EndedToxic[] = [];

  constructor(
    private readonly sessions: () => Iterable<Session>,
    private readonly log: (line: string) => void,
  ) {}

  /**
   * Applies it to existing connections and to those to come. The same request again changes nothing; another under this
   * id is refused.
   */
  add(id: string, request: ToxicRequest, bound: BoundToxic): 'added' | 'there' | 'taken' {
    const there = this.#inForce.get(id);
    if (there !== undefined) return isDeepStrictEqual(there.request, request) ? 'there' : 'taken';
    const toxic = new AppliedToxic(id, request, bound, () => this.#end(toxic, 'expired'));
    this.#inForce.set(id, toxic);
    this.log(`toxic ${id} added for at most ${request.ttlMs} ms`);
    for (const session of [...this.sessions()]) if (toxic.drawConnection()) session.take(toxic);
    return 'added';
  }

  /** False when there is none, or when it is another run's than the one given. What it held back goes on at once. */
  remove(id: string, run?: string): boolean {
    const toxic = this.#inForce.get(id);
    if (toxic === undefined || (run !== undefined && toxic.request.writer?.run !== run)) return false;
    this.#end(toxic, 'removed');
    return true;
  }

  /** A new time to live, counted from now. */
  renew(id: string, ttlMs: number, run?: string): boolean {
    const toxic = this.#inForce.get(id);
    if (toxic === undefined || (run !== undefined && toxic.request.writer?.run !== run)) return false;
    toxic.renew(ttlMs);
    return true;
  }

  /** Strikes a new connection that has no upstream yet; true when it is lost. */
  meet(victim: Victim): readonly AppliedToxic[] | 'struck' {
    const drawn = [...this.#inForce.values()].filter(toxic => toxic.drawConnection());
    const striking = drawn.find(toxic => toxic.bound.strike !== undefined);
    if (striking === undefined) return drawn;
    striking.counters.connections += 1;
    striking.bound.strike?.(victim);
    return 'struck';
  }

  /** The process ends: no timer may be left. */
  clear(): void {
    for (const toxic of this.#inForce.values()) toxic.stop();
    this.#inForce.clear();
  }

  view(): {readonly toxics: readonly ToxicView[]; readonly ended: readonly EndedToxicView[]} {
    const now = performance.now();
    return {
      toxics: [...this.#inForce.values()].map(toxic => toxic.view()),
      ended: this.#ended.map(({toxic, why, at}) => ({
        id: toxic.id,
        type: toxic.type,
        why,
        counters: toxic.counters,
        agoMs: Math.round(now - at),
      })),
    };
  }

  #end(toxic: AppliedToxic, why: EndedToxicView['why']): void {
    toxic.stop();
    this.#inForce.delete(toxic.id);
    for (const session of this.sessions()) session.drop(toxic.id);
    this.#ended = [...this.#ended, {toxic: toxic.view(), why, at: performance.now()}].slice(-REMEMBERED);
    this.log(`toxic ${toxic.id} ${why === 'expired' ? 'expired: its time to live ran out' : 'removed'}`);
  }
}
