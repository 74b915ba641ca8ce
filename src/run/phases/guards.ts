import type {Experiment} from '../../experiment/experiment.js';
import {guardWords, judgeGuard} from '../../verdict/judgement/guard.js';
import {alertName} from '../../signals/alerts/spec.js';
import {pause} from '../stop-switch.js';
import type {AlertWatch} from './alerts.js';
import type {Measurement} from './measure.js';
import type {RunContext} from '../context.js';

const LOOK_EVERY_MS = 250;

/** Watches the guards until the signal ends it; one that trips, or sees nothing, stops the run. */
export async function watchGuards(
  context: RunContext,
  experiment: Experiment,
  {measurement, alerts}: {readonly measurement: Measurement; readonly alerts: Pick<AlertWatch, 'tripped'>},
  signal: AbortSignal,
): Promise<void> {
  const {clock} = context.ports;
  const guards = experiment.guards.flatMap((guard, place) => {
    const metric = experiment.steadyState.find(candidate => candidate.name === guard.metric);
    return metric === undefined ? [] : [{guard, metric, place}];
  });
  if (guards.length === 0 && experiment.alertGuards === undefined) return;
  while (await pause(clock, LOOK_EVERY_MS, signal)) {
    const tripped = alerts.tripped(clock.mono());
    if (tripped !== undefined) {
      stopBy(context, tripped);
      return;
    }
    for (const {guard, metric, place} of guards) {
      const answer = judgeGuard(guard, metric, measurement.data, clock.mono());
      if (answer === 'ok') continue;
      const detail =
        answer === 'blind'
          ? `guard on ${guard.metric}: no fresh value, so it cannot protect anything`
          : `guard on ${guard.metric}: ${guardWords(guard, metric.unit)}`;
      context.record.event({
        type: 'decided',
        what: 'guard',
        answer: answer === 'blind' ? 'unknown' : 'yes',
        basis: {guard: place, metric: guard.metric, detail},
      });
      context.stop.pull({kind: 'guard', detail});
      return;
    }
  }
}

/** A guard on an alert: it fires, or nothing is known of it any more. */
function stopBy(
  {record, stop}: RunContext,
  {guard, answer, why}: NonNullable<ReturnType<AlertWatch['tripped']>>,
): void {
  const alert = alertName(guard);
  const detail = `guard on alert ${alert}: ${why}`;
  record.event({
    type: 'decided',
    what: 'guard',
    answer: answer === 'blind' ? 'unknown' : 'yes',
    basis: {alert, from: guard.from, detail},
  });
  stop.pull({kind: 'guard', detail});
}
