import type {Event} from '../../record/events.js';
import type {Peer} from '../../targets/surroundings.js';
import {eventsOf, type Facts} from '../facts.js';
import {injectedOf} from '../intervals.js';
import type {OccurrenceFacts} from '../occurrences.js';
import {moved, quantity} from '../phrase.js';
import {formatShare} from '../../quantities/share.js';
import type {DependenciesResult, MetricInterval, MetricResult, ProvenDependency, SeenDependency} from '../result.js';

type Look = 'before' | 'during' | 'after';
type SeenEvent = Extract<Event, {type: 'surroundings.seen'}>;

/** From this share of failed attempts on a metric cannot do without what was faulted. */
const HARD = 0.5;

function counted(looks: readonly SeenEvent[], target: string, peer: Peer): Record<Look, number | null> {
  const at = (when: Look): number | null => {
    const seen = looks
      .filter(look => look.when === when)
      .flatMap(({targets}) => targets)
      .find(({name}) => name === target);
    if (seen === undefined || (seen.why !== undefined && seen.peers.length === 0)) return null;
    const same = seen.peers.find(({name, way, port}) => name === peer.name && way === peer.way && port === peer.port);
    return same?.connections ?? 0;
  };
  return {before: at('before'), during: at('during'), after: at('after')};
}

/** Each connection once, whoever of its two ends it was seen from. */
function seenOf(looks: readonly SeenEvent[]): readonly SeenDependency[] {
  const all = new Map<string, SeenDependency>();
  for (const {name, peers} of looks.flatMap(({targets}) => targets))
    for (const peer of peers) {
      const {way, port, kind} = peer;
      const [from, to] = way === 'to' ? [name, peer.name] : [peer.name, name];
      const key = JSON.stringify([from, to, port]);
      if (!all.has(key)) all.set(key, {from, to, port, peer: kind, way, ...counted(looks, name, peer)});
    }
  return [...all.values()];
}

function unknownOf(looks: readonly SeenEvent[]): readonly string[] {
  const before = looks.filter(({when}) => when === 'before');
  return before
    .flatMap(({targets}) => targets)
    .flatMap(({name, why}) => (why === undefined ? [] : [`${name}: ${why}`]));
}

/** Which share of the attempts failed, as far as the metric tells; undefined where it does not count attempts. */
function failedShare({availability, value}: MetricInterval, {unit, worse}: MetricResult): number | undefined {
  if (availability !== undefined && availability.during.attempts > 0)
    return availability.during.failed / availability.during.attempts;
  if (unit !== 'ratio' || value === null) return undefined;
  return worse === 'higher' ? value : worse === 'lower' ? 1 - value : undefined;
}

const ORDER = ['hard', 'degrading', 'open', 'soft'] as const;

function kindOf(interval: MetricInterval, metric: MetricResult): ProvenDependency['kind'] {
  if (interval.verdict === 'held') return 'soft';
  if (interval.verdict !== 'deviated') return 'open';
  return (failedShare(interval, metric) ?? 0) >= HARD ? 'hard' : 'degrading';
}

function whyOf(interval: MetricInterval, metric: MetricResult): string {
  const failed = failedShare(interval, metric);
  const before = metric.intervals.find(({kind}) => kind === 'baseline')?.value ?? null;
  const {value, availability, deviation} = interval;
  if (availability !== undefined && failed !== undefined)
    return `${formatShare(failed)} of ${metric.source === 'load' ? 'its requests' : 'the attempts to measure it'} failed`;
  if (deviation?.decides === true) return deviation.text;
  if (value === null) return interval.why;
  const limit = kindOf(interval, metric) === 'open' ? `; ${interval.why}` : '';
  return `it ${before === null ? `was ${quantity(value, metric.unit)}` : moved(before, value, metric.unit)}${limit}`;
}

function provenBy(occurrence: OccurrenceFacts, metric: MetricResult): readonly ProvenDependency[] {
  const {planned} = occurrence;
  const on = metric.intervals.filter(one => one.kind === 'on' && one.occurrence === planned.id && one.verdict !== null);
  const rank = (interval: MetricInterval) => ORDER.indexOf(kindOf(interval, metric));
  const [telling] = [...on].sort((a, b) => rank(a) - rank(b));
  if (telling === undefined) return [];
  return [
    {
      metric: metric.name,
      on: [...new Set(planned.targets.map(({name}) => name))],
      occurrence: planned.id,
      kind: kindOf(telling, metric),
      from: telling.from,
      to: telling.to,
      why: whyOf(telling, metric),
    },
  ];
}

/**
 * What the targets are connected with, and what this run proved: a metric needs what was faulted (`hard`, at least half
 * of the attempts failed), gets worse without it (`degrading`), or does without it (`soft`, proven to have held); or it
 * is not known (`open`). Undefined where nothing was seen and nothing injected.
 */
export function dependenciesOf(facts: Facts, metrics: readonly MetricResult[]): DependenciesResult | undefined {
  const looks = eventsOf(facts.evidence.events, 'surroundings.seen');
  const proven = injectedOf(facts)
    .filter(({planned}) => planned.targets.length > 0)
    .flatMap(occurrence => metrics.flatMap(metric => provenBy(occurrence, metric)));
  const seen = seenOf(looks);
  if (seen.length === 0 && proven.length === 0) return undefined;
  return {seen, unknown: unknownOf(looks), proven};
}
