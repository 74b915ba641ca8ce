import {formatDuration} from '../quantities/duration.js';
import type {Json} from '../quantities/json.js';
import {formatQuantity} from '../quantities/format.js';
import {formatShare} from '../quantities/share.js';
import type {Demotion} from '../record/events.js';
import type {MetricGate} from './judgement/gate.js';
import {list} from './phrase.js';

/** Two digits are all that an estimate of what could be seen is worth. */
function share(value: number): string {
  return formatShare(Number(value.toPrecision(2)));
}

/** Relative changes beyond this are no figures any more: the noise hides everything. */
const BEYOND_FIGURES = 10;

function sized(value: number, {of, unit = 'number'}: Pick<MetricGate, 'of' | 'unit'>): string {
  if (of === 'unit') return formatQuantity(Number(value.toPrecision(2)), unit);
  if (of === 'relative' && value > BEYOND_FIGURES) return `more than ${share(BEYOND_FIGURES)}`;
  return of === 'share' ? `${share(value)} of the requests` : share(value);
}

function nameOf({metric, subject}: MetricGate): string {
  return subject === undefined ? metric : `${metric} of ${subject}`;
}

/** Up to the next whole second: what people write into a file. */
function needed(ms: number): string {
  return formatDuration(Math.ceil(ms / 1000) * 1000);
}

/** The gates on record in the basis of `decided steady`; none in the records of earlier versions. */
export function gatesIn(basis: Json): readonly MetricGate[] {
  if (!Array.isArray(basis)) return [];
  return basis.flatMap((entry: Json) => {
    if (entry === null || typeof entry !== 'object' || !('gates' in entry)) return [];
    // Written by this program: as gateOf made them.
    return entry.gates as unknown as readonly MetricGate[];
  });
}

/**
 * `changes from 6% in checkout latency and 0.8% of the requests in checkout errors`: what the run could see; undefined
 * when nothing is known.
 */
export function seenWords(gates: readonly MetricGate[]): string | undefined {
  const seen = gates.flatMap(gate => (gate.detectable === null ? [] : [{...gate, detectable: gate.detectable}]));
  if (seen.length === 0) return undefined;
  // Of the subjects of a metric the one of which least can be seen.
  const coarsest = new Map<string, (typeof seen)[number]>();
  for (const gate of seen) {
    const known = coarsest.get(gate.metric);
    if (known === undefined || gate.detectable > known.detectable) coarsest.set(gate.metric, gate);
  }
  const all = [...coarsest.values()];
  // What never varies shows every change.
  const any = all.filter(({detectable}) => detectable === 0).map(nameOf);
  const from = all
    .filter(({detectable}) => detectable > 0)
    .map(gate => `${sized(gate.detectable, gate)} in ${nameOf(gate)}`);
  return [
    ...(from.length === 0 ? [] : [`changes from ${list(from)}`]),
    ...(any.length === 0 ? [] : [`any change in ${list(any)}`]),
  ].join('; ');
}

/** A trend of the baseline that would pass for an effect; undefined where there is none. */
export function driftWarning(gate: MetricGate): string | undefined {
  if (!gate.driftWarns || gate.drift === null) return undefined;
  return `${nameOf(gate)} has a trend: if it goes on, it moves by ${sized(Math.abs(gate.drift), gate)} until the fault, and ${sized(gate.allowed, gate)} are allowed`;
}

/** That a metric does not keep the verdict of a run open, and why. */
export function demotionWarning({metric, why}: Demotion): string {
  return `${metric} will hardly be decided, so the verdict does not wait for it; proven to be worse it still counts: ${why}`;
}

/** Why an experiment is not begun because of this metric: a clause with the figure, and what would do. */
export function gateProblem(gate: MetricGate): string {
  const name = nameOf(gate);
  switch (gate.state) {
    case 'steady':
      return `${name} is steady`;
    case 'unmeasured':
      return `${name} in the baseline: ${gate.why ?? (gate.bins === 0 ? 'nothing was measured' : 'too many of its values are missing')}`;
    case 'not-steady':
      return `${name} is not steady: the second half of the baseline differs from the first by ${sized(Math.abs(gate.change ?? 0), gate)}, allowed ${sized(gate.allowed, gate)}`;
    case 'too-short':
      return `${name} was measured too few times to know how it varies by itself (${gate.bins} values of ${formatDuration(gate.binMs)})${wouldDo(gate, 'a baseline of', gate.noiseNeedsMs)}`;
    case 'underpowered': {
      const least =
        gate.detectable === null ? 'see no change at all' : `only see a change of ${sized(gate.detectable, gate)}`;
      return `this run could ${least} in ${name}, the critical change is ${sized(gate.critical, gate)}${wouldDo(gate, gate.blocks === true ? 'a fault that is on for' : 'a baseline and faults of', gate.criticalNeedsMs)}`;
    }
  }
}

function wouldDo({trend}: MetricGate, what: string, ms: number | null): string {
  if (ms !== null) return `; ${what} ${needed(ms)} would do`;
  return trend === true
    ? '; it has a trend, which a longer time would not end: let it settle first, with a longer warm-up'
    : '; longer windows would hardly do: a steadier load or a larger `critical` change would';
}
