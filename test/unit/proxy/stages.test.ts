import {expect} from 'chai';
import fc from 'fast-check';
import {setTimeout as sleep} from 'node:timers/promises';
import {seededRandom} from '../../../src/system/random.js';
import {bandwidth} from '../../../src/proxy/toxics/bandwidth.js';
import {latency} from '../../../src/proxy/toxics/latency.js';
import type {Stage, StageContext} from '../../../src/proxy/toxics/toxic.js';

/** A stage whose output is written down. */
function watch(build: (context: StageContext) => Stage) {
  const out: Buffer[] = [];
  const ends: number[] = [];
  const stage = build({
    now: () => performance.now(),
    random: seededRandom(1),
    budget: () => 1 << 20,
    emit: chunk => {
      expect(ends, 'nothing after the end').to.deep.equal([]);
      out.push(chunk);
    },
    emitEnd: () => ends.push(performance.now()),
  });
  return {stage, ends, text: () => Buffer.concat(out).toString()};
}

const stages = {
  latency: (delayMs: number) => (context: StageContext) => latency.stage!({delayMs, jitterMs: delayMs}, context),
  bandwidth: (bytesPerSecond: number) => (context: StageContext) => bandwidth.stage!({bytesPerSecond}, context),
};

describe('proxy stages', () => {
  for (const [name, build] of [
    ['latency', stages.latency(5)],
    ['bandwidth', stages.bandwidth(4000)],
  ] as const) {
    it(`${name} hands on every byte in order and then the end, whenever it is released`, async function () {
      this.timeout(30_000);
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
      stage.write(Buffer.from('abc'));
      stage.end();
      stage.discard();
      await sleep(30);
      expect(text()).to.equal('');
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
    stage.write(Buffer.alloc(500));
    await sleep(100);
    stage.discard();
    expect(text().length).to.be.within(50, 200);
  });
});
