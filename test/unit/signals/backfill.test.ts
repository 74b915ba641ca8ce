import {expect} from 'chai';
import {noValue} from '../../../src/signals/missing.js';
import {setTimeout as delay} from 'node:timers/promises';
import type {OpenProbe, Reading, Sample} from '../../../src/signals/contract.js';
import {readHistory} from '../../../src/signals/read-history.js';
import {startSampler} from '../../../src/signals/sampler.js';
import {systemClock} from '../../../src/system/clock.js';

const clock = systemClock();
const SECOND = 1_000_000;

function probeOf(read: (count: number) => readonly Reading[] | Error, more: Partial<OpenProbe> = {}): OpenProbe {
  let count = 0;
  return {
    patienceMs: () => 100,
    read: () => {
      const answer = read(count++);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    close: () => Promise.resolve(),
    ...more,
  };
}

function sample(probe: OpenProbe, everyMs = 1000) {
  const seen: (Sample & {readonly subject: string | undefined})[] = [];
  const sampler = startSampler({
    probe,
    everyMs,
    timeoutMs: 500,
    clock,
    onSample: (subject, given) => seen.push({...given, subject}),
  });
  return {seen, sampler};
}

describe('a probe that tells afterwards', () => {
  it('gives its bins their own time, and owes no sample per read', async () => {
    const startUs = clock.mono();
    const bin = (at: number): Reading => ({at, lasts: SECOND, value: 5, counted: {bad: 1, total: 2}});
    const {seen, sampler} = sample(
      probeOf(count => (count === 0 ? [bin(startUs - 2 * SECOND), bin(startUs - SECOND)] : [])),
    );
    await delay(200);
    expect(sampler.hasTold?.(startUs)).to.equal(true);
    expect(sampler.hasTold?.(startUs + SECOND)).to.equal(false);
    await sampler.stop();
    expect(seen.map(({t, d, lasts, value, counted}) => ({t: t - startUs, d, lasts, value, counted}))).to.deep.equal([
      {t: -2 * SECOND, d: 0, lasts: SECOND, value: 5, counted: {bad: 1, total: 2}},
      {t: -SECOND, d: 0, lasts: SECOND, value: 5, counted: {bad: 1, total: 2}},
    ]);
  });

  it('is missing bin by bin, with the reason, once it has been silent for longer than its patience', async () => {
    const startUs = clock.mono();
    const {seen, sampler} = sample(
      probeOf(count => (count === 0 ? [{at: startUs, lasts: SECOND / 10, value: 1}] : new Error('server on fire'))),
    );
    await delay(1300);
    expect(sampler.hasTold?.(startUs + SECOND / 2)).to.equal(true);
    await sampler.stop();
    const [first, ...others] = seen;
    expect(first?.value).to.equal(1);
    expect(others.length).to.be.above(5);
    for (const [i, {t, value, why}] of others.entries()) {
      expect([t - startUs, value]).to.deep.equal([((i + 1) * SECOND) / 10, null]);
      expect(why).to.be.oneOf(['server on fire', 'nothing was told for 100ms']);
    }
  });

  it('is not believed any more about bins that were given up', async () => {
    const startUs = clock.mono();
    const bin: Reading = {at: startUs, lasts: SECOND / 10, value: 1};
    const later: Reading = {at: startUs + 10 * SECOND, lasts: SECOND / 10, value: 2};
    const {seen, sampler} = sample(
      probeOf(count => (count <= 1 ? [] : [bin, later]), {patienceMs: () => 0}),
      100,
    );
    await delay(2400);
    await sampler.stop();
    expect(seen.filter(({value}) => value !== null).map(({value}) => value)).to.deep.equal([2]);
    expect(seen.filter(({t}) => t < startUs + SECOND).every(({value}) => value === null)).to.equal(true);
  });

  it('keeps what it gave up for the subjects that show up later', async () => {
    const startUs = clock.mono();
    const {seen, sampler} = sample(
      probeOf(count => (count <= 1 ? [] : [{subject: 'a', at: startUs + 10 * SECOND, lasts: SECOND / 10, value: 2}]), {
        perSubject: true,
        patienceMs: () => 0,
      }),
      100,
    );
    await delay(2400);
    await sampler.stop();
    expect(new Set(seen.map(({subject}) => subject))).to.deep.equal(new Set(['a']));
    expect(seen.length).to.be.above(3);
  });
});

describe('the past of a metric', () => {
  const past = {fromUs: 0, toUs: 10 * SECOND};
  const told = async (more: Partial<OpenProbe>) => {
    const seen: Sample[] = [];
    await readHistory(
      probeOf(() => [], more),
      past,
      (_subject, given) => seen.push(given),
      new AbortController().signal,
    );
    return seen;
  };

  it('becomes samples of its own time', async () => {
    const history = () =>
      Promise.resolve([
        {at: 3 * SECOND, lasts: SECOND, value: 1},
        {at: 4 * SECOND, value: 2},
      ]);
    expect(await told({history})).to.deep.equal([
      {t: 3 * SECOND, d: 0, lasts: SECOND, value: 1},
      {t: 4 * SECOND, d: 0, value: 2},
    ]);
  });

  it('that cannot be read is one missing sample; a probe that knows of none tells nothing', async () => {
    const failing = {history: () => Promise.reject(new Error('too long ago'))};
    expect(await told(failing)).to.deep.equal([{t: 0, d: 0, ...noValue('between', 'too long ago')}]);
    expect(await told({history: () => Promise.resolve([])})).to.have.nested.property(
      '[0].why',
      'nothing is known of that time',
    );
    expect(await told({})).to.deep.equal([]);
  });
});
