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
  cases.forEach((one, nth) => {
    it(`puts ${one.entry} back, by the guardian or by recover`, async () => {
      // The others make the same requests with other arguments.
      const {deaths} = await new CrashMatrix(runner, cases, nth === 0 ? 'part' : 'brief').cover(one);
      expect(deaths).to.be.at.least(nth === 0 ? 4 : 2);
    }).timeout(600_000);
  });
});
