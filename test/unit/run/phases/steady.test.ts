import {expect} from 'chai';
import type {Experiment, MetricSpec, SwitchbackSpec, ToleranceTime} from '../../../../src/experiment/experiment.js';
import type {RunContext} from '../../../../src/run/context.js';
import {takeBaseline, type BaselineSource} from '../../../../src/run/phases/steady.js';
import {planExperiment, type Plan} from '../../../../src/plan/plan.js';
import type {EventBody} from '../../../../src/record/events.js';
import {LiveData} from '../../../../src/record/live-data.js';
import {Readers} from '../../../../src/targets/readers.js';
import {StopSwitch} from '../../../../src/run/stop-switch.js';
import {seededRandom} from '../../../../src/quantities/random.js';
import {gatesIn} from '../../../../src/verdict/gate-words.js';
import {faultSpec, simExperiment} from '../../../simulation/sim-run.js';
import {SimMachine} from '../../../simulation/sim-machine.js';
import {sampledMetric} from '../../../support/signals.js';
import {autoregressiveNoise} from '../../../../scripts/calibrate/noise.js';

const SECOND_US = 1_000_000;
const HOUR_S = 3_600;

const {tolerance: _tolerance, ...bare} = sampledMetric({deviation: {by: 0.1, critical: 0.5}});
const decided: MetricSpec = bare;

/** Values as they come, one a second: noise of 20 % around 100. */
const noisy = autoregressiveNoise(0.3).make(HOUR_S, seededRandom(4));

interface Taken {
  readonly plan: Plan;
  readonly planned: Plan;
  readonly stop: StopSwitch;
  readonly events: readonly EventBody[];
  /** How long it took, s. */
  readonly tookS: number;
}

interface Setup {
  readonly baselineS: number;
  readonly faultS: number;
  readonly values?: readonly number[];
  readonly metric?: MetricSpec;
  /** Metrics with the same values. */
  readonly others?: readonly MetricSpec[];
  readonly goOnMs?: number;
  readonly switchback?: SwitchbackSpec;
  readonly lookBackS?: number;
}

function experimentOf({
  baselineS,
  faultS,
  metric = decided,
  others = [],
  switchback,
  lookBackS,
  goOnMs,
}: Setup): Experiment {
  const experiment = simExperiment([faultSpec('freeze', 'pause', {forMs: switchback?.blockMs ?? faultS * 1000})]);
  const goOn = goOnMs === undefined ? {} : {goOnMs};
  const windows = {warmupMs: 0, baselineMs: baselineS * 1000, recoveryMs: 30_000, ...goOn};
  return {
    ...experiment,
    steadyState: [metric, ...others],
    windows: lookBackS === undefined ? windows : {...windows, baselineMs: 0, lookBackMs: lookBackS * 1000},
    ...(switchback === undefined ? {} : {switchback}),
  };
}

/** Takes the baseline in virtual time; what is measured is known beforehand. */
async function take(setup: Setup): Promise<Taken> {
  const machine = new SimMachine();
  machine.world.add('a');
  const ports = machine.ports('runner');
  const stop = new StopSwitch();
  const planned = await planExperiment({
    experiment: experimentOf(setup),
    fileSha256: '',
    ports,
    readers: new Readers(ports),
    seed: 1,
    signal: stop.signal,
    reservedElsewhere: () => Promise.resolve(new Map()),
  });
  const data = new LiveData();
  const startUs = machine.time.nowUs - (setup.lookBackS ?? 0) * SECOND_US;
  const at = {mono: 0, wall: '', boot: ''};
  const head = {v: 1, seq: 0, epoch: 1, by: 'runner', at, audience: 'all'} as const;
  ['queue depth', ...(setup.others ?? []).map(({name}) => name)].forEach((metric, id) => {
    data.event({...head, type: 'series.opened', id, metric, unit: 'count'});
    (setup.values ?? noisy).forEach((value, i) => data.sample(id, {t: startUs + i * SECOND_US, d: 1, value}));
  });
  const events: EventBody[] = [];
  const context = {ports, stop, record: {event: (body: EventBody) => void events.push(body)}} as unknown as RunContext;
  const past = setup.lookBackS === undefined ? undefined : {fromUs: startUs, toUs: machine.time.nowUs};
  const measuring: BaselineSource = {data, past, hasTold: () => true, latenessMs: 0};
  let plan: Plan | undefined;
  const beganUs = machine.time.nowUs;
  void takeBaseline(context, planned, measuring).then(taken => (plan = taken));
  await machine.time.run(() => plan !== undefined, HOUR_S * 1000);
  return {plan: plan!, planned, stop, events, tookS: (machine.time.nowUs - beganUs) / SECOND_US};
}

const typesOf = ({events}: Taken) => events.map(({type}) => type);
const notesOf = ({events}: Taken) => events.flatMap(event => (event.type === 'noted' ? [event.text] : []));
const decisionOf = ({events}: Taken) => {
  const decision = events.find(event => event.type === 'decided');
  return decision?.type === 'decided' ? decision : undefined;
};

describe('Taking the baseline', () => {
  it('does not ask for what must be so only while a fault is in force', async () => {
    const promoted = (during: readonly ToleranceTime[] | undefined) =>
      sampledMetric({tolerance: {equals: 1, settlesWithinMs: 0, ...(during === undefined ? {} : {during})}});
    const values = Array.from({length: 120}, () => 0);
    const always = await take({baselineS: 60, faultS: 60, values, metric: promoted(undefined)});
    expect(always.stop.why()?.kind).to.equal('not-steady');
    const inFault = await take({baselineS: 60, faultS: 60, values, metric: promoted(['fault'])});
    expect(inFault.stop.why()).to.equal(undefined);
    expect(notesOf(inFault)).to.deep.equal([]);
    const before = await take({baselineS: 60, faultS: 60, values: values.map(() => 1), metric: promoted(['fault'])});
    expect(before.stop.why()).to.equal(undefined);
    expect(notesOf(before)[0]).to.include('queue depth was so before the fault already: 60 samples, all inside');
  });

  it('lets a steady system with enough values pass, and records what the run can see', async () => {
    const taken = await take({baselineS: 60, faultS: 60});
    expect(taken.stop.why()).to.equal(undefined);
    expect(taken.plan).to.equal(taken.planned);
    expect(taken.tookS).to.equal(60);
    const [gate] = gatesIn(decisionOf(taken)!.basis);
    expect(decisionOf(taken)).to.include({what: 'steady', answer: 'yes'});
    expect(gate).to.include({metric: 'queue depth', state: 'steady', allowed: 0.1, critical: 0.5, bins: 60});
    expect(gate?.detectable).to.be.within(0.1, 0.5);
    expect(gate?.allowedNeedsMs).to.be.above(60_000);
  });

  it('refuses before the injection what could not see the critical change, with the figure and what would do', async () => {
    const taken = await take({baselineS: 40, faultS: 3});
    expect(taken.stop.why()).to.include({kind: 'refused'});
    expect(taken.stop.why()?.detail).to.match(
      /^this run could only see a change of \d+% in queue depth, the critical change is 50%; a baseline and faults of \d+s would do \(`--go-on`/,
    );
    expect(decisionOf(taken)?.answer).to.equal('yes');
  });

  it('refuses a baseline that is too short for its noise to be known', async () => {
    const taken = await take({baselineS: 10, faultS: 60});
    expect(taken.stop.why()?.kind).to.equal('refused');
    expect(taken.stop.why()?.detail).to.match(
      /measured too few times to know how it varies by itself \(10 values of 1s\); a baseline of \d+s/,
    );
    expect(decisionOf(taken)?.answer).to.equal('unknown');
  });

  it('ends `not-steady` where the baseline differs from itself, or nothing was measured', async () => {
    const jump = await take({baselineS: 60, faultS: 60, values: noisy.map((value, i) => (i < 30 ? value : 2 * value))});
    expect(jump.stop.why()).to.include({kind: 'not-steady'});
    expect(jump.stop.why()?.detail).to.include('the second half of the baseline differs from the first by');
    expect(decisionOf(jump)?.answer).to.equal('no');
    const nothing = await take({baselineS: 60, faultS: 60, values: []});
    expect(nothing.stop.why()).to.deep.equal({
      kind: 'not-steady',
      detail: 'queue depth in the baseline: nothing was measured',
    });
    expect(decisionOf(nothing)?.answer).to.equal('unknown');
  });

  it('still ends `not-steady` first where a tolerance does not hold', async () => {
    const taken = await take({
      baselineS: 10,
      faultS: 4,
      metric: sampledMetric({tolerance: {below: 50, settlesWithinMs: 0}}),
    });
    expect(taken.stop.why()?.kind).to.equal('not-steady');
    expect(gatesIn(decisionOf(taken)!.basis)).to.deep.equal([]);
  });

  it('asks no power of metrics that a tolerance decides', async () => {
    const taken = await take({
      baselineS: 5,
      faultS: 4,
      metric: sampledMetric({deviation: {by: 0.1, critical: 0.5}, tolerance: {below: 1e6, settlesWithinMs: 0}}),
    });
    expect(taken.stop.why()).to.equal(undefined);
  });

  it('begins where another metric can answer, on record with the one that cannot, which nothing waits for then', async () => {
    const limited = sampledMetric({name: 'limited', tolerance: {below: 1e6, settlesWithinMs: 0}});
    const taken = await take({baselineS: 40, faultS: 3, others: [limited]});
    expect(taken.stop.why()).to.equal(undefined);
    const [demoted] = decisionOf(taken)!.demoted ?? [];
    expect(demoted).to.include({metric: 'queue depth'});
    expect(demoted?.why).to.match(/^this run could only see a change of \d+% in queue depth/);
    expect(taken.plan.experiment.steadyState.map(({judge}) => judge)).to.deep.equal([['fault'], ['fault', 'recovery']]);
    expect(taken.events.flatMap(event => (event.type === 'noted' ? [event.level] : []))).to.deep.equal(['warning']);
  });

  it('warns of a drift on the record', async () => {
    const rising = noisy.map((value, i) => 100 + i / 3 + value / 100);
    const taken = await take({
      baselineS: 120,
      faultS: 120,
      values: rising,
      metric: {...decided, deviation: {by: 0.6, critical: 3}},
    });
    const warned = taken.events.find(event => event.type === 'noted');
    expect(warned?.type === 'noted' && warned.text).to.match(/^queue depth has a trend/);
  });

  describe('where it may go on', () => {
    const goOnMs = 300_000;

    it('measures the baseline for longer and lengthens the faults until the run can answer', async () => {
      const taken = await take({baselineS: 10, faultS: 4, goOnMs});
      expect(taken.stop.why()).to.equal(undefined);
      const {experiment, occurrences} = taken.plan;
      expect(taken.tookS)
        .to.equal(experiment.windows.baselineMs / 1000)
        .and.to.be.within(30, 300);
      expect(occurrences[0]?.occurrence.forMs).to.be.within(5_000, 300_000);
      expect(occurrences[0]?.endMs).to.equal(occurrences[0]?.occurrence.forMs);
      const [gate] = gatesIn(decisionOf(taken)!.basis);
      expect(gate?.state).to.equal('steady');
      expect(gate?.detectable).to.be.at.most(0.5);
    });

    it('records each time what it changed and why', async () => {
      const taken = await take({baselineS: 10, faultS: 4, goOnMs});
      expect(typesOf(taken).filter(type => type === 'resized').length).to.be.at.least(1);
      expect(typesOf(taken).at(-1)).to.equal('decided');
      const resized = taken.events.findLast(event => event.type === 'resized');
      if (resized?.type !== 'resized') throw new Error('expected a resized event');
      expect(resized.experiment).to.deep.equal(taken.plan.experiment);
      expect(resized.occurrences[0]?.forMs).to.equal(taken.plan.occurrences[0]?.occurrence.forMs);
      expect(resized.why).to.match(/^the (?:baseline|injection) takes \S+ instead of \S+.*: /);
    });

    it('lengthens only the faults where the baseline is long enough', async () => {
      const taken = await take({baselineS: 200, faultS: 3, goOnMs});
      expect(taken.plan.experiment.windows.baselineMs).to.equal(200_000);
      expect(taken.plan.occurrences[0]?.occurrence.forMs).to.be.above(3_000);
    });

    it('refuses what even the limit would not do for, and says so', async () => {
      const taken = await take({
        baselineS: 40,
        faultS: 4,
        goOnMs: 41_000,
        metric: {...decided, deviation: {by: 0.05, critical: 0.2}},
      });
      expect(taken.stop.why()).to.include({kind: 'refused'});
      expect(taken.stop.why()?.detail).to.match(/going on is allowed up to 41s/);
      expect(taken.plan).to.equal(taken.planned);
    });

    it('measures the baseline on where the allowed change could hardly be told from the noise, and leaves the faults', async () => {
      const taken = await take({baselineS: 60, faultS: 60, goOnMs});
      expect(taken.stop.why()).to.equal(undefined);
      expect(taken.tookS)
        .to.equal(taken.plan.experiment.windows.baselineMs / 1000)
        .and.to.be.within(100, 300);
      expect(taken.plan.occurrences[0]?.occurrence.forMs).to.equal(60_000);
      const resized = taken.events.findLast(event => event.type === 'resized');
      expect(resized?.type === 'resized' && resized.why).to.match(
        /: so that the allowed change can be told from the noise$/,
      );
      const enough = await take({baselineS: 280, faultS: 60, goOnMs});
      expect(typesOf(enough)).not.to.include('resized');
    });

    it('measures the baseline on to the limit where its noise is so large that no length is known to do', async () => {
      const metric = {...decided, deviation: {by: 0.005, critical: 0.5}};
      const taken = await take({baselineS: 60, faultS: 60, goOnMs, metric});
      expect(taken.stop.why()).to.equal(undefined);
      expect(taken.plan.experiment.windows.baselineMs).to.equal(goOnMs);
    });

    it('lengthens for what the limit suffices for, and does not wait for the rest', async () => {
      const hopeless = {...decided, name: 'hopeless', deviation: {by: 0.001, critical: 0.005}};
      const taken = await take({baselineS: 40, faultS: 3, goOnMs, others: [hopeless]});
      expect(taken.stop.why()).to.equal(undefined);
      expect(taken.plan.occurrences[0]?.occurrence.forMs).to.be.within(5_000, 300_000);
      expect(decisionOf(taken)?.demoted?.map(({metric}) => metric)).to.deep.equal(['hopeless']);
    });

    it('heals nothing that is not steady', async () => {
      const values = noisy.map((value, i) => (i < 30 ? value : 2 * value));
      const taken = await take({baselineS: 60, faultS: 4, values, goOnMs});
      expect(taken.stop.why()?.kind).to.equal('not-steady');
      expect(typesOf(taken)).not.to.include('resized');
    });

    it('makes the blocks of a switchback longer, and its baseline only as long as its noise asks for', async () => {
      const switchback = {blocks: 10, blockMs: 2_000, washoutMs: 1_000};
      const taken = await take({baselineS: 40, faultS: 0, switchback, goOnMs});
      expect(taken.stop.why()).to.equal(undefined);
      expect(taken.plan.experiment.windows.baselineMs).to.equal(40_000);
      expect(taken.plan.experiment.switchback?.blockMs).to.be.above(2_000);
      expect(taken.plan.experiment.switchback?.order).to.deep.equal(taken.planned.experiment.switchback?.order);
      expect(taken.plan.occurrences).to.have.length(5);
      expect(new Set(taken.plan.occurrences.map(({occurrence}) => occurrence.forMs))).to.deep.equal(
        new Set([taken.plan.experiment.switchback?.blockMs]),
      );
    });
  });

  it('judges a baseline of the past at once, over the time that it is about', async () => {
    const taken = await take({baselineS: 0, faultS: 60, lookBackS: 300});
    expect(taken.stop.why()).to.equal(undefined);
    expect(taken.tookS).to.equal(0);
    expect(gatesIn(decisionOf(taken)!.basis)[0]).to.include({state: 'steady', bins: 300});
    const [entered] = taken.events;
    expect(entered).to.deep.include({type: 'phase.entered', phase: 'baseline', lastsMs: 0});
    expect(entered?.type === 'phase.entered' && entered.past!.toUs - entered.past!.fromUs).to.equal(300 * SECOND_US);
  });

  it('can lengthen the faults against a baseline of the past, not the past', async () => {
    const taken = await take({baselineS: 0, faultS: 4, lookBackS: 300, goOnMs: 60_000});
    expect(taken.stop.why()).to.equal(undefined);
    expect(taken.plan.occurrences[0]?.occurrence.forMs).to.be.within(5_000, 60_000);
    const short = await take({baselineS: 0, faultS: 60, lookBackS: 10, goOnMs: 60_000});
    expect(short.stop.why()?.kind).to.equal('refused');
  });
});
