import {expect} from 'chai';
import fc from 'fast-check';
import {blastRadiusProblems, type Reach} from '../../../src/plan/blast-radius.js';
import type {Candidate} from '../../../src/targets/contract.js';

function candidate(object: string, protectedBy?: string): Candidate {
  const ref = {driver: 'memory', kind: 'process', name: object, endpoint: 'e', object, incarnation: '1'} as const;
  return {ref, status: 'running', ...(protectedBy === undefined ? {} : {protectedBy}), details: {}};
}

function reach(name: string, candidates: readonly Candidate[], hit: readonly string[]): Reach {
  return {name, candidates, hit: candidates.map(one => one.ref).filter(ref => hit.includes(ref.object))};
}

const defaults = {maxTargets: 3, maxShare: 0.5};
const said = (reaches: readonly Reach[], safety = defaults) =>
  blastRadiusProblems(reaches, safety).map(error => `${error.code}: ${error.message}`);

describe('Blast radius', () => {
  const five = ['a', 'b', 'c', 'd', 'e'].map(name => candidate(name));

  it('allows what stays within both limits', () => {
    expect(said([reach('x', five, ['a', 'b'])])).to.deep.equal([]);
  });

  it('refuses more distinct targets over all faults together than maxTargets, and names them', () => {
    const singles = ['a', 'b', 'c', 'd'].map(name => reach(name, [candidate(name)], [name]));
    const [problem] = said(singles);
    expect(problem).to.match(/^TARGET_TOO_MANY: Expected at most 3 targets .* got 4: `a`, `b`, `c`, `d`\.$/);
  });

  it('counts an object once that several faults hit', () => {
    expect(said([reach('x', five, ['a', 'b']), reach('y', five, ['b', 'a'])])).to.deep.equal([]);
  });

  it('refuses more than maxShare of the candidates of one selector', () => {
    const [problem] = said([reach('x', five, ['a', 'b', 'c'])]);
    expect(problem).to.include('Target `x`').and.to.include('3 of 5');
  });

  it('does not count the share of a selector with a single candidate', () => {
    expect(said([reach('x', [candidate('a')], ['a'])])).to.deep.equal([]);
  });

  it('does not count protected candidates into the share', () => {
    const found = [candidate('a'), candidate('b'), candidate('c', 'label'), candidate('d', 'label')];
    expect(said([reach('x', found, ['a'])])).to.deep.equal([]);
    expect(said([reach('x', found, ['a', 'b'])])).to.have.length(1);
  });

  it('does not count those that cannot take the fault into the share', () => {
    const paused = ['c', 'd', 'e', 'f'].map(name => ({...candidate(name), unfit: 'it is paused'}));
    expect(said([reach('x', [candidate('a'), candidate('b'), ...paused], ['a', 'b'])])[0]).to.include('2 of 2');
  });

  it('counts whom a fault reaches beside its target, and into the share only candidates', () => {
    const other = candidate('beside').ref;
    const {hit, ...rest} = reach('x', five, ['a', 'b']);
    expect(said([{...rest, hit: [...hit, other]}])).to.deep.equal([]);
    expect(said([{...rest, hit: [...hit, other, candidate('more').ref]}])[0]).to.include(
      'got 4: `a`, `b`, `beside`, `more`',
    );
    expect(said([{...rest, hit: [...hit, candidate('c').ref]}])[0]).to.include('3 of 5');
  });

  it('reports every broken limit at once', () => {
    expect(said([reach('x', five, ['a', 'b', 'c', 'd']), reach('y', five, ['a', 'b', 'c'])])).to.have.length(3);
  });

  it('holds exactly when the distinct hits stay within the limits', () => {
    const hits = fc.subarray(five.map(one => one.ref.object));
    fc.assert(
      fc.property(
        hits,
        hits,
        fc.integer({min: 1, max: 6}),
        fc.integer({min: 1, max: 5}),
        (x, y, maxTargets, fifths) => {
          const within = new Set([...x, ...y]).size <= maxTargets && Math.max(x.length, y.length) <= fifths;
          const problems = said([reach('x', five, x), reach('y', five, y)], {maxTargets, maxShare: fifths / 5});
          expect(problems.length === 0).to.equal(within);
        },
      ),
    );
  });
});
