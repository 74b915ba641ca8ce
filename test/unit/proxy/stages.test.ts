import {expect} from 'chai';
import fc from 'fast-check';
import {setTimeout as sleep} from 'node:timers/promises';
import {seededRandom} from '../../../src/quantities/random.js';
import {bandwidth} from '../../../src/proxy/toxics/bandwidth.js';
import {latency} from '../../../src/proxy/toxics/latency.js';
import {limitData} from '../../../src/proxy/toxics/limit-data.js';
import {loss} from '../../../src/proxy/toxics/loss.js';
import {slicer} from '../../../src/proxy/toxics/slicer.js';
import {slowClose} from '../../../src/proxy/toxics/slow-close.js';
import {timeout} from '../../../src/proxy/toxics/timeout.js';
import type {Stage, StageContext} from '../../../src/proxy/toxics/toxic.js';
import {watchLateness} from '../../support/lateness.js';

/** A stage whose output is written down. */
function watch(build: (context: StageContext) => Stage) {
  const out: Buffer[] = [];
  const ends: number[] = [];
  const acts: string[] = [];
  const stage = build({
    now: () => performance.now(),
    random: seededRandom(1),
    budget: () => 1 << 20,
    emit: chunk => {
      expect(ends, 'nothing after the end').to.deep.equal([]);
      out.push(chunk);
    },
    emitEnd: () => ends.push(performance.now()),
    close: () => acts.push('close'),
    reset: () => acts.push('reset'),
    congested: () => false,
    hit: () => acts.push('hit'),
  });
  return {stage, out, ends, acts, text: () => Buffer.concat(out).toString()};
}

const stages = {
  latency: (delayMs: number) => (context: StageContext) => latency.stage!({delayMs, jitterMs: delayMs}, context),
  slicer: (delayMs: number) => (context: StageContext) =>
    slicer.stage!({averageBytes: 4, variationBytes: 3, delayMs}, context),
  loss: () => (context: StageContext) => loss.stage!({}, context),
  slowClose: (delayMs: number) => (context: StageContext) => slowClose.stage!({delayMs}, context),
  timeout: (afterMs: number | null) => (context: StageContext) => timeout.stage!({afterMs}, context),
  limitData: (bytes: number) => (context: StageContext) => limitData.stage!({bytes}, context),
  bandwidth: (bytesPerSecond: number) => (context: StageContext) => bandwidth.stage!({bytesPerSecond}, context),
};

describe('proxy stages', () => {
  const late = watchLateness();
  for (const [name, build] of [
    ['latency', stages.latency(5)],
    ['bandwidth', stages.bandwidth(4000)],
    ['slicer', stages.slicer(3)],
    ['loss', stages.loss()],
  ] as const) {
    it(`${name} hands on every byte in order and then the end, whenever it is released`, async function () {
      const chunks = fc.array(fc.string({minLength: 1, maxLength: 12}), {maxLength: 8});
      await fc.assert(
        fc.asyncProperty(chunks, fc.boolean(), fc.nat(12), async (texts, end, waitMs) => {
          const {stage, ends, text} = watch(build);
          for (const one of texts) stage.write(Buffer.from(one));
          if (end) stage.end();
          await sleep(waitMs);
          stage.release();
          expect(text()).to.equal(texts.join(''));
          expect(ends.length).to.equal(end ? 1 : 0);
          expect(stage.full).to.equal(false);
        }),
        {numRuns: 60},
      );
    });

    it(`${name} drops all and keeps quiet once it is discarded`, async () => {
      const {stage, ends, text} = watch(build);
      stage.write(Buffer.from('more than one slice'));
      stage.end();
      const before = text();
      stage.discard();
      await sleep(30);
      expect(text()).to.equal(before);
      expect(ends).to.deep.equal([]);
    });

    it(`${name} is full at its budget, counting what small chunks really cost`, () => {
      const {stage} = watch(build);
      for (let i = 0; i < 5000; i++) stage.write(Buffer.from('x'));
      expect(stage.full).to.equal(true);
      stage.discard();
      expect(stage.full).to.equal(false);
    });
  }

  it('bandwidth lets an idle connection save up no burst', async () => {
    const {stage, text} = watch(stages.bandwidth(1000));
    await sleep(300);
    const from = performance.now();
    stage.write(Buffer.alloc(500));
    await sleep(100);
    stage.discard();
    expect(text().length).to.be.within(50, 100 + performance.now() - from);
  });

  it('slow-close hands data on at once and the end after the delay, or when it is released', async () => {
    const {stage, ends, acts, text} = watch(stages.slowClose(60));
    const from = performance.now();
    stage.write(Buffer.from('abc'));
    stage.end();
    expect(text()).to.equal('abc');
    expect(acts).to.deep.equal(['hit']);
    await sleep(120);
    expect(ends[0]! - from).to.be.within(58, 110 + late());
    stage.release();
    expect(ends).to.have.length(1);
    const early = watch(stages.slowClose(60_000));
    early.stage.end();
    early.stage.release();
    expect(early.ends).to.have.length(1);
  });

  it('timeout closes after its time, counts a connection once, and is quiet when the connection went before', async () => {
    const {stage, acts, text} = watch(stages.timeout(30));
    stage.write(Buffer.from('a'));
    stage.write(Buffer.from('b'));
    await sleep(60);
    expect(text()).to.equal('');
    expect(acts).to.deep.equal(['hit', 'close']);
    const gone = watch(stages.timeout(20));
    gone.stage.discard();
    await sleep(40);
    expect(gone.acts).to.deep.equal([]);
  });

  it('timeout lets a connection go on only when nothing of it was swallowed', () => {
    const idle = watch(stages.timeout(null));
    idle.stage.release();
    expect([idle.acts, idle.ends.length]).to.deep.equal([[], 0]);
    const ended = watch(stages.timeout(null));
    ended.stage.end();
    ended.stage.release();
    expect([ended.acts, ended.ends.length]).to.deep.equal([['hit'], 1]);
    const broken = watch(stages.timeout(null));
    broken.stage.write(Buffer.from('a'));
    broken.stage.end();
    broken.stage.release();
    expect([broken.acts, broken.ends.length]).to.deep.equal([['hit', 'reset'], 0]);
  });

  it('timeout and loss let a client go that gives up', () => {
    for (const build of [stages.timeout(null), stages.loss()]) {
      const {stage, acts, text} = watch(build);
      stage.write(Buffer.from('a'));
      stage.abandon?.();
      expect(acts).to.deep.equal(['hit', 'close']);
      stage.release();
      expect(text()).to.equal('');
      expect(acts).to.deep.equal(['hit', 'close']);
    }
  });

  it('limit-data lets exactly so many bytes through, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), {maxLength: 12}), fc.nat(60), (sizes, limit) => {
        const {stage, acts, text} = watch(stages.limitData(limit));
        for (const size of sizes) stage.write(Buffer.alloc(size, 'x'));
        const sent = sizes.reduce((sum, size) => sum + size, 0);
        expect(text().length).to.equal(Math.min(sent, limit));
        expect(acts).to.deep.equal(sent >= limit && sizes.length > 0 ? ['hit', 'close'] : []);
      }),
    );
  });

  it('slicer makes slices of the average size, within the variation, and the given time apart', async () => {
    const {stage, out, text} = watch(stages.slicer(10));
    stage.write(Buffer.from('0123456789'.repeat(10)));
    const from = performance.now();
    await sleep(105);
    const slices = out.length;
    stage.release();
    expect(slices).to.be.within(Math.max(2, 5 - late() / 10), 2 + (performance.now() - from) / 10);
    expect(text()).to.equal('0123456789'.repeat(10));
    expect(Math.max(...out.map(slice => slice.length))).to.be.at.most(7);
    expect(out.length).to.be.within(15, 45);
  });
});
