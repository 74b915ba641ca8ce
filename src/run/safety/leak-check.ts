import {isDeepStrictEqual} from 'node:util';
import type {Json, JsonObject} from '../../quantities/json.js';
import type {FacetDifference} from '../record/events.js';

type Facets = Readonly<Record<string, JsonObject>>;

/**
 * What reads differently after the run. `touched` names, per object, the facets that our changes were allowed to alter: a
 * difference there is ours and still in the world; any other difference is collateral.
 */
export function compareFacets(
  before: Facets,
  after: Facets,
  touched: Readonly<Record<string, ReadonlySet<string>>>,
): {touched: readonly FacetDifference[]; collateral: readonly FacetDifference[]} {
  const ours: FacetDifference[] = [];
  const collateral: FacetDifference[] = [];
  for (const [object, was] of Object.entries(before)) {
    const is = after[object];
    if (is === undefined || is['exists'] === false) {
      // The target itself is gone: nothing of ours can be left on it.
      collateral.push({target: object, facet: 'exists', before: true, after: false});
      continue;
    }
    for (const facet of new Set([...Object.keys(was), ...Object.keys(is)])) {
      const values: {before: Json; after: Json} = {before: was[facet] ?? null, after: is[facet] ?? null};
      if (isDeepStrictEqual(values.before, values.after)) continue;
      (touched[object]?.has(facet) === true ? ours : collateral).push({target: object, facet, ...values});
    }
  }
  return {touched: ours, collateral};
}
