import {countsPerBin, quantileOfCounts} from '../../../quantities/prometheus/classic-histogram.js';
import type {BinGrid} from '../../../quantities/prometheus/counter.js';
import {growthPerBin, valuesPerBin} from '../../../quantities/prometheus/growth.js';
import type {Life} from '../../../quantities/prometheus/life.js';
import {badOfTotal} from '../../../quantities/prometheus/ratio.js';
import {labelsText} from '../../../quantities/prometheus/series.js';
import type {Reading} from '../../contract.js';
import {noValue, type NoValue} from '../../missing.js';
import {boundScale, type Parameters} from './parameters.js';

/** The value of one bin, without its time and subject. */
export type BinValue = Reading;

export interface BinContext {
  readonly grid: BinGrid;
  readonly gapMs: number;
  /** A counter of the first selector that is not there has counted nothing. */
  readonly absentIsZero: boolean;
}

/** What the raw samples are made into. */
export interface QueryForm {
  /** One or two; `values` gets the series of each. */
  readonly selectors: readonly string[];
  readonly kind: 'counter' | 'gauge';
  /** One value per bin of the grid. */
  values(lives: readonly (readonly Life[])[], context: BinContext): readonly BinValue[];
}

const NO_TRAFFIC = noValue('traffic', 'no traffic: nothing was counted');

/** Fractions come from spreading growth over bins; what is beyond a millionth is noise of the calculation. */
const tidy = (value: number) => Math.round(value * 1e6) / 1e6;

/** Why a bin has no value. */
function missingOf(selector: string, lives: readonly Life[]): NoValue {
  if (lives.length === 0) return noValue('silent', `there is no series of \`${selector}\``);
  const unseen = lives.find(({state}) => state === 'unseen');
  if (unseen !== undefined)
    return noValue(unseen.down === true ? 'unscraped' : 'silent', `${labelsText(unseen.labels)} cannot be scraped`);
  return noValue('silent', `too few scrapes of \`${selector}\` in this time`);
}

function rateOf(selector: string): QueryForm {
  return {
    selectors: [selector],
    kind: 'counter',
    values: ([lives = []], {grid, gapMs}) =>
      growthPerBin(lives, grid, gapMs).map(by =>
        by === null ? missingOf(selector, lives) : {value: tidy((by * 1000) / grid.binMs)},
      ),
  };
}

function gaugeOf(selector: string): QueryForm {
  return {
    selectors: [selector],
    kind: 'gauge',
    values: ([lives = []], {grid}) =>
      valuesPerBin(lives, grid).map(value => {
        if (value === null) return missingOf(selector, lives);
        if (value !== 'several') return {value};
        const examples = lives.slice(0, 2).map(({labels}) => labelsText(labels));
        const why = `expected one series; got ${lives.length} (${examples.join(', ')}…): name the label that tells them apart as \`subject\`, or aggregate them in a \`query\``;
        return noValue('question', why);
      }),
  };
}

function ratioOf(bad: string, total: string): QueryForm {
  return {
    selectors: [bad, total],
    kind: 'counter',
    values: ([badOnes = [], all = []], {grid, gapMs, absentIsZero}) => {
      const totals = growthPerBin(all, grid, gapMs);
      const known = growthPerBin(badOnes, grid, gapMs);
      const unseen = badOnes.some(({state}) => state === 'unseen');
      const zero = absentIsZero && !unseen ? 0 : null;
      const bads = known.map((by, bin) => by ?? (isAlive(badOnes, grid, bin) ? null : zero));
      return badOfTotal(bads, totals).map((counts, bin) => {
        if (counts === null) {
          const [selector, lives] = (totals[bin] ?? null) === null ? [total, all] : [bad, badOnes];
          return missingOf(selector, lives);
        }
        const counted = {bad: tidy(counts.bad), total: tidy(counts.total)};
        return counted.total > 0 ? {value: counted.bad / counted.total, counted} : {...NO_TRAFFIC, counted};
      });
    },
  };
}

/** Whether a series has samples on both sides of the middle of a bin. */
function isAlive(lives: readonly Life[], {fromMs, binMs}: BinGrid, bin: number): boolean {
  const middleMs = fromMs + (bin + 0.5) * binMs;
  return lives.some(
    ({samples}) => (samples[0]?.atMs ?? Infinity) <= middleMs && (samples.at(-1)?.atMs ?? 0) >= middleMs,
  );
}

function quantileOf(buckets: string, quantile: number): QueryForm {
  const scale = boundScale(buckets);
  return {
    selectors: [buckets],
    kind: 'counter',
    values: ([lives = []], {grid, gapMs}) =>
      countsPerBin(lives, grid, gapMs).map(counts => {
        if (counts === null) return missingOf(buckets, lives);
        const bounds = counts.bounds.map(bound => tidy(bound * scale));
        const value = quantileOfCounts({...counts, bounds}, quantile);
        const counted = {bounds: bounds.slice(0, -1), counts: counts.counts.map(tidy)};
        if (value !== null) return {value, counted};
        const none = bounds.length < 2 ? noValue('question', `\`${buckets}\` has no bound but \`+Inf\``) : NO_TRAFFIC;
        return {...none, counted};
      }),
  };
}

/** The form that the parameters ask for; undefined for a `query`. */
export function formOf({rate, value, bad, total, buckets, quantile}: Parameters): QueryForm | undefined {
  if (rate !== undefined) return rateOf(rate);
  if (value !== undefined) return gaugeOf(value);
  if (bad !== undefined && total !== undefined) return ratioOf(bad, total);
  return buckets === undefined || quantile === undefined ? undefined : quantileOf(buckets, quantile);
}
