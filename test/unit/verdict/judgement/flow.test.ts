import {expect} from 'chai';
import fc from 'fast-check';
import {meanFlow} from '../../../../src/statistics/index.js';
import {flowOf} from '../../../../src/verdict/judgement/flow.js';
import {queuedLoad, sweep} from '../../../../scripts/calibrate/queue.js';
import {seconds} from '../../../support/signals.js';

const US = 1_000_000;

/** What a single server with a queue really answered and held, second by second, and what was recorded of it. */
function queued(rate: number, service: number, length: number) {
  const {seconds: recorded, requests, ends} = queuedLoad({rates: sweep([rate], length, 1), capacity: 1 / service});
  const overlap = (at: number, end: number, second: number) =>
    Math.max(0, Math.min(end, second + 1) - Math.max(at, second));
  const truth = recorded.map((_, second) => ({
    throughput: ends.filter(end => Math.floor(end) === second).length,
    concurrency: requests.reduce((sum, at, n) => sum + overlap(at, ends[n] ?? 0, second), 0),
  }));
  return {recorded, truth};
}

describe('what is in flight, second by second', () => {
  it('is what a queue really holds and answers, far above its capacity too', () => {
    fc.assert(
      fc.property(fc.integer({min: 20, max: 200}), fc.double({min: 0.001, max: 0.05, noNaN: true}), (rate, service) => {
        const {recorded, truth} = queued(rate, service, 6);
        const flow = meanFlow(flowOf(recorded).slice(1));
        const mean = (of: 'throughput' | 'concurrency') =>
          truth.slice(1).reduce((sum, second) => sum + second[of], 0) / (truth.length - 1);
        expect(flow?.throughput).to.be.closeTo(mean('throughput'), 1 + 0.05 * rate);
        expect(flow?.concurrency).to.be.closeTo(mean('concurrency'), 1 + 0.03 * mean('concurrency'));
      }),
      {numRuns: 30},
    );
  });

  it('follows Little: rate times mean time', () => {
    const flow = flowOf(seconds(0, 10, {ok: 50, latencyMs: 200}));
    expect(flow[5]?.concurrency).to.be.closeTo(10, 0.1);
    expect(flow[5]?.throughput).to.be.closeTo(50, 0.01);
    expect(meanFlow(flow.slice(2))?.concurrency).to.be.closeTo(10, 0.1);
    expect(meanFlow([])).to.equal(undefined);
  });

  it('counts failures as in flight but not as answered, and what was never sent as neither', () => {
    const [, second] = flowOf(seconds(0, 2, {ok: 30, failed: 20, unsent: 10, latencyMs: 100}));
    expect(second?.offered).to.equal(60);
    expect(second?.throughput).to.be.closeTo(30, 0.01);
    expect(second?.concurrency).to.be.closeTo(5, 0.1);
  });

  it('has nothing to say without a second, and bridges a gap', () => {
    expect(flowOf([])).to.deep.equal([]);
    const [, late] = flowOf([...seconds(0, 1, {ok: 10, latencyMs: 5}), ...seconds(5, 6, {ok: 10, latencyMs: 5})]);
    expect(late?.at).to.equal(5 * US);
    expect(late?.throughput).to.be.closeTo(9.95, 0.01);
  });
});
