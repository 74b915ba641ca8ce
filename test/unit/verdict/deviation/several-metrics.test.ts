import {expect} from 'chai';
import fc from 'fast-check';
import type {MetricSpec} from '../../../../src/experiment/experiment.js';
import {judge} from '../../../../src/verdict/judge.js';
import {
  deviating,
  deviationFile,
  judged,
  levels,
  noise,
  on,
  recorded,
  seriesFor,
  type Levels,
} from '../../../support/deviations.js';
import {sampledMetric} from '../../../support/signals.js';

describe('several metrics', () => {
  const named = (name: string, of: Partial<MetricSpec> = {}) => deviating({name, ...of});
  const series = (of: Readonly<Record<string, Levels>>) =>
    Object.entries(of).map(([metric, level], i) => seriesFor(levels({seed: i + 1, ...level}), {metric, id: i + 1}));

  it('share one chance of a false alarm (Holm), so that one among many has to show more', () => {
    // Alone its change is just proven to be more than is allowed.
    const doubtful: Levels = {during: 112.6, spread: 0.045, seed: 1};
    const alone = judged(recorded(deviationFile([named('a')]), {series: series({a: doubtful})}));
    expect(on(alone, 'a').verdict).to.equal('deviated');
    const others = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    const many = judged(
      recorded(deviationFile(['a', ...others].map(name => named(name))), {
        series: series({a: doubtful, ...Object.fromEntries(others.map(name => [name, {}]))}),
      }),
    );
    expect(on(many, 'a').verdict).to.equal('inconclusive');
    expect(on(many, 'a').deviation!.doubts.map(({code}) => code)).to.include('several-metrics');
    expect(on(many, 'b').verdict).to.equal('held');
  });

  it('that do not decide are shown as moved, and change neither the verdict nor the others', () => {
    const {tolerance} = sampledMetric();
    const file = deviationFile([
      named('a'),
      named('seen', {judge: []}),
      {...named('limited'), tolerance: {...tolerance!, below: 1000}},
    ]);
    const result = judged(
      recorded(file, {series: series({a: {during: 101}, seen: {during: 200}, limited: {during: 200}})}),
    );
    expect(result).to.include({verdict: 'held', exit: 0});
    expect(on(result, 'seen')).to.include({verdict: null});
    expect(on(result, 'seen').deviation).to.include({decides: false, alsoMoved: true, verdict: 'deviated'});
    expect(result.metrics[1]!.explanation).to.match(
      /^Observed only: .* It moved by more than \+10%, which decides nothing\.$/,
    );
    expect(on(result, 'limited')).to.include({verdict: 'held', withinTolerance: true});
    expect(on(result, 'limited').deviation).to.include({decides: false, alsoMoved: true});
    expect(result.findings.map(({code}) => code)).to.not.include('hypothesis-broken');
  });

  it('are decided by their tolerance where they have one, and a tolerance that is left is never hidden', () => {
    const limited = {...deviating(), tolerance: {below: 120, settlesWithinMs: 0}};
    const result = judged(
      recorded(deviationFile([limited]), {series: [seriesFor(levels({during: 150, after: 150}))], back: null}),
    );
    expect(result.judge).to.equal('tolerance@1');
    expect(on(result)).to.include({verdict: 'deviated', withinTolerance: false});
    expect(on(result).deviation!.verdict).to.equal('inconclusive');
  });

  it('of one metric are its subjects: the worst decides, and is named', () => {
    const subjects = (worst: number) =>
      ['shop-1', 'shop-2', 'shop-3'].map((subject, i) =>
        seriesFor(levels({during: i === 1 ? worst : 100, seed: i + 1}), {subject, id: i + 1}),
      );
    const result = judged(recorded(deviationFile([deviating()]), {series: subjects(150)}));
    expect(on(result).deviation).to.include({verdict: 'deviated', subject: 'shop-2'});
    expect(on(result).deviation!.text).to.match(/^latency of shop-2 went from/);
    expect(judged(recorded(deviationFile([deviating()]), {series: subjects(100)})).verdict).to.equal('held');
  });
});

describe('the verdict by deviation', () => {
  const verdictOf = (values: readonly (number | null)[], metric: Partial<MetricSpec> = {}) => {
    const {verdict, deviation} = on(judge(recorded(deviationFile([deviating(metric)]), {series: [seriesFor(values)]})));
    return {verdict, grade: deviation?.grade ?? null};
  };

  it('is the same in another unit, and beside a missing value', () => {
    const level = fc.double({min: 60, max: 200, noNaN: true});
    fc.assert(
      fc.property(level, fc.integer({min: 1, max: 1000}), (during, seed) => {
        const values = levels({during, seed, spread: 0.08});
        const plain = verdictOf(values);
        expect(verdictOf(values.map(value => value! / 1000))).to.deep.equal(plain);
        expect(verdictOf(values.map(value => value! * 1024))).to.deep.equal(plain);
        expect(verdictOf([...values, NaN].map(value => (Number.isNaN(value) ? null : value)))).to.deep.equal(plain);
      }),
      {numRuns: 12},
    );
  });

  it('turns around when baseline and fault change places', () => {
    const draw = noise(9, 0.03);
    const values = Array.from({length: 154}, (_, at) => (at >= 62 && at < 123 ? 150 : 100) * draw());
    const swapped = Array.from({length: 154}, (_, at) => (at >= 62 && at < 123 ? 100 : 150) * draw());
    expect(verdictOf(values, {worse: 'higher'}).verdict).to.equal('deviated');
    expect(verdictOf(values, {worse: 'lower'}).verdict).to.equal('held');
    const back = {worse: 'lower', deviation: {by: 0.1, critical: 0.5}} as const;
    expect(verdictOf(swapped, back).verdict).to.equal('deviated');
    expect(verdictOf(swapped, {worse: 'higher'}).verdict).to.equal('held');
  });

  it('of a metric does not change when it is given twice', () => {
    const values = levels({during: 130});
    const file = deviationFile([deviating(), deviating({name: 'again'})]);
    const result = judge(recorded(file, {series: [seriesFor(values), seriesFor(values, {metric: 'again', id: 2})]}));
    expect(result.metrics.map(({verdict}) => verdict)).to.deep.equal(['deviated', 'deviated']);
  });
});
