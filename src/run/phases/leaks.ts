import type {JsonObject} from '../../quantities/json.js';
import {describeError} from '../../system/error.js';
import type {TargetRef} from '../../targets/contract.js';
import type {FacetDifference} from '../../record/events.js';
import {mayHit, type ResolvedTarget} from '../../plan/resolve.js';
import {compareFacets, type Facets} from '../safety/leak-check.js';
import type {RunContext} from '../context.js';

/** Facets of everything that may be hit, through the readers that found it. */
export async function readFacets(targets: Iterable<ResolvedTarget>, signal: AbortSignal): Promise<Facets> {
  const all: Record<string, JsonObject> = {};
  for (const target of targets) {
    const refs: readonly TargetRef[] = mayHit(target).map(candidate => candidate.ref);
    if (refs.length > 0) Object.assign(all, await target.reader.facets(refs, signal));
  }
  return all;
}

/** How long a difference may take to go away before it counts: engines settle some values a moment after the undo. */
const PATIENCE_MS = 3_000;
const LOOK_EVERY_MS = 500;

/** Compares the facets with those before the injection, records the differences. Never throws. */
export async function checkLeaks(
  context: RunContext,
  targets: Iterable<ResolvedTarget>,
  before: Facets,
): Promise<void> {
  const {clock} = context.ports;
  const list = [...targets];
  const names = new Map(list.flatMap(target => mayHit(target).map(({ref}) => [ref.object, ref.name] as const)));
  const withName = (one: FacetDifference) => ({...one, name: names.get(one.target) ?? one.target});
  const never = new AbortController().signal;
  context.record.event({type: 'phase.entered', phase: 'leak-check', lastsMs: null});
  const deadline = clock.mono() + PATIENCE_MS * 1000;
  try {
    for (;;) {
      const differences = compareFacets(before, await readFacets(list, never), context.recorded);
      if (differences.touched.length === 0 || clock.mono() >= deadline) {
        const {touched, collateral, left} = differences;
        context.record.event({
          type: 'leaks.checked',
          touched: touched.map(withName),
          collateral: collateral.map(withName),
          left: left.map(withName),
        });
        return;
      }
      await clock.sleep(LOOK_EVERY_MS);
    }
  } catch (error) {
    context.record.event({
      type: 'noted',
      level: 'warning',
      text: `The leak check could not be made: ${describeError(error)}`,
    });
  }
}
