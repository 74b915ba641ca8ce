import {expect} from 'chai';
import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {systemProcesses} from '../../../../src/system/processes.js';
import {withLocalLock} from '../../../../src/targets/drivers/local-lock.js';

describe('Local lock', () => {
  let folder: string;
  const path = () => join(folder, 'locks', 'a');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-lock-'));
  });
  afterEach(() => {
    rmSync(folder, {recursive: true, force: true});
  });

  it('lets one work at a time and leaves nothing behind', async () => {
    let inside = 0;
    const most: number[] = [];
    const work = () =>
      withLocalLock(path(), 10_000, async () => {
        inside += 1;
        most.push(inside);
        await delay(5);
        inside -= 1;
        return 'done';
      });
    expect(await Promise.all(Array.from({length: 10}, work))).to.deep.equal(Array.from({length: 10}, () => 'done'));
    expect(Math.max(...most)).to.equal(1);
    expect(readdirSync(join(folder, 'locks'))).to.deep.equal([]);
  });

  it('does not work when the lock is not free in time', async () => {
    const answer = await withLocalLock(path(), 1_000, () => withLocalLock(path(), 50, () => Promise.resolve('both')));
    expect(answer).to.equal(undefined);
  });

  it('takes over the lock of a process that died, for one of those who wait', async () => {
    await withLocalLock(path(), 1_000, () => Promise.resolve());
    let inside = 0;
    const most: number[] = [];
    const work = () =>
      withLocalLock(path(), 60_000, async () => {
        inside += 1;
        most.push(inside);
        await delay(1);
        inside -= 1;
      });
    // Who takes it and who still sees the dead one meet in one of some dozen rounds.
    for (let round = 0; round < 60; round++) {
      writeFileSync(path(), JSON.stringify({...systemProcesses().self(), startTicks: '1', nonce: `dead ${round}`}));
      await Promise.all(Array.from({length: 6}, work));
    }
    expect(most).to.deep.equal(new Array(360).fill(1));
    expect(readdirSync(join(folder, 'locks'))).to.deep.equal([]);
  });

  it('takes over a lock that was torn by a crash of the machine', async () => {
    await withLocalLock(path(), 1_000, () => Promise.resolve());
    writeFileSync(path(), '');
    expect(await withLocalLock(path(), 1_000, () => Promise.resolve('free'))).to.equal('free');
  });

  it('frees the lock when the work fails', async () => {
    const failed = await withLocalLock(path(), 1_000, () => Promise.reject(new Error('no'))).catch(String);
    expect(failed).to.equal('Error: no');
    expect(await withLocalLock(path(), 100, () => Promise.resolve('free'))).to.equal('free');
  });
});
