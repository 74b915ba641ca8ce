import {expect} from 'chai';
import fc from 'fast-check';
import {seededRandom} from '../../../src/quantities/random.js';
import {
  bestConcurrency,
  capacityOf,
  fitScalability,
  isSaturated,
  kneeOf,
  nextStep,
  searchResult,
  throughputAt,
  type ScalabilityLaw,
  type SearchEnd,
  type SearchPlan,
  type SearchStep,
} from '../../../src/statistics/index.js';

const STEP_SECONDS = 5;

/**
 * How many requests are in flight in a system of this law at a rate that it can follow: the smaller root of X(N) =
 * rate.
 */
function concurrencyAt(law: ScalabilityLaw, rate: number): number {
  let [low, high] = [0, Math.min(bestConcurrency(law), 1e6)];
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (throughputAt(law, middle) < rate) low = middle;
    else high = middle;
  }
  return high;
}

/** A step on a system of this law; what it cannot answer piles up. */
function answerOf(law: ScalabilityLaw, rate: number, noise = () => 1): SearchStep {
  const most = capacityOf(law) * 0.999;
  const over = Math.max(0, rate - most);
  const followed = concurrencyAt(law, Math.min(rate, most));
  const concurrency = followed + (over * STEP_SECONDS) / 2;
  const answered = () => Math.min(rate, most) * (over > 0 ? noise() : 1);
  const points = Array.from({length: STEP_SECONDS}, (_, second) => ({
    concurrency: followed + over * (second + 0.5),
    throughput: answered(),
  }));
  const throughput = points.reduce((sum, point) => sum + point.throughput, 0) / points.length;
  const p99 = (3000 * concurrency) / throughput;
  return {rate, offered: rate, throughput, concurrency, p99, errors: 0, limited: false, points};
}

function search(plan: SearchPlan, measure: (rate: number, before: readonly SearchStep[]) => SearchStep) {
  const steps: SearchStep[] = [];
  for (;;) {
    const next = nextStep(plan, steps);
    if (next.kind === 'done') return {steps, end: next.end, knee: kneeOf(steps)};
    expect(next.rate).to.be.within(0, plan.to);
    steps.push(measure(next.rate, steps));
    expect(steps.length).to.be.at.most(plan.maxSteps);
  }
}

const PLAN = {from: 10, to: 10_000, maxSteps: 40};
/** A single server of 200 requests a second: σ = 1/2 is the law of its queue. */
const SINGLE = {lambda: 100, sigma: 0.5, kappa: 0};

describe('the search for the saturation point', () => {
  it('climbs by half until two rates were too much, and then goes into the middle of the gap twice', () => {
    const {steps, end, knee} = search({from: 40, to: 1000, maxSteps: 40}, rate => ({
      ...answerOf(SINGLE, rate),
      p99: rate > 150 ? 500 : 20,
    }));
    expect(end).to.equal('found');
    expect(steps.map(({rate}) => rate)).to.deep.equal([40, 60, 90, 135, 203, 305, 166, 150]);
    expect(knee).to.deep.equal({below: 150, above: 166});
  });

  it('finds where systems of any law saturate, and their capacity', () => {
    const law = fc.record({
      lambda: fc.double({min: 5, max: 500, noNaN: true}),
      sigma: fc.double({min: 0.02, max: 0.9, noNaN: true}),
      kappa: fc.double({min: 1e-6, max: 0.01, noNaN: true}),
    });
    fc.assert(
      fc.property(law, fc.integer({min: 1, max: 1000}), (of, seed) => {
        const capacity = capacityOf(of);
        const random = seededRandom(seed);
        const plan = {from: capacity / 10, to: capacity * 10, maxSteps: 40};
        const {steps, end, knee} = search(plan, rate => answerOf(of, rate, () => 0.98 + 0.04 * random()));
        expect(end).to.equal('found');
        expect(knee.below).to.be.at.most(capacity * 1.05);
        expect(knee.above).to.be.at.least(knee.below ?? Infinity);
        expect(Math.max(...steps.map(({rate}) => rate))).to.be.below(capacity * 1.5 ** 3);
        const fitted = fitScalability(steps.flatMap(({points}) => points));
        expect(fitted === undefined ? NaN : capacityOf(fitted)).to.be.within(capacity * 0.85, capacity * 1.15);
      }),
      {numRuns: 40},
    );
  });

  it('gives a capacity with an interval that holds the truth', () => {
    const random = seededRandom(5);
    const {steps, end} = search(PLAN, rate => answerOf(SINGLE, rate, () => 0.9 + 0.2 * random()));
    const {capacity} = searchResult(steps, end, 1);
    expect(capacity?.estimate).to.be.closeTo(200, 10);
    expect(capacity?.lower).to.be.within(180, 200);
    expect(capacity?.upper).to.be.within(200, 220);
  });

  it('goes down when the first rate is too much, and says so when nothing is little enough', () => {
    const down = search({...PLAN, from: 500}, rate => answerOf(SINGLE, rate));
    expect(down.end).to.equal('found');
    expect(down.steps.slice(0, 3).map(({rate}) => rate)).to.deep.equal([500, 222, 98.7]);
    expect(down.knee.below).to.be.within(98, 200);
    const never = search(PLAN, rate => ({...answerOf(SINGLE, rate), throughput: rate * 0.9}));
    expect(never.end).to.equal('never-fine');
    expect(never.knee.below).to.equal(undefined);
    expect(never.steps.length).to.be.below(10);
  });

  it('stays below the highest allowed rate, and fills the gaps so that a law can be fitted', () => {
    const {steps, end, knee} = search({...PLAN, to: 30}, rate => answerOf(SINGLE, rate));
    expect(end).to.equal('not-reached');
    expect(knee).to.deep.equal({below: 30, above: undefined});
    expect(new Set(steps.map(({rate}) => rate)).size).to.be.at.least(6);
  });

  it('never goes higher after a rate at which most requests failed', () => {
    const {steps, end} = search(PLAN, rate => {
      const failing = rate > 50;
      return {...answerOf(SINGLE, rate), errors: failing ? 0.8 : 0, throughput: failing ? rate / 5 : rate};
    });
    expect(end).to.equal('found');
    const highest = Math.max(...steps.map(({rate}) => rate));
    expect(steps.filter(({errors}) => errors > 0.5).every(({rate}) => rate <= highest)).to.equal(true);
    expect(highest).to.be.within(50, 51);
  });

  it('tries a rate again that the generator could not hold, and takes it as a ceiling the third time', () => {
    let slips = 0;
    const late = (rate: number) => ({...answerOf(SINGLE, rate), p99: 900, limited: true});
    const slipped = search(PLAN, rate => (rate > 60 && slips++ < 2 ? late(rate) : answerOf(SINGLE, rate)));
    expect(slipped.end).to.equal('found');
    const {end, steps, knee} = search(PLAN, rate => (rate > 60 ? late(rate) : answerOf(SINGLE, rate)));
    expect(end).to.equal('limited');
    expect(knee.above).to.equal(undefined);
    expect(steps.filter(({limited}) => limited).length).to.equal(3);
    expect(searchResult(steps, end, 1).steps.at(-1)?.state).to.equal('unknown');
    expect(search(PLAN, rate => ({...late(rate), throughput: 1})).end).to.equal('limited');
  });

  it('believes a step of a late generator that looks good all the same', () => {
    const {end} = search(PLAN, rate => ({...answerOf(SINGLE, rate), limited: rate > 20 && rate < 150}));
    expect(end).to.equal('found');
  });

  it('tells what it found: capacity, advice, and what became of each step', () => {
    const {steps, end} = search(PLAN, rate => answerOf(SINGLE, rate));
    const found = searchResult(steps, end, 1);
    expect(found.capacity?.estimate).to.be.closeTo(200, 5);
    const [from = NaN, to = NaN] = found.advised ?? [];
    expect(from / (found.knee.below ?? NaN)).to.be.closeTo(0.5, 0.03);
    expect(to / (found.knee.below ?? NaN)).to.be.closeTo(0.7, 0.03);
    expect(found.steps.map(({rate}) => rate)).to.deep.equal(
      [...found.steps.map(({rate}) => rate)].sort((a, b) => a - b),
    );
    expect(found.steps[0]?.state).to.equal('followed');
    expect(found.steps.at(-1)?.state).to.equal('too-much');
    expect(searchResult(steps, end, 1)).to.deep.equal(found);
    const low = steps.filter(({rate}) => rate < 60);
    expect(searchResult(low, 'not-reached', 1).capacity).to.equal(undefined);
    expect(searchResult([], 'limited', 1).advised).to.equal(undefined);
  });

  it('comes to an end whatever is measured', () => {
    const ends: readonly SearchEnd[] = ['found', 'not-reached', 'limited', 'never-fine', 'out-of-steps'];
    fc.assert(
      fc.property(fc.integer(), fc.integer({min: 1, max: 40}), (seed, maxSteps) => {
        const random = seededRandom(seed);
        const {end} = search({from: 1 + 200 * random(), to: 300, maxSteps}, rate => ({
          ...answerOf(SINGLE, rate, random),
          offered: random() < 0.1 ? 0 : rate,
          p99: random() < 0.2 ? null : 100 * random(),
          errors: random() < 0.1 ? 0.9 : 0,
          limited: random() < 0.3,
        }));
        expect(ends).to.include(end);
      }),
    );
  });

  it('takes a few milliseconds more for noise, not for a queue', () => {
    const steps = [1, 4].map((p99, i) => ({...answerOf(SINGLE, 10 * (i + 1)), p99}));
    expect(steps.some(step => isSaturated(step, steps))).to.equal(false);
    const queued = [...steps, {...answerOf(SINGLE, 30), p99: 7}];
    expect(queued.map(step => isSaturated(step, queued))).to.deep.equal([false, false, true]);
  });
});
