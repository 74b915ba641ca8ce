import {expect} from 'chai';
import {judgeSeries} from '../../scripts/calibrate/live/outcomes.js';
import {runSeries} from '../../scripts/calibrate/live/series.js';
import {ensureBuilt} from '../support/cli.js';
import {scratchFolder} from '../support/shop.js';

/** `npm run calibrate:live` makes 50 of them. */
const RUNS = 3;

describe('real runs in which nothing happens', function () {
  this.timeout(600_000);
  before(() => ensureBuilt());

  it('are never called deviated', async () => {
    using scratch = scratchFolder();
    const windows = {windowSeconds: 30, resizeSeconds: 40};
    const series = {
      kind: 'nothing',
      runs: RUNS,
      attempts: RUNS,
      parallel: RUNS,
      ...windows,
      folder: scratch.path,
    } as const;
    const codes: number[] = [];
    await runSeries(series, (_, code) => codes.push(code));
    const outcomes = await judgeSeries(scratch.path);
    expect(outcomes).to.have.length(RUNS);
    expect(outcomes.filter(({verdict}) => verdict === 'deviated').map(({headline}) => headline)).to.deep.equal([]);
    // Those that were judged compared every metric: a verdict without a change would prove nothing.
    const judged = outcomes.filter(({verdict}) => verdict !== 'not begun');
    expect(judged.length).to.equal(codes.filter(code => code === 0 || code === 5).length);
    for (const metric of judged.flatMap(({metrics}) => metrics)) {
      expect(metric.verdict, metric.name).to.be.oneOf(['held', 'inconclusive']);
      expect(metric.change, metric.name).to.be.a('number');
    }
  });
});
