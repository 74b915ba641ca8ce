import {expect} from 'chai';
import {SECTIONS} from '../../../../scripts/calibrate/sections.js';
import {markdown} from '../../../../scripts/calibrate/table.js';

/** Runs a figure; `npm run calibrate` makes ten times as many. */
const RUNS = 200;
const SEED = 17;

describe('the calibration of the judgement, in short', () => {
  for (const [section, share] of SECTIONS) {
    it(`finds every figure of \`${section.name}\` inside its bounds`, function () {
      this.timeout(180_000);
      const made = section({runs: Math.ceil(RUNS * share), seed: SEED});
      expect(made.failures).to.deep.equal([]);
      expect(made.rows.every(row => row.length === made.columns.length)).to.equal(true);
      expect(markdown(made)).to.include(`### ${made.title}`);
    });
  }
});
