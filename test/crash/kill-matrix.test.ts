import {expect} from 'chai';
import {describeWith} from '../support/needs.js';
import {sample, skipUndrawn} from '../support/sample.js';
import {bundleRunner, removeBundle} from './crash-lab.js';
import {CrashMatrix, type Coverage} from './matrix.js';
import {CASES} from './stages/index.js';
import type {CrashCase} from './stages/stage.js';

/** With a selection of tests, only what is selected runs. */
const SELECTED = process.argv.some(argument => /^(-g|-f|--f?grep)/.test(argument));

/** Of the cases of a driver, in a sample. */
const DRAWN_SHARE = 0.2;

const driversOf = (cases: readonly CrashCase[]) => [...new Set(cases.map(({driver}) => driver))];

const titleOf = ({entry, variant}: CrashCase) =>
  `puts ${entry} back${variant === undefined ? '' : ` (${variant})`}, by the guardian or by recover`;

for (const driver of driversOf(CASES)) {
  const all = CASES.filter(one => one.driver === driver && one.needs === undefined);
  const {drawn: cases, left} = sample(all, Math.ceil(all.length * DRAWN_SHARE));
  describeWith(driver === 'docker' ? 'docker' : 'linux', `kill -9 at every step of a run, ${driver}`, function () {
    const ahead = new Map<CrashCase, Promise<Coverage>>();
    const covered: [CrashCase, Coverage][] = [];
    let runner = '';
    before(async () => {
      runner = await bundleRunner();
      if (SELECTED) return;
      const matrix = new CrashMatrix(runner, cases);
      for (const one of cases) {
        const covering = matrix.cover(one);
        // Told by the test of this case.
        covering.catch(() => undefined);
        ahead.set(one, covering);
      }
    });
    after(async function () {
      this.timeout(900_000);
      await Promise.allSettled(ahead.values());
      removeBundle();
      for (const [{entry}, {depth, mechanism, deaths}] of covered)
        console.log(`      ${entry}: ${deaths} crashes (${depth}: ${mechanism})`);
      console.log(`      ${covered.reduce((sum, [, {deaths}]) => sum + deaths, 0)} crashes on ${driver}`);
    });
    for (const one of cases) {
      it(titleOf(one), async () => {
        const coverage = await (ahead.get(one) ?? new CrashMatrix(runner, [one]).cover(one));
        expect(coverage.deaths).to.be.at.least(4);
        covered.push([one, coverage]);
      }).timeout(900_000);
    }
    skipUndrawn(left.map(titleOf));
  });
}
