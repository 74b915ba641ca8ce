import {expect} from 'chai';
import {SECTIONS} from '../../../../scripts/calibrate/sections.js';
import {markdown} from '../../../../scripts/calibrate/table.js';
import {sample, skipUndrawn} from '../../../support/sample.js';

/** Runs a figure; `npm run calibrate` makes ten times as many. */
const RUNS = 200;
const SEED = 17;

/** Tables in a sample. */
const DRAWN = 3;

const titleOf = ([section]: (typeof SECTIONS)[number]) => `finds every figure of \`${section.name}\` inside its bounds`;

describe('the calibration of the judgement, in short', () => {
  const {drawn, left} = sample(SECTIONS, DRAWN);
  for (const one of drawn) {
    it(titleOf(one), function () {
      this.timeout(600_000);
      const [section, share] = one;
      const made = section({runs: Math.ceil(RUNS * share), seed: SEED});
      expect(made.failures).to.deep.equal([]);
      expect(made.rows.every(row => row.length === made.columns.length)).to.equal(true);
      expect(markdown(made)).to.include(`### ${made.title}`);
    });
  }
  skipUndrawn(left.map(titleOf));
});
