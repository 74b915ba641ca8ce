import type {Experiment} from '../../src/experiment/experiment.js';
import {seededRandom} from '../../src/quantities/random.js';
import type {Evidence, Series} from '../../src/record/evidence.js';
import type {LoadSecond} from '../../src/signals/contract.js';
import {debt, done, experiment, instant, occurrence, proof, RecordScript, settled, target} from './records.js';
import {second, series} from './signals.js';

/**
 * Records whose times are known: a baseline from 5 to 125 s, T0 at 125.2 s, undone at 155.4 s, watched until the end.
 */
export const BASELINE_FROM = 5;
export const T0 = 125.2;
export const UNDONE = 155.4;

/** Uniform noise of −1 to 1, always the same for a seed. */
export function noise(seed: number): () => number {
  const random = seededRandom(seed);
  return () => 2 * random() - 1;
}

/** The events of a run with one fault of 30 s that is watched until `to`. */
export function timedScript(file: Experiment = experiment(), to = 300): RecordScript {
  const plan = occurrence({forMs: 30_000});
  return new RecordScript()
    .at(0, {
      type: 'run.started',
      run: debt().run,
      experiment: file,
      occurrences: [plan],
      seed: 42,
      tool: 'firedrill 0.1.0',
      command: 'firedrill run freeze.yaml --yes',
      file: {path: 'freeze.yaml', sha256: 'a'.repeat(64)},
      host: 'laptop',
    })
    .at(0, {type: 'phase.entered', phase: 'prepare', lastsMs: null})
    .at(0.1, {type: 'targets.resolved', hit: [target()], facets: {}})
    .at(0.2, {type: 'series.opened', id: 1, metric: 'queue depth', unit: 'count'})
    .at(BASELINE_FROM, {type: 'phase.entered', phase: 'baseline', lastsMs: 120_000})
    .at(125, {type: 'decided', what: 'steady', answer: 'yes', basis: []})
    .at(125, {type: 'phase.entered', phase: 'fault', lastsMs: 30_000})
    .at(125, {type: 'debts.owed', occurrence: plan.id, debts: [debt()]})
    .at(125.05, {type: 'change.requested', occurrence: plan.id})
    .at(T0, {type: 'change.confirmed', occurrence: plan.id, proofs: [proof(125.15)]})
    .at(155.1, {type: 'proof.changed', occurrence: plan.id, proofs: [proof(155.1)]})
    .at(155.2, {type: 'hold.ended', occurrence: plan.id, why: 'its time is over'})
    .at(155.2, {type: 'undo.requested', occurrence: plan.id, why: done})
    .at(UNDONE, {type: 'debts.settled', occurrence: plan.id, settled: [settled()]})
    .at(155.5, {type: 'phase.entered', phase: 'recovery', lastsMs: (to - 155) * 1000})
    .at(to - 1, {
      type: 'decided',
      what: 'recovered',
      answer: 'yes',
      basis: {sinceUs: [instant(UNDONE).mono, instant(UNDONE + 1).mono]},
    })
    .at(to - 1, {type: 'phase.entered', phase: 'leak-check', lastsMs: null})
    .at(to - 0.5, {type: 'leaks.checked', touched: [], collateral: []})
    .at(to, {type: 'run.ended', why: done});
}

/** A gauge of about 100 (± 5 %) once a second from 0 to `to`; `times` says by what it is multiplied at a second. */
export function gauge(times: (at: number) => number, to = 300, seed = 7): Series {
  const next = noise(seed);
  return series(Array.from({length: to}, (_, at) => 100 * times(at) * (1 + 0.05 * next())));
}

/**
 * 50 requests a second from 0 to `to`; `failing` says how many of them fail at a second, or how many are not even sent.
 */
export function requests(
  failing: (at: number) => {readonly failed?: number; readonly unsent?: number},
  to = 300,
): readonly LoadSecond[] {
  return Array.from({length: to}, (_, at) => {
    const {failed = 0, unsent = 0} = failing(at);
    return second(at, {ok: 50 - failed - unsent, failed, unsent});
  });
}

export const timed = (
  of: {file?: Experiment; series?: readonly Series[]; loads?: readonly LoadSecond[]; to?: number} = {},
): Evidence => timedScript(of.file, of.to).evidence(of.series ?? [], of.loads ?? []);
