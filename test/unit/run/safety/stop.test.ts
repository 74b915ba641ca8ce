import {expect} from 'chai';
import {awaitStopped, requestStop, requestStopInWorld} from '../../../../src/run/safety/stop.js';
import {SafetyBench} from '../../../support/safety-ports.js';

describe('Asking runs to stop', () => {
  let bench: SafetyBench;
  beforeEach(() => (bench = new SafetyBench()));
  afterEach(() => bench.dispose());

  it('asks the named run and no other', async () => {
    const [first, second] = [await bench.begin('one', 'run-1'), await bench.begin('two', 'run-2')];
    expect(await requestStop(bench.ports('other'), 'run-2')).to.deep.equal(['run-2']);
    expect([await first.stopRequested(), await second.stopRequested()]).to.deep.equal([false, true]);
  });

  it('asks every live run when none is named, and none that is over', async () => {
    const [first, second] = [await bench.begin('one', 'run-1'), await bench.begin('two', 'run-2')];
    bench.killed.push('one');
    expect(await requestStop(bench.ports('other'), undefined)).to.deep.equal(['run-2']);
    expect([await first.stopRequested(), await second.stopRequested()]).to.deep.equal([false, true]);
  });

  it('says so when the named run does not live', async () => {
    await bench.begin('one', 'run-1');
    bench.killed.push('one');
    const error = await requestStop(bench.ports('other'), 'run-1').catch((thrown: unknown) => thrown);
    expect(error).to.include({code: 'RUN_UNKNOWN', exitCode: 2});
  });

  it('leaves a mark in the world of a run that this machine does not know', async () => {
    await requestStopInWorld(bench.ports('other'), 'far-away', {driver: 'memory', address: {}});
    expect([...bench.world.stops]).to.deep.equal(['far-away']);
  });

  it('waits until they are over, and names those that are not in time', async () => {
    await bench.begin('one', 'run-1');
    await bench.begin('two', 'run-2');
    bench.killed.push('one');
    expect(await awaitStopped(bench.ports('other'), ['run-1', 'run-2'], 50)).to.deep.equal(['run-2']);
    bench.killed.push('two');
    expect(await awaitStopped(bench.ports('other'), ['run-1', 'run-2'], 5_000)).to.deep.equal([]);
  });
});
