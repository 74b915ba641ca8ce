import {basename} from 'node:path';
import type {MetricInterval, MetricResult, Result, Verdict} from '../../../src/verdict/result.js';
import {firedrill, JUDGED, NOT_BEGUN, runFolders} from './series.js';

/** What one run says of one metric while the fault was in force. */
export interface MetricOutcome {
  readonly name: string;
  readonly by: number;
  readonly verdict: Verdict | null;
  /** The estimated change, in the terms of `by`; null when none could be given. */
  readonly change: number | null;
}

/** What became of one run. `not begun`: the gate stopped it before the fault, because the baseline would not have allowed an answer. */
export interface Outcome {
  readonly run: string;
  readonly verdict: Verdict | 'not begun';
  readonly headline: string;
  /** Longer than planned where `--go-on` found it too short. */
  readonly baselineSeconds: number;
  readonly metrics: readonly MetricOutcome[];
}

function metricOutcome({name, deviation, intervals}: MetricResult): MetricOutcome {
  const on: MetricInterval | undefined = intervals.find(({kind}) => kind === 'on');
  const change = on?.deviation?.change?.estimate ?? on?.change?.estimate ?? null;
  // What the gate did not wait for has no verdict of its own; its comparison has.
  return {name, by: deviation?.by ?? 0, verdict: on?.verdict ?? on?.deviation?.verdict ?? null, change};
}

/** @throws Error of a run that ended in a way that says nothing about the judgement. */
export function outcomeOf(result: Result): Outcome {
  const {run, headline, exit, intervals} = result;
  const baseline = intervals.filter(({kind}) => kind === 'baseline');
  const about = {run, headline, baselineSeconds: baseline.reduce((sum, {from, to}) => sum + to - from, 0)};
  if (result.verdict !== null && JUDGED.has(exit)) {
    return {...about, verdict: result.verdict, metrics: result.metrics.map(metricOutcome)};
  }
  if (NOT_BEGUN.has(exit)) return {...about, verdict: 'not begun', metrics: []};
  throw new Error(`${run} ended with ${exit}: ${headline}`);
}

/** Judges the records of a series with the code of today, whoever judged them before. */
export async function judgeSeries(folder: string): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const record of runFolders(folder)) {
    const {code, stdout, stderr} = await firedrill(['report', record, '--format', 'json', '--stdout']);
    if (code !== 0) throw new Error(`${basename(record)} cannot be judged (${code}): ${stderr}`);
    outcomes.push(outcomeOf(JSON.parse(stdout) as Result));
  }
  return outcomes;
}
