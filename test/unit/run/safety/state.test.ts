import {expect} from 'chai';
import {existsSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {openFence} from '../../../../src/run/safety/fence.js';
import {FRESH_MS, knownRuns, RunState} from '../../../../src/run/safety/state.js';
import {SafetyBench} from '../../../support/safety-ports.js';

describe('The state of a run', () => {
  let bench: SafetyBench;
  beforeEach(() => (bench = new SafetyBench()));
  afterEach(() => bench.dispose());

  it('keeps who the run is, also for a process that only knows its name', async () => {
    await bench.begin('runner');
    const known = await knownRuns(bench.ports('other'));
    expect(known.map(state => state.run)).to.deep.equal(['run-1']);
    expect(await known[0]?.identity()).to.deep.include({run: 'run-1', host: 'here'});
  });

  it('lets exactly one process claim an epoch', async () => {
    await bench.begin('runner');
    const rivals = ['a', 'b', 'c', 'd', 'e'].map(name => new RunState(bench.ports(name), 'run-1'));
    const won = await Promise.all(rivals.map(state => state.claim(2, 'recover')));
    expect(won.filter(Boolean)).to.have.length(1);
    const owner = await rivals[0]!.owner();
    expect(owner).to.deep.include({epoch: 2, by: 'recover'});
    expect(owner?.process?.startTicks).to.equal(['a', 'b', 'c', 'd', 'e'][won.indexOf(true)]);
  });

  it('orders owners by number, not by text', async () => {
    const state = await bench.begin('runner');
    for (const epoch of [2, 10, 9]) await state.claim(epoch, 'guardian');
    expect((await state.owners()).map(owner => owner.epoch)).to.deep.equal([1, 2, 9, 10]);
    expect((await state.owner())?.epoch).to.equal(10);
  });

  it('is live while its owner lives and beats', async () => {
    const state = await bench.begin('runner');
    expect(await state.isLive()).to.equal(true);
    bench.aheadMs = FRESH_MS + 1_000;
    expect(await state.isLive(), 'silent').to.equal(false);
    await state.beat();
    expect(await state.isLive(), 'beats again').to.equal(true);
    bench.killed.push('runner');
    expect(await state.isLive(), 'dead').to.equal(false);
  });

  it('takes a torn heartbeat for none', async () => {
    const state = await bench.begin('runner');
    await writeFile(join(state.folder, 'heartbeat'), '{"mono":12');
    expect(await state.isLive()).to.equal(false);
  });

  it('shows a request to stop to whoever asks', async () => {
    const state = await bench.begin('runner');
    expect(await state.stopRequested()).to.equal(false);
    await new RunState(bench.ports('other'), 'run-1').requestStop();
    expect(await state.stopRequested()).to.equal(true);
  });

  it('is gone without a trace once it is removed', async () => {
    const state = await bench.begin('runner');
    await state.remove();
    expect(existsSync(state.folder)).to.equal(false);
    expect(await knownRuns(bench.ports('other'))).to.deep.equal([]);
    expect(await state.events()).to.deep.equal([]);
  });

  describe('and its fence', () => {
    it('falls when a higher epoch is claimed, and never rises again', async () => {
      const state = await bench.begin('runner');
      const fence = openFence(state, 1);
      expect(await fence.refresh()).to.equal(true);
      await new RunState(bench.ports('guardian'), 'run-1').claim(2, 'guardian');
      expect(fence.live(), 'nobody has looked yet').to.equal(true);
      expect(await fence.refresh()).to.equal(false);
      await state.remove();
      expect(await fence.refresh()).to.equal(false);
      expect(fence.live()).to.equal(false);
    });

    it('stands while the disk cannot be read: an undo must not be refused for that', async () => {
      const state = await bench.begin('runner');
      const broken = new RunState(
        {...bench.ports('runner'), disk: {...bench.ports('runner').disk, list: () => Promise.reject(new Error('EIO'))}},
        'run-1',
      );
      expect(await openFence(broken, 1).refresh()).to.equal(true);
      expect(await openFence(state, 1).refresh()).to.equal(true);
    });
  });
});
