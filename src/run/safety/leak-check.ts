import {isDeepStrictEqual} from 'node:util';
import type {Json, JsonObject} from '../../quantities/json.js';
import type {Debt} from '../../targets/contract.js';
import type {Event, FacetDifference} from '../../record/events.js';

export type Facets = Readonly<Record<string, JsonObject>>;

/** Facets by object. */
class FacetSets {
  private readonly sets = new Map<string, Set<string>>();

  add(object: string, facets: readonly string[]): void {
    const set = this.sets.get(object) ?? new Set();
    for (const facet of facets) set.add(facet);
    this.sets.set(object, set);
  }

  has(object: string, facet: string): boolean {
    return this.sets.get(object)?.has(facet) === true;
  }
}

/** Whose it is when a facet reads differently after the run. */
interface Altered {
  /** Our changes alter it and put it back. */
  readonly ours: FacetSets;
  /** Nothing puts it back, or someone else's value was left in place of ours. */
  readonly left: FacetSets;
}

/** The debts that someone else's change has replaced. */
function supersededIn(events: readonly Event[]): ReadonlySet<string> {
  const settled = events.flatMap(event => (event.type === 'debts.settled' ? event.settled : []));
  return new Set(settled.flatMap(({debt, outcome}) => (outcome === 'superseded' ? [debt] : [])));
}

/** Facets that tell whether a target lives. */
const LIFE: readonly string[] = ['running', 'paused'];

/** By the record of what was injected and how its debts were settled. */
function alteredBy(events: readonly Event[]): Altered {
  const altered = {ours: new FacetSets(), left: new FacetSets()};
  const owed = new Map<string, Debt>();
  for (const event of events) {
    if (event.type === 'debts.owed') for (const debt of event.debts) owed.set(debt.id, debt);
    if (event.type === 'change.requested')
      for (const change of event.withoutUndo ?? []) {
        // The target itself may end by what cannot be put back.
        const mayStay = 'irreversible' in change || 'left' in change;
        if (mayStay) altered.left.add(change.ref.object, [...change.touches, 'exists']);
        else if ('broughtBack' in change) {
          // It must run again; its author decides how it is started.
          altered.ours.add(
            change.ref.object,
            change.touches.filter(facet => LIFE.includes(facet)),
          );
          altered.left.add(
            change.ref.object,
            change.touches.filter(facet => !LIFE.includes(facet)),
          );
        } else altered.ours.add(change.ref.object, change.touches);
      }
  }
  const replaced = supersededIn(events);
  for (const {id, undo, touches = []} of owed.values())
    (replaced.has(id) ? altered.left : altered.ours).add(undo.ref.object, touches);
  return altered;
}

export interface Leaks {
  /** Ours, and still in the world. */
  readonly touched: readonly FacetDifference[];
  /** To be expected: nothing puts it back, or someone else's value was left in place. */
  readonly left: readonly FacetDifference[];
  readonly collateral: readonly FacetDifference[];
}

/** What reads differently after the run, and whose it is by the events of the run so far. */
export function compareFacets(before: Facets, after: Facets, events: readonly Event[]): Leaks {
  const altered = alteredBy(events);
  const [touched, left, collateral]: [FacetDifference[], FacetDifference[], FacetDifference[]] = [[], [], []];
  for (const [object, was] of Object.entries(before)) {
    const is = after[object];
    if (is === undefined || is['exists'] === false) {
      // The target itself is gone: nothing of ours can be left on it.
      const gone = {target: object, facet: 'exists', before: true, after: false};
      (altered.left.has(object, 'exists') ? left : collateral).push(gone);
      continue;
    }
    for (const facet of new Set([...Object.keys(was), ...Object.keys(is)])) {
      const values: {before: Json; after: Json} = {before: was[facet] ?? null, after: is[facet] ?? null};
      if (isDeepStrictEqual(values.before, values.after)) continue;
      const whose = altered.left.has(object, facet) ? left : altered.ours.has(object, facet) ? touched : collateral;
      whose.push({target: object, facet, ...values});
    }
  }
  return {touched, left, collateral};
}
