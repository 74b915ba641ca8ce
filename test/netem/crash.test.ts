import {expect} from 'chai';
import {bundleRunner, removeBundle} from '../crash/crash-lab.js';
import {CrashMatrix} from '../crash/matrix.js';
import {CASES} from '../crash/stages/index.js';
import {describeWith} from '../support/needs.js';

describeWith('netem', 'kill -9 in the middle of faults that need netem', () => {
  const cases = CASES.filter(({needs}) => needs === 'netem');
  let runner = '';
  before(async () => (runner = await bundleRunner()));
  after(() => {
    removeBundle();
  });
  for (const one of cases)
    it(`puts ${one.entry} back, by the guardian or by recover`, async () => {
      const {deaths} = await new CrashMatrix(runner, cases, 'part').cover(one);
      expect(deaths).to.be.at.least(4);
    }).timeout(300_000);
});
