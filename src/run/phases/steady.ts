import type {Experiment} from '../../experiment/experiment.js';
import type {Span} from '../../verdict/judgement/data.js';
import {judgeWindow} from '../../verdict/judgement/window.js';
import {pause} from '../stop-switch.js';
import type {Measurement} from './measure.js';
import type {House} from './house.js';

/** Beyond a load's time-out, for the generator to close its last second. */
const GRACE_MS = 2_000;
const LOOK_EVERY_MS = 100;

/** Lets the system warm up under load; nothing is judged. */
export async function warmUp(house: House, experiment: Experiment): Promise<void> {
  if (house.stop.why() !== undefined) return;
  const ms = experiment.windows.warmupMs;
  house.record.event({type: 'phase.entered', phase: 'warmup', lastsMs: ms});
  await pause(house.ports.clock, ms, house.stop.signal);
}

/**
 * Measures the baseline and decides whether the system is steady enough to be experimented on: every judged metric must be
 * inside its tolerance. If not, pulls the switch: nothing is injected.
 */
export async function takeBaseline(house: House, experiment: Experiment, measurement: Measurement): Promise<void> {
  if (house.stop.why() !== undefined) return;
  const {clock} = house.ports;
  const ms = experiment.windows.baselineMs;
  const fromUs = clock.mono();
  house.record.event({type: 'phase.entered', phase: 'baseline', lastsMs: ms});
  if (!(await pause(clock, ms, house.stop.signal))) return;
  const window: Span = {fromUs, toUs: clock.mono()};
  if (!(await awaitLoads(house, experiment, measurement, window.toUs))) return;
  const judged = experiment.steadyState.filter(metric => metric.judge.length > 0);
  const answers = judged.map(metric => ({metric: metric.name, ...judgeWindow(metric, measurement.data, window)}));
  const bad = answers.find(answer => answer.verdict !== 'held' && answer.verdict !== null);
  house.record.event({
    type: 'decided',
    what: 'steady',
    answer: bad === undefined ? 'yes' : bad.verdict === 'deviated' ? 'no' : 'unknown',
    basis: answers.map(({metric, value, verdict, why}) => ({metric, value, verdict, why})),
  });
  if (bad !== undefined) house.stop.pull({kind: 'not-steady', detail: `${bad.metric} in the baseline: ${bad.why}`});
}

/**
 * A load second is on record only once all its requests have an outcome, and what Prometheus scrapes comes late: waits until all have told
 * everything before this moment, at most until the slowest requests have timed out and the probes' patience is over. False when the run was stopped meanwhile.
 */
async function awaitLoads(
  house: House,
  experiment: Experiment,
  measurement: Measurement,
  toUs: number,
): Promise<boolean> {
  const {clock} = house.ports;
  const loads = Object.values(experiment.load);
  const slowestMs = () => Math.max(measurement.latenessMs, ...loads.map(load => load.timeoutMs)) + GRACE_MS;
  const told = (name: string) => measurement.data.loads.some(second => second.load === name && second.at + 1e6 >= toUs);
  const toldAll = () => loads.every(load => told(load.name)) && measurement.hasTold(toUs);
  while (!toldAll() && clock.mono() < toUs + slowestMs() * 1000) {
    if (!(await pause(clock, LOOK_EVERY_MS, house.stop.signal))) return false;
  }
  return house.stop.why() === undefined;
}
