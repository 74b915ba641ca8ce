import {expect} from 'chai';
import type {MetricSpec} from '../../../../src/experiment/experiment.js';
import type {RunContext} from '../../../../src/run/context.js';
import type {Measurement} from '../../../../src/run/phases/measure.js';
import {scoreOf} from '../../../../src/run/phases/score.js';
import type {Plan} from '../../../../src/plan/plan.js';
import {seededRandom} from '../../../../src/quantities/random.js';
import {factsOf} from '../../../../src/verdict/facts.js';
import {LiveState} from '../../../../src/terminal/live-state.js';
import {autoregressiveNoise} from '../../../../scripts/calibrate/noise.js';
import {experiment, occurrence, proof, RecordScript, RUN} from '../../../support/records.js';
import {sampledMetric, series} from '../../../support/signals.js';

const {tolerance: _tolerance, ...bare} = sampledMetric({deviation: {by: 0.1, critical: 0.5}});

/** A run up to the end of a step that was in force from 62 s to 102 s, behind a baseline of 60 s. */
function untilHoldEnds(metric: MetricSpec): RecordScript {
  const step = occurrence({id: 'slow-1', step: 0, forMs: 40_000});
  return new RecordScript()
    .at(0, {
      type: 'run.started',
      run: RUN,
      experiment: experiment({steadyState: [metric]}),
      occurrences: [step],
      seed: 1,
      tool: 'firedrill',
      command: 'firedrill run',
      file: {path: 'x.yaml', sha256: ''},
      host: 'here',
    })
    .at(2, {type: 'phase.entered', phase: 'baseline', lastsMs: 60_000})
    .at(62, {type: 'phase.entered', phase: 'fault', lastsMs: 40_000})
    .at(62, {type: 'change.requested', occurrence: 'slow-1'})
    .at(62, {type: 'change.confirmed', occurrence: 'slow-1', proofs: [proof(62)]})
    .at(102, {type: 'hold.ended', occurrence: 'slow-1', why: 'its time is over'});
}

/** Noise of 20 %, `times` as much while the step is in force. */
function deviated(times: number, metric: MetricSpec = bare): boolean {
  const values = autoregressiveNoise(0.3)
    .make(103, seededRandom(3))
    .map((value, i) => (i >= 62 ? value * times : value));
  const context = {
    run: RUN,
    recorded: untilHoldEnds(metric).events,
    ports: {clock: {mono: () => 0}},
  } as unknown as RunContext;
  const measurement = {data: {series: [series(values)], loads: []}} as unknown as Measurement;
  const plan = {experiment: experiment({steadyState: [metric]}), occurrences: []} as unknown as Plan;
  return scoreOf(context, plan, measurement).deviated('slow-1');
}

describe('Whether a step deviated', () => {
  it('is judged by the change against the baseline where that decides, on the record so far', () => {
    expect(deviated(2)).to.equal(true);
    expect(deviated(1)).to.equal(false);
  });

  it('is judged by the tolerance where there is one: a change inside it goes on', () => {
    const within = (below: number) =>
      sampledMetric({deviation: {by: 0.1, critical: 0.5}, tolerance: {below, settlesWithinMs: 0}});
    expect(deviated(2, within(10_000))).to.equal(false);
    expect(deviated(2, within(150))).to.equal(true);
  });

  it('is not asked of what is observed only', () => {
    expect(deviated(5, {...bare, judge: []})).to.equal(false);
  });
});

describe('A run whose times were made longer', () => {
  const longer = experiment({steadyState: [bare], windows: {warmupMs: 0, baselineMs: 90_000, recoveryMs: 1}});
  const script = () =>
    new RecordScript()
      .at(0, untilHoldEnds(bare).events[0]!)
      .at(2, {type: 'phase.entered', phase: 'baseline', lastsMs: 60_000})
      .at(62, {
        type: 'resized',
        experiment: longer,
        occurrences: [occurrence({id: 'slow-1', forMs: 80_000})],
        why: 'so',
      });

  it('is judged by the times that it had', () => {
    const {experiment: judged, occurrences} = factsOf(script().evidence([], []));
    expect(judged.windows.baselineMs).to.equal(90_000);
    expect(occurrences.map(({planned}) => planned.forMs)).to.deep.equal([80_000]);
  });

  it('is shown live with them', () => {
    const state = new LiveState();
    for (const event of script().events) state.event(event);
    expect(state.phase).to.include({phase: 'baseline', lastsMs: 90_000});
    expect(state.planned.map(({forMs}) => forMs)).to.deep.equal([80_000]);
  });
});
