import {expect} from 'chai';
import {Chalk} from 'chalk';
import type {Experiment, FaultSpec, MetricSpec, TargetSpec} from '../../../../src/experiment/experiment.js';
import {controlRefs} from '../../../../src/run/plan/control.js';
import {windowWarnings} from '../../../../src/run/plan/measures.js';
import {planExperiment, plannedOccurrences, presentGroups, type Plan} from '../../../../src/run/plan/plan.js';
import type {Ports} from '../../../../src/run/ports.js';
import {Readers} from '../../../../src/run/safety/connections.js';
import {planJson, planLines} from '../../../../src/terminal/plan-printer.js';
import {faultSpec, simExperiment, simSwitchback} from '../../../simulation/sim-run.js';
import {SimMachine} from '../../../simulation/sim-machine.js';
import {sampledMetric} from '../../../support/signals.js';

const signal = new AbortController().signal;

describe('Planning an experiment', () => {
  let machine: SimMachine;
  let ports: Ports;
  let readers: Readers;
  beforeEach(() => {
    machine = new SimMachine();
    for (const name of ['a', 'b', 'c', 'd']) machine.world.add(name, {cpus: 2});
    ports = machine.ports('planner');
    readers = new Readers(ports);
  });

  type Request = {fileSha256?: string; seed?: number; resizeMs?: number};
  const plan = (experiment: Experiment, request: Request = {}): Promise<Plan> =>
    planExperiment({experiment, fileSha256: 'f', ports, readers, seed: 1, signal, ...request});
  const over = (faults: readonly FaultSpec[], select: TargetSpec['select'] = {mode: 'all'}): Experiment => {
    const experiment = simExperiment(faults);
    return {...experiment, targets: {all: {...experiment.targets['all']!, select}}};
  };
  const hits = (planned: Plan) => planned.occurrences.map(({hit}) => hit.map(({ref}) => ref.object).join(' '));
  const refusals = (planned: Plan) => planned.refusals.map(({code, message}) => `${code}: ${message}`);
  const redrawn = (times: number) =>
    faultSpec('freeze', 'pause', {forMs: 1_000, repeat: {everyMs: 5_000, times, targets: 'redraw'}});

  it('only reads', async () => {
    const before = machine.world.snapshot();
    const planned = await plan(over([faultSpec('freeze', 'pause')]));
    expect(planned.refusals).to.deep.equal([]);
    expect(planned.occurrences[0]?.changes).to.have.length(4);
    expect(machine.world.snapshot()).to.deep.equal(before);
    expect([machine.writeCount, machine.world.debts().length]).to.deep.equal([0, 0]);
  });

  it('warns of a recovery in which the steady state cannot be seen to come back', () => {
    const metric: MetricSpec = {
      name: 'errors',
      source: 'command',
      parameters: {},
      everyMs: 1_000,
      timeoutMs: 2_000,
      unit: 'count',
      worse: 'higher',
      judge: ['recovery'],
    };
    const within = (recoveryMs: number, steadyState = [metric]): Experiment => {
      const experiment = over([faultSpec('freeze', 'pause')]);
      const windows = {...experiment.windows, recoveryMs};
      return {...experiment, steadyState, windows, expect: {...experiment.expect, recovery: {withinMs: recoveryMs}}};
    };
    expect(windowWarnings(within(5_000))).to.have.length(2);
    expect(windowWarnings(within(5_000))[1]).to.include('give `windows.recovery` at least 7s');
    expect(windowWarnings(within(7_000)).join()).not.to.include('recovery');
    expect(windowWarnings(within(1_000, []))).to.deep.equal([]);
  });

  describe('has a digest that', () => {
    const digest = async (experiment: Experiment, request = {}) => (await plan(experiment, request)).digest;

    it('is the same for the same file and targets', async () => {
      const experiment = over([faultSpec('freeze', 'pause')]);
      expect(await digest(experiment))
        .to.match(/^[0-9a-f]{16}$/)
        .and.to.equal(await digest(experiment));
    });

    it('changes with the file, the targets, the fault and its time', async () => {
      const digests = [
        await digest(over([faultSpec('freeze', 'pause')])),
        await digest(over([faultSpec('freeze', 'pause')]), {fileSha256: 'g'}),
        await digest(over([faultSpec('freeze', 'pause', {forMs: 10_001})])),
        await digest(over([faultSpec('freeze', 'kill', {parameters: {signal: 'KILL'}, heal: 'undo'})])),
      ];
      machine.world.add('e', {cpus: 2});
      digests.push(await digest(over([faultSpec('freeze', 'pause')])));
      expect(new Set(digests)).to.have.property('size', digests.length);
    });

    it('changes with how long baseline and faults may become', async () => {
      const {tolerance: _tolerance, ...deciding} = sampledMetric({deviation: {by: 0.1, critical: 0.5}});
      const experiment = {...over([faultSpec('freeze', 'pause')]), steadyState: [deciding]};
      const [fixed, some, more] = [
        await plan(experiment),
        await plan(experiment, {resizeMs: 60_000}),
        await plan(experiment, {resizeMs: 120_000}),
      ];
      expect(new Set([fixed, some, more].map(({digest}) => digest))).to.have.property('size', 3);
      // Warm-up 1 s, recovery 5 s; baseline and fault as long as they may become: that is what a policy is asked about.
      expect([fixed, some, more].map(({totalMs}) => totalMs)).to.deep.equal([18_000, 126_000, 246_000]);
    });
  });

  describe('of a switchback', () => {
    const switchback = () => simSwitchback(faultSpec('freeze', 'pause'), 12, 5_000);

    it('draws the order of the blocks from the seed, half of them on, and keeps it', async () => {
      const orders = await Promise.all([1, 1, 2, 3].map(seed => plan(switchback(), {seed})));
      const [first, again, ...others] = orders.map(({experiment}) => experiment.switchback?.order);
      expect(first).to.deep.equal(again);
      expect(others).not.to.deep.include(first);
      for (const order of [first, ...others]) expect(order?.filter(Boolean)).to.have.length(6);
    });

    it('plans an injection for every on block, and counts its targets once', async () => {
      const experiment = {...switchback(), safety: {maxTargets: 4, maxShare: 1, irreversible: 'refuse'} as const};
      const planned = await plan(experiment);
      expect(refusals(planned)).to.deep.equal([]);
      expect(planned.occurrences).to.have.length(6);
      expect(planned.totalMs).to.equal(1_000 + 2_000 + 60_000 + 5_000);
      const blocks = plannedOccurrences(planned).map(({block}) => block);
      expect(blocks).to.deep.equal(planned.experiment.switchback?.order?.flatMap((on, block) => (on ? [block] : [])));
    });
  });

  describe('with a control group', () => {
    const named = (name: string, selector: object): TargetSpec => ({
      name,
      driver: 'memory' as 'docker',
      selector: {...selector},
      select: {mode: 'all'},
    });
    const beside = (hit: object, control: object): Experiment => ({
      ...simExperiment([faultSpec('freeze', 'pause', {targets: ['hit']})]),
      targets: {hit: named('hit', hit), other: named('other', control)},
      control: {targets: ['other']},
    });

    it('resolves it, and never hits it', async () => {
      const planned = await plan(beside({name: 'a'}, {name: 'b'}));
      expect(refusals(planned)).to.deep.equal([]);
      expect(hits(planned)).to.deep.equal(['a']);
      expect(controlRefs(planned.experiment, planned.targets).map(({name}) => name)).to.deep.equal(['b']);
    });

    it('refuses a control that would be hit through another selector, by name', async () => {
      const said = refusals(await plan(beside({}, {name: 'b'})));
      expect(said).to.deep.equal([
        'CONTROL_HIT: `b` is in the control group and would be hit by `freeze` (through `hit`): what is hit cannot be what it is compared with.',
      ]);
    });

    it('prints and tells what it is compared with', async () => {
      const planned = await plan(beside({name: 'a'}, {name: 'b'}));
      const lines = planLines(planned, new Chalk({level: 0})).join('\n');
      expect(lines).to.include('  compared with: b (never hit)');
      expect(planJson(planned, [])).to.deep.include({control: ['b']});
    });
  });

  describe('refuses', () => {
    it('two faults that want the same slot of one target at the same time, by both names', async () => {
      const twice = [faultSpec('one', 'pause'), faultSpec('two', 'pause', {after: {from: 'baseline', ms: 5_000}})];
      const said = refusals(await plan(over(twice)));
      expect(said).to.have.length(4);
      expect(said[0]).to.match(/^CLAIMS_OVERLAP: `one` and `two` both want `\w+` of `a`/);
    });

    it('nothing when one begins after the other has ended, or when they want different slots', async () => {
      const after = {after: {from: 'fault', fault: 'one', edge: 'ends', ms: 1_000}} as const;
      expect(refusals(await plan(over([faultSpec('one', 'pause'), faultSpec('two', 'pause', after)])))).to.deep.equal(
        [],
      );
      const throttle = faultSpec('two', 'cpu-throttle', {parameters: {cpus: 0.5}});
      expect(refusals(await plan(over([faultSpec('one', 'pause'), throttle])))).to.deep.equal([]);
    });

    it('a target on which another run owes something, once however often it would be hit', async () => {
      const [debt] = (await plan(over([faultSpec('freeze', 'pause')]))).occurrences[0]!.changes;
      const {undo} = debt!.change;
      if ('irreversible' in undo) throw new Error('a pause can be undone');
      const lease = {ms: 1, hardStop: machine.time.now()};
      const mark = {id: 'x', run: 'rival', occurrence: 'o', epoch: 1, driver: 'memory@1', address: {}, undo, lease};
      machine.world.marks.set(undo.ref.object, new Map([['x', mark]]));
      const repeated = faultSpec('freeze', 'pause', {
        forMs: 1_000,
        repeat: {everyMs: 5_000, times: 3, targets: 'same'},
      });
      const said = refusals(await plan(over([repeated])));
      expect(said).to.deep.equal([`TARGET_LOCKED: \`a\` is locked: run \`rival\` still owes \`${undo.op}\` on it.`]);
    });

    it('for each reason once, however many occurrences give it', async () => {
      const repeat = {everyMs: 5_000, times: 4, targets: 'same'} as const;
      const repeated = faultSpec('slow', 'cpu-throttle', {forMs: 1_000, parameters: {cpus: 0.5}, repeat});
      const experiment = over([repeated]);
      const limited = {...experiment, safety: {...experiment.safety, maxTargets: 1}};
      const said = refusals(await plan(limited));
      expect(said.filter(text => text.startsWith('TARGET_TOO_MANY'))).to.have.length(1);
      expect(new Set(said)).to.have.property('size', said.length);
    });
  });

  describe('draws targets', () => {
    it('once for all repeats that say so', async () => {
      const same = faultSpec('freeze', 'pause', {forMs: 1_000, repeat: {everyMs: 5_000, times: 6, targets: 'same'}});
      expect(new Set(hits(await plan(over([same], {mode: 'count', count: 1}))))).to.have.property('size', 1);
    });

    it('anew for every repeat that says redraw, the same way with the same seed', async () => {
      const experiment = over([redrawn(12)], {mode: 'count', count: 1});
      const drawn = hits(await plan(experiment, {seed: 7}));
      expect(drawn).to.have.length(12);
      expect(new Set(drawn).size).to.be.greaterThan(1);
      expect(hits(await plan(experiment, {seed: 7}))).to.deep.equal(drawn);
      expect(hits(await plan(experiment, {seed: 8}))).to.not.deep.equal(drawn);
    });

    it('that are hit as they were planned, in their present incarnation', async () => {
      const planned = await plan(over([redrawn(3)], {mode: 'count', count: 1}));
      for (const name of ['a', 'b', 'c', 'd']) machine.world.restart(name);
      for (const {occurrence, hit} of planned.occurrences) {
        const groups = await presentGroups(planned, occurrence, {ports, readers, signal});
        const refs = groups.flatMap(group => group.refs);
        expect(refs.map(ref => ref.object)).to.deep.equal(hit.map(({ref}) => ref.object));
        expect(refs[0]?.incarnation).to.not.equal(hit[0]?.ref.incarnation);
      }
    });
  });
});
