import {expect} from 'chai';
import {bootId, systemClock} from '../../../src/system/clock.js';

describe('The clock of the system', () => {
  it('counts microseconds that never run backwards, and names the boot that they belong to', async () => {
    const clock = systemClock();
    const first = clock.now();
    await clock.sleep(5);
    const second = clock.now();
    expect(second.mono - first.mono).to.be.at.least(4_000);
    expect(Number.isInteger(second.mono)).to.equal(true);
    expect(second.boot).to.equal(first.boot).and.to.equal(bootId());
    expect(new Date(first.wall).toISOString()).to.equal(first.wall);
  });

  it('rejects a wait with the reason of the signal that ended it', async () => {
    const clock = systemClock();
    const stop = new AbortController();
    const waiting = clock.sleep(60_000, stop.signal).catch((error: unknown) => error);
    stop.abort(new Error('enough'));
    expect(await waiting)
      .to.be.instanceOf(Error)
      .with.property('message', 'enough');
  });

  it('rejects at once when the signal had ended before', async () => {
    const begun = performance.now();
    const ended = await systemClock()
      .sleep(60_000, AbortSignal.abort())
      .then(
        () => 'slept',
        () => 'rejected',
      );
    expect(ended).to.equal('rejected');
    expect(performance.now() - begun).to.be.below(10_000);
  });

  it('takes a wait of less than nothing for none', async () => {
    await systemClock().sleep(-5);
  });
});
