import type {JsonObject} from '../quantities/json.js';

/** What values are made of, where they are made of counts: bad among all events, or the quantile of a histogram. */
export type CountedAs = {readonly as: 'ratio'} | {readonly as: 'quantile'; readonly quantile: number};

/** A part of a query that looks further back than the query is asked: its answers are a moving average. */
export interface Smoothing {
  /** As it is written: `5m`. */
  readonly over: string;
  /** Where it stands, for people. */
  readonly where: string;
  /** What to write instead. */
  readonly instead: string;
}

/**
 * What a probe's numbers are beside numbers, by its normalised parameters. `parameters.ts` of a probe exports it where
 * any of this holds; verdict and plan go by it and know no probe by name.
 */
export interface ProbeTraits {
  /** Its `from` names one of the file's `sources`, which must have this address: somebody else takes the samples. */
  readonly asks?: 'prometheus' | 'alertmanager';
  /** Its `of` names one of the file's `logs`, which are followed while a run measures and at no other time. */
  readonly reads?: 'logs';
  /** Its value is a difference from the read before: a check, which opens it and reads once, cannot have it. */
  isDifference?(parameters: JsonObject): boolean;
  /** It can tell what was measured before the run. */
  readonly hasPast?: true;
  /** Its samples carry what was counted; undefined where nothing was. */
  countedAs?(parameters: JsonObject): CountedAs | undefined;
  /** Its value is traffic itself, as events per second. */
  isTraffic?(parameters: JsonObject): boolean;
  /** What makes a moving average of it when it is asked so often; empty where nothing does. */
  smoothing?(parameters: JsonObject, everyMs: number): readonly Smoothing[];
}
