import {expect} from 'chai';
import {Chalk} from 'chalk';
import type {Experiment, FaultSpec, TargetSpec} from '../../../src/experiment/experiment.js';
import {controlRefs} from '../../../src/plan/control.js';
import {planExperiment, plannedOccurrences, presentGroups, type Plan} from '../../../src/plan/plan.js';
import {FiredrillError} from '../../../src/system/error.js';
import type {Change, TargetRef} from '../../../src/targets/contract.js';
import type {Ports} from '../../../src/ports.js';
import {Readers} from '../../../src/targets/readers.js';
import {planJson, planLines} from '../../../src/terminal/plan-printer.js';
import {faultSpec, simExperiment, simSwitchback} from '../../simulation/sim-run.js';
import {SimMachine} from '../../simulation/sim-machine.js';
import {sampledMetric} from '../../support/signals.js';

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

  type Request = {fileSha256?: string; seed?: number};
  const reservedElsewhere = () => Promise.resolve(new Map<string, FiredrillError>());
  const plan = (experiment: Experiment, request: Request = {}): Promise<Plan> =>
    planExperiment({experiment, fileSha256: 'f', ports, readers, seed: 1, signal, reservedElsewhere, ...request});
  const over = (faults: readonly FaultSpec[], select: TargetSpec['select'] = {mode: 'all'}): Experiment => {
    const experiment = simExperiment(faults);
    return {...experiment, targets: {all: {...experiment.targets['all']!, select}}};
  };
  const hits = (planned: Plan) => planned.occurrences.map(({hit}) => hit.map(({ref}) => ref.object).join(' '));
  const refusals = (planned: Plan) => planned.refusals.map(({code, message}) => `${code}: ${message}`);
  const redrawn = (times: number) =>
    faultSpec('freeze', 'pause', {forMs: 1_000, repeat: {everyMs: 5_000, times, targets: 'redraw'}});

  it('counts as many as `where` may choose, not all among which it does', async () => {
    const experiment = over([redrawn(2)], {mode: 'count', count: 1});
    const where = {command: ['role'], matches: ''};
    const chosen: Experiment = {
      ...experiment,
      targets: {all: {...experiment.targets['all']!, where}},
      safety: {...experiment.safety, maxTargets: 2},
    };
    for (let seed = 0; seed < 8; seed += 1) {
      const planned = await plan(chosen, {seed});
      expect(refusals(planned)).to.deep.equal([]);
      expect(planLines(planned, new Chalk({level: 0})).join('\n')).to.include('2 targets hit, at most 2 allowed');
    }
  });

  it('only reads', async () => {
    const before = machine.world.snapshot();
    const planned = await plan(over([faultSpec('freeze', 'pause')]));
    expect(planned.refusals).to.deep.equal([]);
    expect(planned.occurrences[0]?.changes).to.have.length(4);
    expect(machine.world.snapshot()).to.deep.equal(before);
    expect([machine.writeCount, machine.world.debts().length]).to.deep.equal([0, 0]);
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

    it('changes with the traffic, which variables may send elsewhere', async () => {
      const of = (url: string, rate: number) => {
        const http = {method: 'GET', url, headers: {}, success: [[200, 299]] as const};
        const load = {visit: {name: 'visit', http, rate, timeoutMs: 1_000, maxInFlight: 10}};
        return digest({...over([faultSpec('freeze', 'pause')]), load});
      };
      const digests = [await of('http://a/', 1), await of('http://b/', 1), await of('http://a/', 2)];
      expect(new Set(digests)).to.have.property('size', 3);
      expect(digests[0]).to.equal(await of('http://a/', 1));
    });

    it('changes with how long baseline and faults may become', async () => {
      const {tolerance: _tolerance, ...deciding} = sampledMetric({deviation: {by: 0.1, critical: 0.5}});
      const experiment = {...over([faultSpec('freeze', 'pause')]), steadyState: [deciding]};
      const goingOn = (goOnMs: number) => ({...experiment, windows: {...experiment.windows, goOnMs}});
      const [fixed, some, more] = [await plan(experiment), await plan(goingOn(60_000)), await plan(goingOn(120_000))];
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

  it('shows the traffic that the run sends, and what stops it at once', async () => {
    const http = {method: 'GET', url: 'http://127.0.0.1:8080/orders?q=1', headers: {}, success: [[200, 299]]} as const;
    const about = {timeoutMs: 1_000, maxInFlight: 10};
    const steps = [{name: 'look', http}, {thinkMs: [1, 2]}, {name: 'buy', http}] as const;
    const experiment: Experiment = {
      ...over([faultSpec('freeze', 'pause')]),
      load: {
        checkout: {name: 'checkout', http, rate: 20, stages: [{fromRate: 20, toRate: 50, forMs: 1_000}], ...about},
        shop: {name: 'shop', scenarios: [{name: 'one', weight: 1, steps}], rate: 2, ...about},
      },
      guards: [{metric: 'anything', above: 5, forMs: 3_000}],
    };
    const planned = await plan(experiment);
    const seconds = planned.totalMs / 1000;
    const lines = planLines(planned, new Chalk({level: 0})).map(line => line.replaceAll(/ +/g, ' '));
    expect(lines).to.include.members([
      'Traffic',
      ` checkout 20 to 50/s to http://127.0.0.1:8080 at most ${50 * seconds} requests`,
      ` shop 2 users/s to http://127.0.0.1:8080 at most ${4 * seconds} requests`,
      'Guards',
      ' anything above 5 for 3s',
    ]);
    expect(planJson(planned, [])).to.deep.include({
      guards: [{metric: 'anything', stopsAt: 'above 5 for 3s'}],
    });
  });

  describe('with a control group', () => {
    const named = (name: string, selector: object): TargetSpec => ({
      name,
      driver: 'memory',
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
      if (!('op' in undo)) throw new Error('a pause can be undone');
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

    it('more changes than a person looks through, with their number, before any is drafted', async () => {
      const many = (times: number) => {
        const repeat = {everyMs: 5_000, times, targets: 'same'} as const;
        return over([faultSpec('freeze', 'pause', {forMs: 1_000, repeat})]);
      };
      const planned = await plan(many(251));
      expect(refusals(planned)).to.deep.equal([
        'CHANGES_TOO_MANY: Expected at most 1000 changes: nobody looks through more before agreeing; 251 injections make 1004 on their targets.',
      ]);
      expect(planned.occurrences).to.deep.equal([]);
      expect((await plan(many(250))).occurrences).to.have.length(250);
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

  describe('with drafts of its own', () => {
    /** The same world, whose pauses are drafted in another way. */
    const drafting = async (experiment: Experiment, pause: (draft: Change) => Change, seed = 1): Promise<Plan> => {
      const changed: Ports = {
        ...ports,
        driver: async name => {
          const real = await ports.driver(name);
          return {
            ...real,
            reader: async (address, ambient) => {
              const reader = await real.reader(address, ambient);
              const {lifecycle} = reader.drafts;
              if (lifecycle === undefined) return reader;
              const own = {...lifecycle, pause: async (t: TargetRef) => pause(await lifecycle.pause(t))};
              return {...reader, drafts: {...reader.drafts, lifecycle: own}};
            },
          };
        },
      };
      readers = new Readers(changed);
      return planExperiment({experiment, fileSha256: 'f', ports: changed, readers, seed, signal, reservedElsewhere});
    };
    const unfit = (names: string) => (draft: Change) => {
      if (!names.includes(draft.target.name)) return draft;
      throw new FiredrillError('TARGET_UNSUITABLE', `\`${draft.target.name}\` is paused`);
    };
    const freeze = over([faultSpec('freeze', 'pause')], {mode: 'count', count: 1});

    it('draws among those that can take the fault, whatever the seed, and says who was left out', async () => {
      for (let seed = 0; seed < 10; seed += 1) {
        const planned = await drafting(freeze, unfit('abd'), seed);
        expect(refusals(planned)).to.deep.equal([]);
        expect(hits(planned)).to.deep.equal(['c']);
      }
      // With this seed all of the others were drawn before it.
      const lots = [...Array(50).keys()].map(seed => drafting(freeze, unfit('abd'), seed));
      const most = (await Promise.all(lots)).find(({warnings}) => warnings.length === 3);
      expect(most?.warnings).to.deep.equal(
        ['a', 'b', 'd'].map(name => `${name} takes no part in the draw of \`all\`: \`${name}\` is paused`),
      );
    });

    it('refuses when too few are left, with the reasons', async () => {
      const [said] = refusals(await drafting(freeze, unfit('abcd')));
      expect(said).to.match(/^TARGET_UNSUITABLE: Target `all`: nothing that matches can take the fault: `a` \(`a` is/);
    });

    it('exchanges nothing that the file asks for as it is', async () => {
      const all = {
        ...over([faultSpec('freeze', 'pause')]),
        safety: {maxTargets: 9, maxShare: 1, irreversible: 'refuse'},
      };
      expect(refusals(await drafting(all as Experiment, unfit('b')))).to.deep.equal([
        'TARGET_UNSUITABLE: `b` is paused',
      ]);
    });

    it('counts and names whom a change reaches beside its target', async () => {
      const beside = (draft: Change): Change => {
        const ref = {...draft.target, name: 'sidecar', object: 'sidecar'};
        return {...draft, reaches: [{ref, status: 'running', details: {}}]};
      };
      const limited = {...freeze, safety: {...freeze.safety, maxTargets: 1}};
      const planned = await drafting(limited, beside);
      expect(hits(planned)[0]).to.match(/^[a-d] sidecar$/);
      expect(refusals(planned)[0]).to.match(/^TARGET_TOO_MANY: .* got 2: `[a-d]`, `sidecar`\.$/);
      expect(plannedOccurrences(planned)[0]?.targets.map(({name}) => name)).to.include('sidecar');
      expect(planLines(planned, new Chalk({level: 0})).join('\n')).to.match(/freeze \(pause\) on [a-d] and sidecar/);
    });
  });

  describe('draws targets', () => {
    it('once for all repeats that say so', async () => {
      const same = faultSpec('freeze', 'pause', {forMs: 1_000, repeat: {everyMs: 5_000, times: 6, targets: 'same'}});
      expect(new Set(hits(await plan(over([same], {mode: 'count', count: 1}))))).to.have.property('size', 1);
    });

    it('and prints repeats in one line, with all that they hit', async () => {
      const same = faultSpec('freeze', 'pause', {forMs: 1_000, repeat: {everyMs: 5_000, times: 6, targets: 'same'}});
      const select = {mode: 'count', count: 1} as const;
      const linesOf = async (fault: FaultSpec) =>
        planLines(await plan(over([fault], select)), new Chalk({level: 0})).filter(line => line.includes('times more'));
      const again = '    … freeze 5 times more, every 5s, until +26s';
      expect(await linesOf(same)).to.deep.equal([`${again} on the same targets (--json names them all)`]);
      const [drawn, ...others] = await linesOf(redrawn(6));
      expect(others).to.deep.equal([]);
      expect(drawn).to.match(
        /^ {4}… freeze 5 times more, every 5s, until \+26s, on targets that are drawn anew: [a-d](, [a-d])+ \(/,
      );
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
        const groups = await presentGroups(planned, occurrence, {ports, readers, signal, again: false});
        const refs = groups.flatMap(group => group.refs);
        expect(refs.map(ref => ref.object)).to.deep.equal(hit.map(({ref}) => ref.object));
        expect(refs[0]?.incarnation).to.not.equal(hit[0]?.ref.incarnation);
      }
    });
  });
});
