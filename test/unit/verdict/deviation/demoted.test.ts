import {expect} from 'chai';
import {
  deviating,
  deviationFile,
  judged,
  levels,
  on,
  recorded,
  seriesFor,
  type Levels,
} from '../../../support/deviations.js';

const WHY = 'this run could only see a change of 72% in noisy, the critical change is 50%';

/** A run with a metric that can answer and one of which the gate said that it hardly can. */
function runOf({ready = {}, noisy = {}, demoted = true}: {ready?: Levels; noisy?: Levels; demoted?: boolean}) {
  const file = deviationFile([deviating({name: 'ready'}), deviating({name: 'noisy'})]);
  const series = [
    seriesFor(levels(ready), {metric: 'ready', id: 1}),
    seriesFor(levels({seed: 10, spread: 0.6, ...noisy}), {metric: 'noisy', id: 2}),
  ];
  const named = demoted ? {demoted: [{metric: 'noisy', why: WHY}]} : {};
  return judged(recorded(file, {series, ...named}));
}

describe('A metric that could hardly answer', () => {
  it('keeps the verdict open where the gate did not say so', () => {
    expect(runOf({demoted: false})).to.include({verdict: 'inconclusive', exit: 5});
  });

  it('does not keep it open where the gate did: the others hold, and it is told what is not decided and why', () => {
    const result = runOf({});
    expect(result).to.include({verdict: 'held', exit: 0});
    const [ready, noisy] = result.metrics;
    expect(ready).to.include({verdict: 'held'}).and.not.have.property('notDecided');
    expect(noisy).to.include({verdict: null, notDecided: WHY});
    expect(noisy?.explanation).to.match(new RegExp(`^Not decided, because ${WHY}. It `));
    expect(on(result, 'noisy'))
      .to.include({verdict: null})
      .and.have.property('why')
      .match(/^not decided: /);
    expect(result.headline).to.match(/^HELD: ready (?:went|stayed)/);
    expect(result.headline).to.include(`Not decided: noisy, because ${WHY}.`);
    expect(result.headline).not.to.include('Both metrics');
    expect(result.reasons).to.deep.equal([`not decided: noisy, because ${WHY}`]);
  });

  it('does not hide what the others show', () => {
    const result = runOf({ready: {during: 150}});
    expect(result).to.include({verdict: 'deviated', exit: 7});
    expect(result.reasons.at(-1)).to.equal(`not decided: noisy, because ${WHY}`);
  });

  it('still counts where it is proven to be worse after all', () => {
    const result = runOf({noisy: {during: 1000}});
    expect(result).to.include({verdict: 'deviated', exit: 7});
    expect(result.metrics[1]).to.include({verdict: 'deviated'}).and.not.have.property('notDecided');
    expect(result.headline).to.match(/^DEVIATED: noisy went from/);
  });

  it('is not waited for in the recovery', () => {
    const [, noisy] = runOf({noisy: {after: 1000}}).metrics;
    expect(noisy).to.deep.include({judged: ['fault'], verdict: null});
    expect(noisy?.intervals.find(({kind}) => kind === 'recovery')?.verdict).to.equal(null);
  });
});
