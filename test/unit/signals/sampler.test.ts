import {expect} from 'chai';
import {setTimeout as delay} from 'node:timers/promises';
import type {OpenProbe, ProbeContext, ProbeSource, Reading, Sample} from '../../../src/signals/contract.js';
import {readOnce} from '../../../src/signals/read-once.js';
import {startSampler} from '../../../src/signals/sampler.js';
import {systemClock} from '../../../src/system/clock.js';
import {watchLateness} from '../../support/lateness.js';

const clock = systemClock();

type Read = (signal: AbortSignal, count: number) => Promise<readonly Reading[]>;
type Seen = Sample & {readonly subject: string | undefined};

function probeOf(read: Read, more: Partial<OpenProbe> = {}): OpenProbe {
  let count = 0;
  return {read: signal => read(signal, count++), close: () => Promise.resolve(), ...more};
}

function sample(probe: OpenProbe, everyMs: number, timeoutMs: number) {
  const seen: Seen[] = [];
  const onSample = (subject: string | undefined, given: Sample) => seen.push({...given, subject});
  const sampler = startSampler({probe, everyMs, timeoutMs, clock, onSample});
  return {seen, stop: () => sampler.stop()};
}

const whys = (seen: readonly Seen[]) => seen.map(({value, why}) => why ?? value);
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), {once: true}),
  );

describe('the sampler', () => {
  const late = watchLateness();
  it('reads on a grid that does not drift, at once for the first time', async () => {
    const {seen, stop} = sample(
      probeOf(async (_signal, n) => {
        await delay(15);
        return [{value: n}];
      }),
      100,
      1000,
    );
    await delay(950);
    await stop();
    expect(seen.length).to.be.within(Math.max(3, 9 - late() / 100), 12 + late() / 100);
    for (const [i, {t}] of seen.entries())
      expect((t - seen[0]!.t) / 1000 - i * 100).to.be.within(-25 - late(), 90 + late());
    expect(seen[0]?.d).to.be.within(14_000, 100_000 + late() * 1000);
  });

  it('takes what a probe throws as the reason of a missing sample and goes on', async () => {
    const {seen, stop} = sample(
      probeOf((_signal, n) => (n === 1 ? Promise.reject(new Error('disk on fire')) : Promise.resolve([{value: n}]))),
      40,
      1000,
    );
    await delay(150);
    await stop();
    expect(whys(seen).slice(0, 3)).to.deep.equal([0, 'disk on fire', 2]);
  });

  it('survives a probe that throws before it returns a promise', async () => {
    const {seen, stop} = sample(
      probeOf(() => {
        throw new Error('a bug');
      }),
      40,
      1000,
    );
    await delay(20);
    await stop();
    expect(whys(seen)).to.deep.equal(['a bug']);
  });

  it('takes NaN, infinity and an empty answer as missing', async () => {
    const answers: readonly (readonly Reading[])[] = [[{value: NaN}], [{value: Infinity}], [], [{value: 4}]];
    const {seen, stop} = sample(
      probeOf((_signal, n) => Promise.resolve(answers[n] ?? [])),
      30,
      1000,
    );
    await delay(105);
    await stop();
    expect(whys(seen).slice(0, 4)).to.deep.equal([
      'the probe read NaN',
      'the probe read Infinity',
      'the probe read nothing',
      4,
    ]);
  });

  it('times a read out, and says of the points in between that the read was still running', async () => {
    const {seen, stop} = sample(
      probeOf(signal => untilAborted(signal)),
      100,
      250,
    );
    await delay(280);
    await stop();
    expect(whys(seen)).to.have.members([
      'previous read still running',
      'previous read still running',
      "timed out after 250ms (the probe's `timeout`)",
    ]);
  });

  it('waits for a read in flight when it stops, at most for its time-out, and tells nothing after that', async () => {
    const {seen, stop} = sample(
      probeOf(() => new Promise(() => undefined)),
      1000,
      200,
    );
    await delay(20);
    const before = performance.now();
    await stop();
    expect(performance.now() - before).to.be.within(150, 600 + late());
    expect(whys(seen)).to.deep.equal(["timed out after 200ms (the probe's `timeout`)"]);
    await delay(100);
    expect(seen).to.have.length(1);
  });

  it('gives every known subject a missing sample when a whole read fails', async () => {
    const both = [
      {subject: 'a', value: 1},
      {subject: 'b', value: 2},
    ];
    const {seen, stop} = sample(
      probeOf((_signal, n) => (n === 1 ? Promise.reject(new Error('gone')) : Promise.resolve(both))),
      50,
      1000,
    );
    await delay(75);
    await stop();
    expect(seen.map(({subject, value}) => [subject, value])).to.deep.equal([
      ['a', 1],
      ['b', 2],
      ['a', null],
      ['b', null],
    ]);
  });

  it('says of a subject that is missing from an answer that it is', async () => {
    const {seen, stop} = sample(
      probeOf((_signal, n) =>
        Promise.resolve([{subject: 'a', value: n}, ...(n === 0 ? [{subject: 'b', value: n}] : [])]),
      ),
      50,
      1000,
    );
    await delay(75);
    await stop();
    expect(seen.map(({subject, value, why}) => [subject, why ?? value])).to.deep.equal([
      ['a', 0],
      ['b', 0],
      ['a', 1],
      ['b', 'no longer in the answer'],
    ]);
  });

  it('attributes the failures before the first answer to the subjects of that answer', async () => {
    const read: Read = (_signal, n) =>
      n < 2 ? Promise.reject(new Error('starting')) : Promise.resolve([{subject: 'a', value: 7}]);
    const {seen, stop} = sample(probeOf(read, {perSubject: true}), 40, 1000);
    await delay(100);
    await stop();
    expect(seen.map(({subject, value, why}) => [subject, why ?? value])).to.deep.equal([
      ['a', 'starting'],
      ['a', 'starting'],
      ['a', 7],
    ]);
  });

  it('does not swallow the reasons when no subject was ever told', async () => {
    const {seen, stop} = sample(
      probeOf(() => Promise.reject(new Error('starting')), {perSubject: true}),
      40,
      1000,
    );
    await delay(20);
    await stop();
    expect(seen.map(({subject, why}) => [subject, why])).to.deep.equal([[undefined, 'starting']]);
  });
});

describe('reading once', () => {
  const context: ProbeContext = {reveal: text => text, targets: {}, sources: {}, environment: {}};

  function sourceOf(read: Read): {source: ProbeSource; closed: () => number} {
    let closed = 0;
    const close = () => {
      closed++;
      return Promise.resolve();
    };
    const open = () => Promise.resolve(probeOf(read, {close}));
    const opens = {anew: '', kept: ''};
    return {
      source: {name: 'fake', summary: '', parameters: () => undefined as never, opens, open},
      closed: () => closed,
    };
  }
  const once = async (read: Read, signal = new AbortController().signal) => {
    const {source, closed} = sourceOf(read);
    const reading = await readOnce(source, {}, context, signal);
    return {reading, closed: closed()};
  };

  it('answers the one number and closes the probe', async () => {
    expect(await once(() => Promise.resolve([{value: 3}]))).to.deep.equal({reading: {value: 3}, closed: 1});
  });

  it('answers with the reason where there is not exactly one number', async () => {
    const why = async (read: Read) => {
      const {reading, closed} = await once(read);
      return [reading.value, 'why' in reading && reading.why, closed];
    };
    expect(await why(() => Promise.resolve([]))).to.deep.equal([null, 'the probe read nothing', 1]);
    expect(await why(() => Promise.reject(new Error('no')))).to.deep.equal([null, 'no', 1]);
    expect(await why(() => Promise.resolve([{value: 1}, {value: 2}]))).to.deep.equal([
      null,
      'expected one number; the probe read 2 series',
      1,
    ]);
  });

  it('rejects with the reason of an interrupt and still closes the probe', async () => {
    const {source, closed} = sourceOf(signal => untilAborted(signal));
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('interrupted')), 20);
    const error = await readOnce(source, {}, context, stop.signal).catch((thrown: unknown) => thrown);
    expect(String(error)).to.contain('interrupted');
    expect(closed()).to.equal(1);
  });
});
