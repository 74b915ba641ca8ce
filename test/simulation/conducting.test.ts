import {expect} from 'chai';
import type {Experiment, FaultSpec} from '../../src/experiment/experiment.js';
import type {Event} from '../../src/record/events.js';
import {parseEvents} from '../../src/record/reader.js';
import {judge} from '../../src/verdict/judge.js';
import {SimMachine, type SimOptions} from './sim-machine.js';
import {faultSpec, simExperiment, simSwitchback, startRun, type Simulated} from './sim-run.js';

interface Played {
  readonly machine: SimMachine;
  readonly run: Simulated;
  readonly events: readonly Event[];
  /** `12.0 undo.requested freeze`: seconds since the end of the baseline. */
  readonly story: readonly string[];
}

/** Plays an experiment on the world to its end, with something that happens from outside. */
async function play(
  experiment: Experiment,
  meddle: (machine: SimMachine, run: Simulated) => void = () => undefined,
  options: SimOptions = {},
): Promise<Played> {
  const machine = new SimMachine(options);
  machine.world.add('a', {cpus: 2});
  machine.world.add('b', {cpus: 2, restartsAfterMs: 1_500});
  const run = startRun(machine, experiment);
  meddle(machine, run);
  await machine.time.run(() => run.outcome !== undefined || run.failed !== undefined, 3_600_000);
  expect(run.failed).to.equal(undefined);
  const {events} = parseEvents(machine.files.written.get('/runs/sim-run/events.ndjson') ?? '');
  const zero = events.find(event => event.type === 'phase.entered' && event.phase === 'fault')?.at.mono ?? 0;
  const story = events.flatMap(event =>
    'occurrence' in event && event.type !== 'debts.owed' && event.type !== 'proof.changed'
      ? [`${((event.at.mono - zero) / 1e6).toFixed(1)} ${event.type} ${event.occurrence}`]
      : [],
  );
  return {machine, run, events, story};
}

const only = (name: string, fault: string, overrides: Partial<FaultSpec> = {}) => faultSpec(name, fault, overrides);
const confirmed = (story: readonly string[]) => story.filter(line => line.includes('change.confirmed'));

describe('Conducting a run', () => {
  it('injects at the end of the baseline, holds for its time, and undoes', async () => {
    const {story, run} = await play(simExperiment([only('freeze', 'pause', {forMs: 4_000})]));
    expect(run.outcome?.ended.kind).to.equal('done');
    expect(story).to.deep.equal([
      '0.0 change.requested freeze',
      '0.0 change.confirmed freeze',
      '4.0 hold.ended freeze',
      '4.0 undo.requested freeze',
      '4.0 debts.settled freeze',
    ]);
  });

  it('starts a fault after an edge of another one', async () => {
    const after = (edge: 'starts' | 'confirmed' | 'ends', ms: number): Partial<FaultSpec> => ({
      after: {from: 'fault', fault: 'slow', edge, ms},
      forMs: 1_000,
    });
    const {story} = await play(
      simExperiment([
        only('slow', 'cpu-throttle', {parameters: {cpus: 0.5}, forMs: 5_000}),
        only('during', 'pause', after('confirmed', 2_000)),
        only('behind', 'pause', after('ends', 1_000)),
      ]),
    );
    expect(confirmed(story)).to.deep.equal([
      '0.0 change.confirmed slow',
      '2.0 change.confirmed during',
      '6.0 change.confirmed behind',
    ]);
  });

  it('repeats a fault on its grid and plays steps one after the other', async () => {
    const {story} = await play(
      simExperiment([
        only('again', 'pause', {forMs: 1_000, repeat: {everyMs: 3_000, times: 3, targets: 'same'}}),
        only('steps', 'cpu-throttle', {
          after: {from: 'baseline', ms: 20_000},
          forMs: 2_000,
          parameters: {cpus: 1},
          steps: {parameters: [{cpus: 1}, {cpus: 0.5}], labels: ['cpus 1', 'cpus 0.5'], stopOnDeviation: false},
        }),
      ]),
    );
    expect(confirmed(story)).to.deep.equal([
      '0.0 change.confirmed again#1',
      '3.0 change.confirmed again#2',
      '6.0 change.confirmed again#3',
      '20.0 change.confirmed steps#1',
      '22.0 change.confirmed steps#2',
    ]);
  });

  it('undoes the newest first when the run is stopped, and says why', async () => {
    const {story, run, machine} = await play(
      simExperiment([
        only('first', 'cpu-throttle', {parameters: {cpus: 0.5}, forMs: 60_000}),
        only('second', 'pause', {after: {from: 'baseline', ms: 2_000}, forMs: 60_000}),
        only('third', 'pause', {after: {from: 'baseline', ms: 90_000}, forMs: 60_000}),
      ]),
      (machine, run) =>
        void machine.time.sleep(10_000).then(() => run.stop.pull({kind: 'signal', detail: 'SIGINT', signal: 2})),
    );
    expect(run.outcome?.ended).to.deep.include({kind: 'signal', signal: 2});
    expect(story.filter(line => line.includes('undo.requested')).map(line => line.split(' ').at(-1))).to.deep.equal([
      'second',
      'first',
    ]);
    expect(machine.world.snapshot()['a']).to.deep.equal({running: true, paused: false, cpus: 2});
  });

  it('reports a fault that a restart took away, and applies it again where the file says keep', async () => {
    const restart = (machine: SimMachine) => void machine.time.sleep(8_000).then(() => machine.world.restart('a'));
    const lost = await play(simExperiment([only('freeze', 'pause', {forMs: 12_000})]), restart);
    const states = lost.events.flatMap(event =>
      event.type === 'proof.changed' ? [event.proofs.map(proof => proof.state)] : [],
    );
    expect(states[0]).to.deep.equal(['absent', 'in-force']);
    expect(lost.machine.world.debts()).to.deep.equal([]);

    const kept = await play(simExperiment([only('freeze', 'pause', {forMs: 12_000, keep: true})]), restart);
    expect(confirmed(kept.story)).to.have.length(2);
    expect(kept.run.outcome?.owed).to.deep.equal([]);
    expect(kept.machine.world.snapshot()).to.deep.equal({
      a: {running: true, paused: false, cpus: 2},
      b: {running: true, paused: false, cpus: 2},
    });
  });

  it('waits for the platform to heal what it should, and restores what it did not', async () => {
    const {events, run, machine} = await play(
      simExperiment([only('crash', 'kill', {parameters: {signal: 'KILL'}, heal: 'platform', forMs: 1_000})]),
    );
    // b has a supervisor, a has none: only Firedrill brings a back.
    const undo = events.find(event => event.type === 'undo.requested');
    expect(undo).to.deep.include({occurrence: 'crash'});
    expect(undo?.type === 'undo.requested' && undo.why.kind).to.equal('deadline');
    expect(run.outcome?.owed).to.deep.equal([]);
    expect(machine.world.snapshot()['a']?.running).to.equal(true);
  });

  describe('when someone else sets the value meanwhile', () => {
    const throttle = simExperiment([only('slow', 'cpu-throttle', {parameters: {cpus: 0.5}, forMs: 6_000})]);
    const meddle = (machine: SimMachine, kill?: string) => {
      void machine.time.sleep(5_000).then(() => {
        machine.world.objects.get('a')!.cpus = 1;
        if (kill !== undefined) machine.kill(kill);
      });
    };
    const judged = ({events}: Played) =>
      judge({run: 'sim-run', folder: '', events, series: [], loads: [], gaps: [], complete: true});

    it('leaves it in place and ends as the verdict says, with a finding', async () => {
      const played = await play(throttle, machine => meddle(machine));
      expect(played.machine.world.snapshot()).to.deep.include({a: {running: true, paused: false, cpus: 1}});
      const leaks = played.events.find(event => event.type === 'leaks.checked');
      expect(leaks).to.deep.include({touched: []});
      expect(leaks?.type === 'leaks.checked' && leaks.left).to.deep.equal([
        {target: 'a', name: 'a', facet: 'cpus', before: 2, after: 1},
      ]);
      const result = judged(played);
      // It measures nothing, and the fault was lost.
      expect(result).to.include({exit: 5, verdict: 'inconclusive'});
      expect(result.findings.find(({code}) => code === 'superseded')).to.include({severity: 'SEV4'});
      expect(result.putBack).to.equal(
        'What someone else changed on a meanwhile was left in place; all else is verified to be back.',
      );
    });

    it('tells the same when the runner is gone and the guardian settles', async () => {
      const machine = new SimMachine({});
      machine.world.add('a', {cpus: 2});
      machine.world.add('b', {cpus: 2});
      const run = startRun(machine, throttle);
      meddle(machine, 'runner');
      await machine.time.run(() => run.guardians === 0, 3_600_000);
      const {events} = parseEvents(machine.files.written.get('/runs/sim-run/events.ndjson') ?? '');
      const result = judged({machine, run, events, story: []});
      expect(result.end.detail).to.equal('the runner is gone; the guardian took the run over');
      expect(result.findings.find(({code}) => code === 'superseded')).to.include({severity: 'SEV4'});
      const sentence = 'What someone else changed on a meanwhile was left in place; all else is verified to be back.';
      expect(result.putBack).to.equal(sentence);
      expect(result.headline).to.include(sentence);
      expect(result.findings.find(({code}) => code === 'run-taken-over')?.recovery).to.equal(sentence);
    });
  });

  it('owes nothing for what has nothing to undo, and finds it when the target did not survive it', async () => {
    const undo = {nothing: 'it only reloads'};
    const {run, events} = await play(
      simExperiment([only('reload', 'kill', {parameters: {signal: 'HUP', undo}, heal: 'undo', forMs: 1_000})]),
    );
    expect(run.outcome).to.deep.include({owed: []});
    expect(events.filter(event => event.type === 'debts.owed')).to.deep.equal([]);
    const requested = events.find(event => event.type === 'change.requested');
    expect(requested?.type === 'change.requested' && requested.withoutUndo?.[0]).to.deep.include(undo);
    // The signal of this world ends its target: what was said to leave nothing behind has left something.
    const leaks = events.find(event => event.type === 'leaks.checked');
    expect(leaks?.type === 'leaks.checked' && leaks.touched).to.deep.equal([
      {target: 'a', name: 'a', facet: 'running', before: true, after: false},
    ]);
  });

  it('records the control group, never touches it, and watches it for collateral like every target', async () => {
    const named = (name: string) => ({
      name,
      driver: 'memory' as 'docker',
      selector: {name},
      select: {mode: 'all'} as const,
    });
    const experiment: Experiment = {
      ...simExperiment([only('freeze', 'pause', {targets: ['hit'], forMs: 4_000})]),
      targets: {hit: {...named('a'), name: 'hit'}, other: {...named('b'), name: 'other'}},
      control: {targets: ['other']},
    };
    const {events, run} = await play(experiment, machine => {
      // Someone changes the control while the fault is in force.
      void machine.time.sleep(5_000).then(() => {
        machine.world.objects.get('b')!.cpus = 1;
      });
    });
    expect(run.outcome?.ended.kind).to.equal('done');
    const resolved = events.find(event => event.type === 'targets.resolved');
    if (resolved?.type !== 'targets.resolved') throw new Error('expected the targets on record');
    expect([resolved.hit, resolved.control].map(refs => refs?.map(({object}) => object))).to.deep.equal([['a'], ['b']]);
    const leaks = events.find(event => event.type === 'leaks.checked');
    expect(leaks?.type === 'leaks.checked' && leaks.collateral).to.deep.include({
      target: 'b',
      name: 'b',
      facet: 'cpus',
      before: 2,
      after: 1,
    });
  });

  describe('in a switchback', () => {
    const blocks = () => simSwitchback(only('freeze', 'pause'), 10, 5_000);
    /** Seconds at which the on blocks begin, by the order that was planned. */
    const planned = ({events}: Played) => {
      const started = events.find(event => event.type === 'run.started');
      const order = started?.type === 'run.started' ? (started.experiment.switchback?.order ?? []) : [];
      return order.flatMap((on, block) => (on ? [block * 5] : []));
    };
    const undone = ({story}: Played) => story.filter(line => line.includes('undo.requested'));

    it('injects every on block by itself, undoes it, and leaves the others alone', async () => {
      const played = await play(blocks());
      expect(played.run.outcome?.ended.kind).to.equal('done');
      const starts = planned(played);
      expect(starts).to.have.length(5);
      expect(confirmed(played.story)).to.deep.equal(
        starts.map((s, i) => `${s.toFixed(1)} change.confirmed freeze#${i + 1}`),
      );
      expect(undone(played)).to.deep.equal(
        starts.map((s, i) => `${(s + 5).toFixed(1)} undo.requested freeze#${i + 1}`),
      );
      const settled = played.events.filter(event => event.type === 'debts.settled');
      expect(settled).to.have.length(5);
      expect(played.machine.world.snapshot()['a']).to.deep.equal({running: true, paused: false, cpus: 2});
    });

    it('begins the recovery only when the last block is over, be it on or off', async () => {
      const played = await play(blocks());
      const at = (phase: string) =>
        played.events.find(event => event.type === 'phase.entered' && event.phase === phase)?.at.mono ?? 0;
      expect((at('recovery') - at('fault')) / 1e6).to.be.closeTo(50, 0.5);
    });

    it('undoes the block that is on when the run is stopped in the middle of it, and injects no other', async () => {
      const [, second = 0] = planned(await play(blocks()));
      const stopped = await play(blocks(), (machine, run) => {
        // Warm-up and baseline take three seconds.
        const middleMs = 3_000 + second * 1_000 + 2_500;
        void machine.time.sleep(middleMs).then(() => run.stop.pull({kind: 'signal', detail: 'SIGINT', signal: 2}));
      });
      expect(stopped.run.outcome).to.deep.include({owed: []});
      expect(confirmed(stopped.story)).to.have.length(2);
      expect(undone(stopped).at(-1)).to.equal(`${(second + 2.5).toFixed(1)} undo.requested freeze#2`);
      expect(stopped.machine.world.snapshot()['a']).to.deep.equal({running: true, paused: false, cpus: 2});
    });

    it('injects no further block when the undo of one cannot be verified', async () => {
      const played = await play(blocks(), () => undefined, {
        request: ({op}) => (op === 'memory.unpause' ? {kind: 'refuse'} : {kind: 'complete'}),
      });
      expect(confirmed(played.story)).to.have.length(1);
      expect(played.run.outcome?.ended).to.deep.include({kind: 'not-injected'});
      expect(played.run.outcome?.ended.detail).to.include('freeze#2: the undo of freeze#1 is not verified');
      expect(played.run.outcome?.owed).not.to.deep.equal([]);
    });
  });

  it('says why a change may have failed, with what the proof says', async () => {
    const lost: SimOptions['request'] = ({op}) => (op === 'memory.pause' ? {kind: 'lost'} : {kind: 'complete'});
    const {events} = await play(simExperiment([only('freeze', 'pause', {forMs: 4_000})]), undefined, {request: lost});
    const failed = events.find(event => event.type === 'change.failed');
    expect(failed?.why).to.equal(
      'the proof on a says `absent` after 15 s; memory.pause on a: the connection broke; memory.pause on b: the connection broke',
    );
  });

  it('notes what was not known to be done and is in force all the same', async () => {
    const cut: SimOptions['request'] = ({op}) => (op === 'memory.pause' ? {kind: 'unknown'} : {kind: 'complete'});
    const {events, story} = await play(simExperiment([only('freeze', 'pause', {forMs: 4_000})]), undefined, {
      request: cut,
    });
    expect(confirmed(story)).to.have.length(1);
    expect(events.flatMap(event => (event.type === 'noted' ? event.text : []))).to.include(
      'memory.pause on a: the connection broke before the answer came; memory.pause on b: the connection broke before the answer came; in force all the same',
    );
  });

  it('injects nothing on a target that another run holds, and leaves that run its mark', async () => {
    const holder = new SimMachine();
    holder.world.add('a');
    const first = startRun(holder, simExperiment([only('hold', 'pause', {forMs: 30_000})]));
    await holder.time.run(() => holder.world.debts().length > 0, 60_000);
    const marks = holder.world.debts();
    const foreign = await play(simExperiment([only('mine', 'pause', {targets: ['all']})]), machine => {
      for (const [object, debts] of holder.world.marks) {
        machine.world.marks.set(object, new Map([...debts].map(([id, debt]) => [id, {...debt, run: 'another-run'}])));
      }
    }).catch((error: unknown) => error);
    expect(String(foreign)).to.contain('locked');
    expect(marks).to.have.length(1);
    await holder.time.run(() => first.outcome !== undefined, 3_600_000);
  });
});
