import {expect} from 'chai';
import fc from 'fast-check';
import type {TargetSpec} from '../../../src/experiment/experiment.js';
import {FiredrillError} from '../../../src/system/error.js';
import {seededRandom} from '../../../src/quantities/random.js';
import type {Candidate} from '../../../src/targets/contract.js';
import {selectTargets} from '../../../src/plan/selection.js';

function candidate(object: string, protectedBy?: string): Candidate {
  return {
    ref: {driver: 'memory', kind: 'process', name: `name of ${object}`, endpoint: 'e', object, incarnation: '1'},
    status: 'running',
    ...(protectedBy === undefined ? {} : {protectedBy}),
    details: {},
  };
}

const objects = (found: readonly Candidate[]) => found.map(one => one.ref.object);

function select(candidates: readonly Candidate[], how: TargetSpec['select'], seed = 7) {
  return selectTargets({
    name: 'inventory',
    candidates,
    select: how,
    random: seededRandom(seed),
    lookedFor: 'port 8080',
  });
}

function problem(run: () => unknown): FiredrillError {
  try {
    run();
  } catch (error) {
    if (error instanceof FiredrillError) return error;
  }
  throw new Error('expected a FiredrillError');
}

const names = fc.uniqueArray(fc.string({minLength: 1, maxLength: 8}), {minLength: 1, maxLength: 30});

describe('Selection of targets', () => {
  it('hits the only candidate without being told how many', () => {
    expect(objects(select([candidate('a')], undefined).hit)).to.deep.equal(['a']);
  });

  it('refuses several candidates when the file does not say how many, and names them', () => {
    const error = problem(() => select([candidate('a'), candidate('b')], undefined));
    expect(error.code).to.equal('TARGET_AMBIGUOUS');
    expect(error.message).to.include('`name of a`, `name of b`');
    expect(error.hint).to.include('select: {count: 1}');
  });

  it('tells ambiguous processes apart by their command lines', () => {
    const node = {...candidate('a'), details: {command: `node server.js ${'x'.repeat(80)}`}};
    const error = problem(() => select([node, candidate('b')], undefined));
    expect(error.message).to.match(/`name of a` \(node server\.js x+…\), `name of b`\./);
  });

  it('refuses zero candidates and says what was looked for', () => {
    const error = problem(() => select([], {mode: 'all'}));
    expect(error.code).to.equal('TARGET_NONE');
    expect(error.message).to.include('`port 8080`');
  });

  it('refuses when everything that matches is protected, and says why', () => {
    const error = problem(() => select([candidate('a', 'its label')], {mode: 'all'}));
    expect(error.code).to.equal('TARGET_PROTECTED');
    expect(error.message).to.include('its label');
  });

  it('never counts a protected one as a candidate, but names it', () => {
    const {hit, excluded} = select([candidate('a', 'its label'), candidate('b')], undefined);
    expect(objects(hit)).to.deep.equal(['b']);
    expect(excluded.map(({candidate: one, why}) => [one.ref.object, why])).to.deep.equal([
      ['a', 'protected: its label'],
    ]);
  });

  it('refuses a count that is larger than the number of candidates', () => {
    const error = problem(() => select([candidate('a'), candidate('b')], {mode: 'count', count: 3}));
    expect(error.code).to.equal('TARGET_NONE');
    expect(error.message).to.include('got 2');
  });

  it('counts a target once that was found twice', () => {
    expect(objects(select([candidate('a'), candidate('a')], undefined).hit)).to.deep.equal(['a']);
  });

  it('rounds a percentage down, but never to nothing', () => {
    const four = ['a', 'b', 'c', 'd'].map(name => candidate(name));
    const hits = [0.01, 0.25, 0.49, 0.5, 0.99, 1].map(share => select(four, {mode: 'percent', share}).hit.length);
    expect(hits).to.deep.equal([1, 1, 1, 2, 3, 4]);
  });

  it('takes a percentage as it is written, not as it is stored', () => {
    const many = Array.from({length: 100}, (_, i) => candidate(String(i)));
    expect(select(many, {mode: 'percent', share: 0.29}).hit).to.have.length(29);
  });

  it('hits the same with the same seed, in whatever order the candidates come', () => {
    fc.assert(
      fc.property(names, fc.integer(), fc.integer({min: 1, max: 30}), (all, seed, count) => {
        const how = {mode: 'count', count: Math.min(count, all.length)} as const;
        const found = all.map(name => candidate(name));
        expect(objects(select([...found].reverse(), how, seed).hit)).to.deep.equal(
          objects(select(found, how, seed).hit),
        );
      }),
    );
  });

  it('hits and excludes every candidate exactly once, and as many as were asked for', () => {
    fc.assert(
      fc.property(
        names,
        names,
        fc.integer(),
        fc.double({min: 0.001, max: 1, noNaN: true}),
        (free, shielded, seed, share) => {
          const all = [
            ...free.map(name => candidate(`f${name}`)),
            ...shielded.map(name => candidate(`p${name}`, 'label')),
          ];
          const {hit, excluded} = select(all, {mode: 'percent', share}, seed);
          expect([...objects(hit), ...objects(excluded.map(one => one.candidate))].sort()).to.deep.equal(
            objects(all).sort(),
          );
          expect(hit.length).to.be.within(1, Math.max(1, share * free.length + 1e-6));
          expect(hit.some(one => one.protectedBy !== undefined)).to.equal(false);
        },
      ),
    );
  });

  describe('of which some cannot take the fault', () => {
    const six = ['a', 'b', 'c', 'd', 'e', 'f'].map(name => candidate(name));
    const without = (unfit: readonly string[]) =>
      six.map(one => (unfit.includes(one.ref.object) ? {...one, unfit: 'it is paused'} : one));

    it('draws among the others with every seed, and names them with the reason', () => {
      for (let seed = 0; seed < 20; seed += 1) {
        const {hit, excluded} = select(without(['a', 'b', 'c', 'd', 'e']), {mode: 'count', count: 1}, seed);
        expect(objects(hit)).to.deep.equal(['f']);
        expect(excluded.map(({why}) => why)).to.deep.equal(Array.from({length: 5}, () => 'it is paused'));
      }
    });

    it('keeps those that were drawn before it', () => {
      for (let seed = 0; seed < 20; seed += 1) {
        const before = objects(select(six, {mode: 'count', count: 3}, seed).hit);
        const [first = ''] = before;
        const after = objects(select(without([first]), {mode: 'count', count: 3}, seed).hit);
        expect(after).to.include.members(before.slice(1));
        expect(after).not.to.include(first);
      }
    });

    it('counts a share of the others', () => {
      expect(select(without(['a', 'b']), {mode: 'percent', share: 0.5}).hit).to.have.length(2);
    });

    it('says who was left out when too few are left, and why', () => {
      const few = problem(() => select(without(['a', 'b', 'c', 'd', 'e']), {mode: 'count', count: 2}));
      expect(few.code).to.equal('TARGET_NONE');
      expect(few.message).to.include('got 1: `name of f`; left out: `name of a` (it is paused)');
      const none = problem(() => select(without(['a', 'b', 'c', 'd', 'e', 'f']), {mode: 'count', count: 1}));
      expect([none.code, none.message]).to.deep.equal([
        'TARGET_UNSUITABLE',
        `Target \`inventory\`: nothing that matches can take the fault: ${six.map(({ref}) => `\`${ref.name}\` (it is paused)`).join(', ')}.`,
      ]);
    });
  });

  it('gives every candidate a chance', () => {
    const three = ['a', 'b', 'c'].map(name => candidate(name));
    const drawn = Array.from({length: 60}, (_, seed) => objects(select(three, {mode: 'count', count: 1}, seed).hit)[0]);
    expect(new Set(drawn)).to.deep.equal(new Set(['a', 'b', 'c']));
  });
});
