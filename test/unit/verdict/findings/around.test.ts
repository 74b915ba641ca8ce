import {expect} from 'chai';
import type {Mishap} from '../../../../src/targets/surroundings.js';
import {judge} from '../../../../src/verdict/judge.js';
import {deviated, held, instant, platformHeal, target} from '../../../support/records.js';
import {around, surrounding} from '../../../support/surroundings.js';

const mishap = (at: number, overrides: Partial<Mishap> = {}): Mishap => ({
  at: instant(at).wall,
  object: 'id-of-shop-store-1',
  name: 'shop-store-1',
  what: 'ended',
  exitCode: 1,
  ...overrides,
});
const own = {object: target().object, name: target().name};
const found = (evidence: Parameters<typeof judge>[0], ...codes: readonly string[]) =>
  judge(evidence).findings.filter(({code}) => codes.includes(code));
const befell = (mishaps: readonly Mishap[], evidence = held()) =>
  found(around(evidence, [{at: 39.2, when: 'after', mishaps}]), 'ended-unasked', 'collateral-mishap');

describe('what befell targets and neighbours', () => {
  it('is told once for each, with how often, and is a crash loop from three on', () => {
    const [loop, ...others] = befell([mishap(12), mishap(15), mishap(18)]);
    expect(others).to.deep.equal([]);
    expect(loop).to.include({code: 'collateral-mishap', severity: 'SEV2', title: 'shop-store-1 ended 3 times'});
    expect(loop?.when).to.deep.equal({from: instant(12).wall, to: instant(18).wall});
    expect(befell([mishap(12)])[0]?.severity).to.equal('SEV3');
    expect(befell([mishap(12, {what: 'unhealthy'})])[0]?.severity).to.equal('SEV4');
    expect(befell([mishap(12, {...own, what: 'out-of-memory'})])[0]?.code).to.equal('ended-unasked');
  });

  it('is not what a fault does itself, nor what was before the first injection', () => {
    expect(befell([mishap(5)])).to.deep.equal([]);
    expect(befell([mishap(12, {...own, what: 'unhealthy'})])).to.deep.equal([]);
    expect(befell([mishap(10.1, own)], platformHeal(true))).to.deep.equal([]);
    expect(befell([mishap(10.1, own)])).to.have.length(1);
  });
});

describe('how many instances there are', () => {
  const instances = (...serving: readonly boolean[]) => [
    surrounding({instances: serving.map((isServing, i) => ({name: `shop-inventory-${i + 1}`, serving: isServing}))}),
  ];

  it('matters where a metric deviated and there was one', () => {
    const one = [{at: 5, when: 'before', targets: instances(true)}] as const;
    expect(found(around(deviated(), one), 'single-instance')).to.have.length(1);
    expect(found(around(held(), one), 'single-instance')).to.deep.equal([]);
    const two = [{at: 5, when: 'before', targets: instances(true, true)}] as const;
    expect(found(around(deviated(), two), 'single-instance')).to.deep.equal([]);
  });

  it('is luck where everything held with the last one', () => {
    const during = (...serving: readonly boolean[]) =>
      found(around(held(), [{at: 12, when: 'during', targets: instances(...serving)}]), 'last-instance');
    expect(during(false, true)[0]?.title).to.equal('Only shop-inventory-2 was left to serve');
    expect(during(false, true, true)).to.deep.equal([]);
    expect(during(true)).to.deep.equal([]);
    expect(during(false)).to.deep.equal([]);
  });
});
