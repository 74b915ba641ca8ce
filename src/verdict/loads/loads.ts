import {describeRequest} from '../../signals/load/request-text.js';
import {requestsOf, type LoadSpec} from '../../signals/load/spec.js';
import type {Facts} from '../facts.js';
import {baselineOf, recoveryOf} from '../intervals.js';
import {wholeSecondsIn, type Span} from '../judgement/data.js';
import {generatorFigures, generatorLimited} from '../judgement/generator.js';
import type {LoadResult} from '../result.js';

/** What a load sends, in one line. */
export function describeRequests(load: LoadSpec): string {
  return [...new Set(requestsOf(load).map(describeRequest))].join(', ');
}

/** What a load sends, and how often, in one line. */
export function describeLoad(load: LoadSpec): string {
  return `${describeRequests(load)} at ${describePace(load)}`;
}

function describePace({rate, scenarios, stages = [], arrivals}: LoadSpec): string {
  const rates = [rate, ...stages.flatMap(({fromRate, toRate}) => [fromRate, toRate])];
  const [least, most] = [Math.min(...rates), Math.max(...rates)];
  const range = least === most ? `${least}/s` : `${least} to ${most}/s`;
  const starts = scenarios === undefined ? range : `${range} starts of a scenario`;
  return arrivals === 'poisson' ? `${starts} at random moments` : starts;
}

/** The intervals whose figures are judged, by the name that reports give them. */
function judgedSpans(facts: Facts): readonly (readonly [name: string, span: Span])[] {
  const named = (name: string, span: Span | undefined) => (span === undefined ? [] : [[name, span] as const]);
  return [
    ...named('baseline', baselineOf(facts)),
    ...facts.occurrences.flatMap(({planned, segments}) => segments.flatMap(span => named(planned.id, span))),
    ...named('recovery', recoveryOf(facts)),
  ];
}

const ms = (us: number | null) => (us === null ? null : Number((us / 1000).toPrecision(3)));
const digits = (value: number) => Number(value.toFixed(2));

/**
 * What the generator of each load did, over all that is on record of it, and where it, not the target, decided what was
 * seen.
 */
export function loadResults(facts: Facts): readonly LoadResult[] {
  const {evidence, experiment} = facts;
  return Object.values(experiment.load).map(({name}) => {
    const seconds = evidence.loads.filter(({load}) => load === name);
    const {intended, sent, achievedPerSecond, lagP50Us, lagP99Us, dispersion} = generatorFigures(seconds);
    return {
      load: name,
      intended,
      sent,
      unsent: intended - sent,
      askedPerSecond: digits(seconds.length === 0 ? 0 : intended / seconds.length),
      achievedPerSecond: digits(achievedPerSecond),
      lag: {p50: ms(lagP50Us), p99: ms(lagP99Us)},
      dispersion: dispersion === null ? null : {sent: digits(dispersion.sent), planned: digits(dispersion.planned)},
      limited: judgedSpans(facts).flatMap(([interval, span]) => {
        const limit = generatorLimited(wholeSecondsIn(name, evidence.loads, span));
        return limit === undefined ? [] : [{interval, why: limit.why}];
      }),
    };
  });
}
