import {expect} from 'chai';
import {mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Debt} from '../../../../src/targets/contract.js';
import {openLocalMarks} from '../../../../src/targets/drivers/local-marks.js';

function debt(run: string, object: string, nth = 1): Debt {
  const ref = {driver: 'process', kind: 'process', name: object, endpoint: 'e', object, incarnation: '1'} as const;
  const proof = {op: 'process.paused', v: 1, ref, args: {}};
  return {
    id: `${run}/${nth}`,
    run,
    occurrence: 'o',
    epoch: 1,
    driver: 'process@1',
    address: {},
    undo: {...proof, op: 'process.resume', lifetime: 'incarnation', proof, manual: 'kill -CONT 1'},
    lease: {ms: 1000, hardStop: {mono: 1, wall: '2999-01-01T00:00:00.000Z', boot: 'b'}},
  };
}

describe('Marks of local objects', () => {
  let folder: string;
  const marks = () => openLocalMarks(folder, 'process');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-marks-'));
  });
  afterEach(() => {
    rmSync(folder, {recursive: true, force: true});
  });

  it('lets exactly one of many runs win, again and again', async () => {
    for (let round = 0; round < 10; round += 1) {
      const debts = Array.from({length: 12}, (_, i) => debt(`run-${round}-${i}`, 'a'));
      const answers = await Promise.all(debts.map(one => marks().mark(one)));
      const winners = debts.filter((_, i) => answers[i]?.state === 'marked');
      expect(winners).to.have.length(1);
      expect(new Set(answers.flatMap(one => (one.state === 'held' ? [one.by] : [])))).to.deep.equal(
        new Set([winners[0]!.run]),
      );
      expect((await marks().debts(undefined)).map(one => one.id)).to.deep.equal([winners[0]!.id]);
      await marks().unmark(winners[0]!);
    }
  });

  it('never has debts of two runs in one mark while runs come and go', async () => {
    const seen: string[] = [];
    const come = async (run: string) => {
      for (let turn = 0; turn < 15; turn += 1) {
        const answer = await marks().mark(debt(run, 'a', turn));
        if (answer.state !== 'marked') continue;
        const holders = new Set((await marks().debts(undefined)).map(one => one.run));
        seen.push([...holders].join('+'));
        await marks().unmark(debt(run, 'a', turn));
      }
    };
    await Promise.all(['x', 'y', 'z'].map(come));
    expect(seen.length).to.be.greaterThan(0);
    // Whoever was told "marked" saw itself there; a loser may be seen for the moment before it steps back.
    expect(await marks().debts(undefined)).to.deep.equal([]);
  });

  it('holds several debts of one run, and the object until the last is gone', async () => {
    await marks().mark(debt('x', 'a', 1));
    await marks().mark(debt('x', 'a', 2));
    await marks().unmark(debt('x', 'a', 1));
    expect(await marks().mark(debt('y', 'a'))).to.include({state: 'held', by: 'x'});
    await marks().unmark(debt('x', 'a', 2));
    expect(await marks().mark(debt('y', 'a'))).to.include({state: 'marked'});
  });

  it('tells who holds the object while this debt has no mark there', async () => {
    await marks().mark(debt('x', 'a'));
    expect(await marks().heldByOther(debt('y', 'a'))).to.equal('x');
    expect(await marks().heldByOther(debt('x', 'a'))).to.equal(undefined);
    expect(await marks().heldByOther(debt('y', 'b'))).to.equal(undefined);
  });

  it('does not bring a mark back by renewing a debt that was settled', async () => {
    const one = debt('x', 'a');
    await marks().mark(one);
    await marks().unmark(one);
    await marks().renew({...one, lease: {...one.lease, ms: 5}});
    expect(await marks().debts(undefined)).to.deep.equal([]);
    expect(readdirSync(join(folder, 'leases'))).to.deep.equal([]);
  });

  it('survives what a crash leaves: half-made marks, torn files, empty folders', async () => {
    const one = debt('x', 'a');
    await marks().mark(one);
    const [name] = readdirSync(join(folder, 'marks'));
    writeFileSync(join(folder, 'marks', name!, 'torn.json'), '{"id": "x');
    mkdirSync(join(folder, 'marks', `${name!}.123.tmp`));
    expect(await marks().debts(undefined)).to.deep.equal([one]);
    rmSync(join(folder, 'marks', name!), {recursive: true});
    mkdirSync(join(folder, 'marks', name!));
    expect(await marks().mark(debt('y', 'a'))).to.include({state: 'marked'});
  });

  it('keeps the drivers apart', async () => {
    await marks().mark(debt('x', 'a'));
    expect(await openLocalMarks(folder, 'command').debts(undefined)).to.deep.equal([]);
  });

  it('keeps a fresh request to stop for its run to see, and removes an old one with the last debt', async () => {
    for (const [age, left] of [
      [0, true],
      [60, false],
    ] as const) {
      const one = debt(`run-${age}`, 'a');
      await marks().mark(one);
      await marks().requestStop(one.run);
      const [name] = readdirSync(join(folder, 'stops')).slice(-1);
      const then = new Date(Date.now() - age * 1000);
      for (const file of readdirSync(join(folder, 'stops'))) utimesSync(join(folder, 'stops', file), then, then);
      await marks().unmark(one);
      expect(await marks().stopRequested(one.run), `${name!} of age ${age}`).to.equal(left);
    }
  });

  it('creates nothing by reading', async () => {
    await marks().debts(undefined);
    await marks().stopRequested('x');
    await marks().heldByOther(debt('x', 'a'));
    await marks().unmark(debt('x', 'a'));
    expect(readdirSync(folder)).to.deep.equal([]);
  });
});
