import {expect} from 'chai';
import fc from 'fast-check';
import type {LoadSpec, LoadStage} from '../../../src/signals/load/spec.js';
import {seededRandom} from '../../../src/quantities/random.js';
import {arrivalsOf, Profile} from '../../../src/signals/load/pacer.js';

const SECOND = 1_000_000;

type Pace = Pick<LoadSpec, 'rate' | 'stages' | 'repeat' | 'arrivals'>;

/** All arrivals before `us`, at most `most`. */
function arrivals(pace: Pace, us: number, {seed = 1, most = 1e5} = {}): number[] {
  const next = arrivalsOf(pace, seededRandom(seed));
  const found: number[] = [];
  for (let at = next(); at < us && found.length < most; at = next()) found.push(at);
  return found;
}

const ramp = (fromRate: number, toRate: number, forMs: number): LoadStage => ({fromRate, toRate, forMs});
const hold = (rate: number, forMs: number): LoadStage => ramp(rate, rate, forMs);
const between = (times: readonly number[], fromS: number, toS: number) =>
  times.filter(at => at >= fromS * SECOND && at < toS * SECOND).length;

/** The integral of the rate by many small trapezia: independent of how the profile does it. */
function integral({rate, stages = [], repeat = false}: Pace, us: number): number {
  const roundMs = stages.reduce((sum, stage) => sum + stage.forMs, 0);
  const rateAt = (ms: number): number => {
    let left = repeat ? ms % roundMs : ms;
    for (const {fromRate, toRate, forMs} of stages) {
      if (left < forMs) return fromRate + ((toRate - fromRate) * left) / forMs;
      left -= forMs;
    }
    return stages.at(-1)?.toRate ?? rate;
  };
  const cells = 20_000;
  let sum = 0;
  for (let i = 0; i < cells; i++) sum += rateAt(((i + 0.5) * us) / 1000 / cells);
  return (sum * us) / SECOND / cells;
}

/** From nothing, or from less than one request in ten days, to what a test can look at. */
const rates = fc.oneof(fc.constant(0), fc.double({min: 1e-6, max: 200, noNaN: true}));
const stages = fc.array(
  fc.tuple(fc.boolean(), rates, fc.integer({min: 1, max: 3000})).map(([jump, to, forMs]) => ({jump, to, forMs})),
  {minLength: 1, maxLength: 6},
);
const paces = fc.tuple(rates, stages, fc.boolean()).map(([rate, drawn, repeat]): Pace => {
  let before = rate;
  const all = drawn.map(({jump, to, forMs}) => {
    const stage = ramp(jump ? to : before, to, forMs);
    before = to;
    return stage;
  });
  return {rate, stages: all, repeat};
});

describe('the moments at which a load is due', () => {
  it('has the first request due at once, a hundred in the first second at 100/s, and the next one at its end', () => {
    const times = arrivals({rate: 100}, 1.5 * SECOND);
    expect(times[0]).to.equal(0);
    expect(between(times, 0, 1)).to.equal(100);
    expect(times[100]).to.equal(SECOND);
  });

  it('keeps a constant rate exactly, also after a day', () => {
    const profile = new Profile({rate: 333});
    const day = 86_400 * 333;
    expect(profile.timeOf(day)).to.equal(86_400 * SECOND);
    expect(profile.countAt(86_400 * SECOND)).to.be.closeTo(day, 1e-6);
  });

  it('ramps in a straight line: the integral of the rate is what is due', () => {
    const times = arrivals({rate: 0, stages: [ramp(0, 100, 10_000)]}, 12 * SECOND);
    // 10 t²/2 requests by second t of the ramp, then 100/s.
    expect([1, 2, 5, 10].map(second => between(times, 0, second))).to.deep.equal([5, 20, 125, 500]);
    expect(between(times, 10, 12)).to.equal(200);
  });

  it('takes steps at once, pauses, and stays at the last rate', () => {
    const times = arrivals(
      {rate: 10, stages: [hold(10, 2000), hold(50, 1000), hold(0, 3000), hold(20, 1000)]},
      9 * SECOND,
    );
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map(second => between(times, second, second + 1))).to.deep.equal([
      10, 10, 50, 0, 0, 0, 20, 20, 20,
    ]);
  });

  it('repeats its stages again and again', () => {
    const times = arrivals({rate: 10, stages: [hold(10, 1000), hold(40, 1000)], repeat: true}, 6 * SECOND);
    expect([0, 1, 2, 3, 4, 5].map(second => between(times, second, second + 1))).to.deep.equal([
      10, 40, 10, 40, 10, 40,
    ]);
  });

  it('ends when it has come to rest at zero', () => {
    expect(arrivals({rate: 10, stages: [hold(10, 1000), hold(0, 1000)]}, Infinity)).to.have.length(10);
  });

  it('has due, for any profile, what its integral says, rounded up', () => {
    fc.assert(
      fc.property(paces, fc.integer({min: 1, max: 12}), (pace, seconds) => {
        const due = arrivals(pace, seconds * SECOND).length;
        // The trapezia cut corners at jumps: a cell of it at 200/s is worth a tenth of a request.
        expect(due).to.be.within(integral(pace, seconds * SECOND) - 0.5, integral(pace, seconds * SECOND) + 1.5);
        expect(Math.abs(due - Math.ceil(new Profile(pace).countAt(seconds * SECOND)))).to.be.at.most(1);
      }),
      {numRuns: 60},
    );
  });

  it('never goes back in time, whatever the profile', () => {
    fc.assert(
      fc.property(paces, fc.constantFrom('uniform', 'poisson'), (pace, kind) => {
        const times = arrivals({...pace, arrivals: kind}, 8 * SECOND, {most: 2000});
        expect(times.every((at, i) => at >= (times[i - 1] ?? 0))).to.equal(true);
      }),
      {numRuns: 60},
    );
  });

  it('spaces Poisson arrivals at random: as many on average, as scattered as independent users', () => {
    const seconds = 200;
    const times = arrivals({rate: 200, arrivals: 'poisson'}, seconds * SECOND);
    // Four standard deviations of a Poisson count.
    expect(times.length).to.be.closeTo(200 * seconds, 4 * Math.sqrt(200 * seconds));
    const bins = new Array<number>(seconds * 100).fill(0);
    for (const at of times) bins[Math.floor(at / 10_000)]! += 1;
    const mean = times.length / bins.length;
    const variance = bins.reduce((sum, count) => sum + (count - mean) ** 2, 0) / bins.length;
    expect(variance / mean).to.be.closeTo(1, 4 * Math.sqrt(2 / bins.length));
  });

  it('draws the same Poisson arrivals for the same seed, and others for another', () => {
    const draw = (seed: number) => arrivals({rate: 50, arrivals: 'poisson'}, 2 * SECOND, {seed});
    expect(draw(7)).to.deep.equal(draw(7));
    expect(draw(7)).to.not.deep.equal(draw(8));
  });

  it('follows a ramp with Poisson arrivals too', () => {
    const times = arrivals({rate: 0, stages: [ramp(0, 400, 100_000)], arrivals: 'poisson'}, 100 * SECOND);
    expect(times.length).to.be.closeTo(20_000, 4 * Math.sqrt(20_000));
    expect(between(times, 0, 50)).to.be.closeTo(5000, 4 * Math.sqrt(5000));
  });
});
