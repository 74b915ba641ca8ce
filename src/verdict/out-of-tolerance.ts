import {appliesIn} from '../experiment/deciding.js';
import type {MetricSpec} from '../experiment/experiment.js';
import type {Facts} from './facts.js';
import {injectedOf, recoveryOf} from './intervals.js';
import {loadOf, samplesIn, seriesOf, wholeSecondsIn, type Span} from './judgement/data.js';
import {SECOND_US} from '../quantities/duration.js';
import {numberOf} from '../statistics/series/bins.js';
import {loadValue} from './judgement/load-window.js';
import {outsideValues} from './judgement/outside.js';
import {isWithin} from './judgement/tolerance.js';

/**
 * When a metric was out of its tolerance in a span: from the first moment to the last one, and for how long in all
 * (µs).
 */
export interface OutOfTolerance {
  readonly metric: string;
  readonly firstUs: number | null;
  readonly lastUs: number | null;
  readonly totalUs: number;
  /** The value that was furthest outside, in the metric's unit; null where none was. */
  readonly worst: number | null;
}

/** A value of a metric, and the time that it stands for. */
interface SpanValue {
  readonly fromUs: number;
  readonly toUs: number;
  readonly value: number;
}

function spent(metric: MetricSpec, looks: readonly SpanValue[], eachUs: number): OutOfTolerance {
  const bounds = metric.tolerance ?? {};
  const outside = looks.filter(({value}) => !isWithin(value, bounds));
  return {
    metric: metric.name,
    firstUs: outside[0]?.fromUs ?? null,
    lastUs: outside.at(-1)?.toUs ?? null,
    totalUs: outside.length * eachUs,
    worst:
      outsideValues(
        outside.map(({value}) => value),
        bounds,
      )?.worst ?? null,
  };
}

/** From the first request of an injection until nothing was watched any more, as far as the tolerance applies then. */
export function timesDue(metric: MetricSpec, facts: Facts): readonly Span[] {
  const injected = injectedOf(facts);
  const recovery = recoveryOf(facts);
  const [inFault, inRecovery] = [appliesIn(metric, 'fault'), appliesIn(metric, 'recovery')];
  if (!inFault) return inRecovery && recovery !== undefined ? [recovery] : [];
  const starts = injected.map(({requestedUs, confirmedUs}) => requestedUs ?? confirmedUs ?? Infinity);
  if (inRecovery) return [{fromUs: Math.min(...starts), toUs: recovery?.toUs ?? facts.endUs}];
  const held = injected.flatMap(({segments}) => segments).sort((a, b) => a.fromUs - b.fromUs);
  // Of two injections that meet, each time counts once.
  return held.flatMap((span, i) => {
    const fromUs = Math.max(span.fromUs, ...held.slice(0, i).map(({toUs}) => toUs));
    return fromUs < span.toUs ? [{fromUs, toUs: span.toUs}] : [];
  });
}

/** Those of the looks at which the metric had to keep to its tolerance. */
function due(metric: MetricSpec, facts: Facts, looks: readonly SpanValue[]): readonly SpanValue[] {
  if (metric.tolerance?.during === undefined) return looks;
  const spans = timesDue(metric, facts);
  return looks.filter(look => spans.some(({fromUs, toUs}) => look.fromUs >= fromUs && look.toUs <= toUs));
}

function secondLooks(metric: MetricSpec, {evidence}: Facts, {fromUs, toUs}: Span): readonly SpanValue[] {
  // The second in which the span begins belongs to it.
  return wholeSecondsIn(loadOf(metric), evidence.loads, {fromUs: fromUs - SECOND_US, toUs}).flatMap(second => {
    const value = loadValue(metric, [second]);
    return value === null ? [] : [{fromUs: Math.max(fromUs, second.at), toUs: second.at + SECOND_US, value}];
  });
}

/** Counts a load's seconds, and for samples one period each (the worst subject where there are several). */
export function outOfTolerance(metric: MetricSpec, facts: Facts, span: Span): OutOfTolerance {
  if (metric.tolerance === undefined || metric.source === 'load')
    return spent(
      metric,
      metric.tolerance === undefined ? [] : due(metric, facts, secondLooks(metric, facts, span)),
      SECOND_US,
    );
  const perSubject = seriesOf(metric, facts.evidence).map(series => {
    const looks = samplesIn(series, span).flatMap(sample => {
      const value = numberOf(sample);
      return value === null ? [] : [{fromUs: sample.t, toUs: sample.t, value}];
    });
    return spent(metric, due(metric, facts, looks), metric.everyMs * 1000);
  });
  return perSubject.reduce((worst, next) => (next.totalUs > worst.totalUs ? next : worst), spent(metric, [], 0));
}
