import type {Json, JsonObject} from '../quantities/json.js';
import {eventsOf, field, type Facts} from './facts.js';
import {injectedOf} from './intervals.js';
import type {OccurrenceFacts} from './occurrences.js';

/** A target and how it was set up before anything was injected. */
export interface SetUp {
  readonly object: string;
  readonly name: string;
  /** The injections that were in force on it. */
  readonly hitBy: readonly OccurrenceFacts[];
  /** A facet as its driver read it before the injection; undefined where it reads none of that name. */
  readonly facet: (name: string) => Json | undefined;
}

/** Every target on which something was in force, with its settings before. Those of earlier records have fewer. */
export function setUpsOf(facts: Facts): readonly SetUp[] {
  const facets: Readonly<Record<string, JsonObject>> =
    eventsOf(facts.evidence.events, 'targets.resolved').at(-1)?.facets ?? {};
  const injected = injectedOf(facts);
  const hit = new Map(injected.flatMap(({planned}) => planned.targets).map(ref => [ref.object, ref.name]));
  return [...hit].map(([object, name]) => ({
    object,
    name,
    hitBy: injected.filter(({planned}) => planned.targets.some(ref => ref.object === object)),
    facet: wanted => field(facets[object] ?? null, wanted),
  }));
}
