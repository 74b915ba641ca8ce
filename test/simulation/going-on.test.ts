import {expect} from 'chai';
import type {Experiment} from '../../src/experiment/experiment.js';
import type {Event} from '../../src/record/events.js';
import {parseEvents} from '../../src/record/reader.js';
import {PROBES} from '../../src/signals/probes/registry.generated.js';
import {seededRandom} from '../../src/quantities/random.js';
import type {MemoryRequest, MemorySnapshot} from '../support/memory-driver/world.js';
import {normals} from '../../scripts/calibrate/noise.js';
import {sampledMetric} from '../support/signals.js';
import {SimMachine, type SimOptions} from './sim-machine.js';
import {faultSpec, recoverAll, simExperiment, startRun, type Simulated} from './sim-run.js';

const HOUR_MS = 3_600_000;
/** A fault of 30 s that may go on up to 120 s, judged by what a gauge shows. */
function goingOn(): Experiment {
  const {tolerance: _, ...metric} = sampledMetric({
    name: 'level',
    source: 'docker',
    parameters: {of: 'gauge', measure: 'memory'},
    unit: 'bytes',
    judge: ['fault'],
    deviation: {by: 0.1, critical: 2},
  });
  const base = simExperiment([faultSpec('freeze', 'pause', {forMs: 30_000})]);
  return {
    ...base,
    targets: {...base.targets, gauge: {name: 'gauge', driver: 'docker', selector: {}}},
    steadyState: [metric],
    windows: {warmupMs: 1_000, baselineMs: 60_000, recoveryMs: 5_000, goOnMs: 120_000},
  };
}

/** Noise of so much around 100. */
function noisy(spread: number, seed = 4): (nth: number) => number {
  const normal = normals(seededRandom(seed));
  const values = Array.from({length: 600}, () => 100 * Math.exp(spread * normal()));
  return nth => values[nth] ?? 100;
}

interface Played {
  readonly machine: SimMachine;
  readonly run: Simulated;
  readonly before: MemorySnapshot;
  readonly events: readonly Event[];
}

async function play(options: SimOptions, meddle: (machine: SimMachine, run: Simulated) => void = () => undefined) {
  const machine = new SimMachine(options);
  machine.world.add('a', {cpus: 2});
  machine.world.add('b', {cpus: 4});
  const before = machine.world.snapshot();
  const run = startRun(machine, goingOn());
  meddle(machine, run);
  const over = () =>
    (run.outcome !== undefined || run.failed !== undefined || machine.isDead('runner')) && run.guardians === 0;
  await machine.time.run(over, HOUR_MS);
  expect(run.failed).to.equal(undefined);
  const {events} = parseEvents(machine.files.written.get('/runs/sim-run/events.ndjson') ?? '');
  return {machine, run, before, events};
}

/** Does something when the fault has been held on for five seconds. */
async function whileHeldOn(machine: SimMachine, act: () => void): Promise<void> {
  const record = () => machine.files.written.get('/runs/sim-run/events.ndjson') ?? '';
  while (!record().includes('"looked"')) await machine.time.sleep(500);
  await machine.time.sleep(5_000);
  act();
}

const looksIn = ({events}: Played) => events.flatMap(event => (event.type === 'looked' ? [event] : []));
const heldS = ({events}: Played) => {
  const at = (type: Event['type']) => events.find(event => event.type === type)?.at.mono ?? NaN;
  return (at('undo.requested') - at('change.confirmed')) / 1e6;
};

/** What a person finds after the run and a recover, once everything that was late has arrived. */
async function recovered({machine}: Played): Promise<{stillOwed: number; snapshot: MemorySnapshot}> {
  await machine.time.run(() => false, machine.time.nowUs / 1000 + 20_000);
  const answers: {stillOwed: number}[] = [];
  void recoverAll(machine, 'recover').then(found => answers.push(found));
  await machine.time.run(() => answers.length > 0, machine.time.nowUs / 1000 + 600_000);
  return {stillOwed: answers[0]?.stillOwed ?? NaN, snapshot: machine.world.snapshot()};
}

describe('A fault that may go on, under simulation', function () {
  this.timeout(300_000);
  const open: SimOptions = {figures: noisy(0.18)};

  // What is imported while the world waits would move its time.
  before(() => PROBES['docker']?.());

  it('ends at its planned time where everything is settled by then', async () => {
    const played = await play({figures: noisy(0.02)});
    expect(looksIn(played).map(({answer, look, looks}) => ({answer, look, looks}))).to.deep.equal([
      {answer: 'settled', look: 1, looks: 4},
    ]);
    expect(heldS(played)).to.be.closeTo(30, 0.5);
    expect(played.run.outcome).to.deep.include({owed: []});
  });

  it('is held on while it is open, and undone as soon as a look finds it settled', async () => {
    const played = await play({figures: noisy(0.12)});
    const looks = looksIn(played);
    expect(looks.map(({answer}) => answer)).to.deep.equal([...looks.slice(1).map(() => 'open'), 'settled']);
    expect(looks.length).to.be.within(2, 4);
    expect(looks[0]).to.deep.include({occurrence: 'freeze', untilMs: 47_622, moreMs: 90_000});
    expect(looks[0]?.open.map(({metric}) => metric)).to.deep.equal(['level']);
    expect(heldS(played)).to.be.closeTo([30, 47.6, 75.6, 120][looks.length - 1] ?? NaN, 0.5);
    expect(played.run.outcome).to.deep.include({owed: []});
    expect(played.machine.world.snapshot()).to.deep.equal(played.before);
  });

  it('is never held for longer than its limit', async () => {
    const level = noisy(0.05);
    // At what is allowed, no time tells on which side it is.
    const played = await play({figures: (nth, paused) => level(nth) * (paused ? 1.1 : 1)});
    expect(looksIn(played).map(({answer, untilMs}) => [answer, untilMs])).to.deep.equal([
      ['open', 47_622],
      ['open', 75_595],
      ['open', 120_000],
    ]);
    expect(heldS(played)).to.be.closeTo(120, 0.5);
  });

  it('is not held on for a metric whose noise is too large for the time that is left', async () => {
    const played = await play({figures: noisy(1.2)});
    expect(looksIn(played).map(({answer}) => answer)).to.deep.equal(['hopeless']);
    expect(heldS(played)).to.be.closeTo(30, 0.5);
  });

  it('is not held on once it is proven to have deviated', async () => {
    const level = noisy(0.05);
    const played = await play({figures: (nth, paused) => level(nth) * (paused ? 3 : 1)});
    expect(looksIn(played).map(({answer}) => answer)).to.deep.equal(['settled']);
  });

  it('owes its undo from the start until its longest end', async () => {
    const {events} = await play(open);
    const owed = events.find(event => event.type === 'debts.owed');
    if (owed?.type !== 'debts.owed') throw new Error('expected debts on record');
    for (const {lease} of owed.debts) expect((lease.hardStop.mono - owed.at.mono) / 1e6).to.be.at.least(120);
  });

  it('is undone at once when the run is stopped while it is held on', async () => {
    const played = await play(
      open,
      (machine, run) => void whileHeldOn(machine, () => run.stop.pull({kind: 'signal', detail: 'SIGINT', signal: 2})),
    );
    expect(played.run.outcome?.ended).to.deep.include({kind: 'signal'});
    expect(heldS(played)).to.be.closeTo(35, 1);
    expect(played.machine.world.snapshot()).to.deep.equal(played.before);
    expect(played.machine.world.debts()).to.deep.equal([]);
  });

  it('is put back by the guardian when the runner dies or hangs while it is held on', async () => {
    const endings: Readonly<Record<string, (machine: SimMachine) => void>> = {
      killed: machine => machine.kill('runner'),
      stopped: machine => machine.freeze('runner'),
    };
    for (const [name, end] of Object.entries(endings)) {
      const played = await play(open, machine => void whileHeldOn(machine, () => end(machine)));
      expect(looksIn(played), name).to.have.length(1);
      expect(played.machine.world.snapshot(), name).to.deep.equal(played.before);
      expect(await recovered(played), name).to.deep.equal({stillOwed: 0, snapshot: played.before});
    }
  });

  it('lasts at most 8 s longer than planned when the runner is frozen (docs/safety.md)', async () => {
    const played = await play(open, machine => void whileHeldOn(machine, () => machine.freeze('runner')));
    const at = (type: Event['type']) => played.events.find(event => event.type === type)?.at.mono ?? NaN;
    const heldS = (at('takeover') - at('change.confirmed')) / 1e6;
    expect(heldS).to.be.within(120, 128);
  });

  it('leaves the initial state wherever the runner is killed at a request after the first look', async () => {
    let first = NaN;
    const {machine} = await play(
      open,
      machine => void whileHeldOn(machine, () => (first = machine.world.requestCount)),
    );
    const last = machine.world.requestCount;
    expect(last).to.be.above(first);
    for (let number = first; number <= last; number += 7) {
      for (const happens of ['never', 'now', 'late'] as const) {
        const request = (about: MemoryRequest) =>
          about.client === 'runner' && about.number >= number
            ? ({kind: 'crash', happens, afterMs: 3_000} as const)
            : ({kind: 'complete'} as const);
        const played = await play({...open, request});
        const label = `request ${number}, happens ${happens}`;
        expect(await recovered(played), label).to.deep.equal({stillOwed: 0, snapshot: played.before});
      }
    }
  });
});
