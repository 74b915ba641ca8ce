import {expect} from 'chai';
import {existsSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {outstanding} from '../../../../src/run/safety/debts.js';
import {guard, type GuardianLink} from '../../../../src/run/safety/guardian.js';
import {listOwed, recoverRun} from '../../../../src/run/safety/recover.js';
import {FRESH_MS, RunState} from '../../../../src/run/safety/state.js';
import {takeOver} from '../../../../src/run/safety/takeover.js';
import {FiredrillError} from '../../../../src/system/error.js';
import {SafetyBench} from '../../../support/safety-ports.js';

const signal = new AbortController().signal;
const options = {force: false, redact: (text: string) => text};
const WORLD = {driver: 'memory', address: {}} as const;

describe('Recovering a run', () => {
  let bench: SafetyBench;
  beforeEach(() => (bench = new SafetyBench()));
  afterEach(() => bench.dispose());

  const isPaused = () => bench.world.snapshot()['a']?.paused;

  it('lists what is owed and changes nothing by that', async () => {
    const state = await bench.begin('runner');
    const debt = await bench.freeze(state);
    const owed = await listOwed(bench.ports('other'), [WORLD], signal);
    expect(owed).to.deep.equal([{run: 'run-1', known: 'state', live: true, debts: [debt], unknown: []}]);
    expect(isPaused()).to.equal(true);
  });

  it('refuses a run that gives signs of life, also when forced', async () => {
    await bench.freeze(await bench.begin('runner'));
    const [owed] = await listOwed(bench.ports('other'), [], signal);
    for (const force of [false, true]) {
      const error = await recoverRun(bench.ports('other'), owed!, {...options, force}).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(FiredrillError);
      expect(error).to.include({code: 'RUN_ALIVE', exitCode: 8});
    }
    expect(isPaused()).to.equal(true);
    expect(bench.killed).to.deep.equal([]);
  });

  it('kills an owner that hangs before it puts anything back, and leaves no state behind', async () => {
    const state = await bench.begin('runner');
    const debt = await bench.freeze(state);
    bench.aheadMs = FRESH_MS + 1_000;
    const [owed] = await listOwed(bench.ports('other'), [], signal);
    const recovery = await recoverRun(bench.ports('other'), owed!, options);
    expect(bench.killed).to.deep.equal(['runner']);
    expect(recovery).to.deep.include({run: 'run-1', owed: []});
    expect(recovery.settled.map(one => [one.debt, one.outcome])).to.deep.equal([[debt.id, 'undone']]);
    expect(isPaused()).to.equal(false);
    expect(bench.world.debts()).to.deep.equal([]);
    expect(existsSync(state.folder)).to.equal(false);
  });

  it('keeps what could not be undone on record', async () => {
    const state = await bench.begin('runner');
    const debt = await bench.freeze(state);
    bench.killed.push('runner');
    const [owed] = await listOwed(bench.ports('other'), [], signal);
    const foreign = {...bench.ports('other'), driver: () => Promise.reject(new Error('no such engine'))};
    const recovery = await recoverRun(foreign, owed!, options);
    expect(recovery.owed).to.deep.equal([debt]);
    expect(recovery.settled[0]).to.deep.include({debt: debt.id, outcome: 'unknown', why: 'no such engine'});
    expect(outstanding(await state.events())).to.deep.equal([debt]);
    bench.killed.push('other');
    const [again] = await listOwed(bench.ports('third'), [], signal);
    expect((await recoverRun(bench.ports('third'), again!, options)).owed).to.deep.equal([]);
    expect(isPaused()).to.equal(false);
  });

  it('ends every owner that a run has had, not only the last one', async () => {
    const state = await bench.begin('runner');
    await bench.freeze(state);
    bench.immortal.add('runner');
    const ports = bench.ports('guardian');
    const request = {
      ports,
      state: new RunState(ports, 'run-1'),
      by: 'guardian',
      why: 'gone',
      ended: {kind: 'bug', detail: 'gone'},
      redact: (text: string) => text,
    } as const;
    expect(await takeOver(request)).to.deep.include({state: 'beaten'});
    expect(isPaused(), 'the runner may still act').to.equal(true);
    bench.immortal.clear();
    bench.aheadMs = FRESH_MS + 1_000;
    const [owed] = await listOwed(bench.ports('other'), [], signal);
    await recoverRun(bench.ports('other'), owed!, options);
    expect(bench.killed).to.deep.equal(['runner', 'guardian']);
    expect(isPaused()).to.equal(false);
  });

  describe('of another machine', () => {
    /** Only the marks are left of it here. */
    const forgetState = async (leaseMs: number) => {
      const state = await bench.begin('runner');
      const debt = await bench.freeze(state, {ms: leaseMs});
      await rm(state.folder, {recursive: true});
      return debt;
    };

    it('is refused before its hard stop, and done when forced', async () => {
      await forgetState(60_000);
      const [owed] = await listOwed(bench.ports('other'), [WORLD], signal);
      expect(owed).to.deep.include({known: 'marks', live: true});
      const refused = await recoverRun(bench.ports('other'), owed!, options).catch((thrown: unknown) => thrown);
      expect(refused).to.include({code: 'RUN_ALIVE'});
      expect(isPaused()).to.equal(true);
      const recovery = await recoverRun(bench.ports('other'), owed!, {...options, force: true});
      expect(recovery.owed).to.deep.equal([]);
      expect(isPaused()).to.equal(false);
    });

    it('is done once its hard stop has passed, and takes its marks away', async () => {
      const debt = await forgetState(-1);
      const [owed] = await listOwed(bench.ports('other'), [WORLD], signal);
      const manual = '(as its mark says: look before you type it) unpause a';
      const told = {...debt, undo: {...debt.undo, manual}};
      expect(owed).to.deep.equal({run: 'run-1', known: 'marks', live: false, debts: [told], unknown: []});
      const recovery = await recoverRun(bench.ports('other'), owed!, options);
      expect(recovery.settled.map(settled => settled.outcome)).to.deep.equal(['undone']);
      expect(isPaused()).to.equal(false);
      expect(bench.world.debts()).to.deep.equal([]);
      expect(await listOwed(bench.ports('other'), [WORLD], signal)).to.deep.equal([]);
    });
  });

  describe('by the guardian', () => {
    const linkOf = (...signs: ('beat' | 'bye' | 'closed' | 'silence')[]): GuardianLink => ({
      next: () => Promise.resolve(signs.shift() ?? 'bye'),
    });
    const guardWith = (link: GuardianLink, ports = bench.ports('guardian')) =>
      guard({ports, state: new RunState(ports, 'run-1'), link, redact: text => text});

    it('does nothing after a farewell', async () => {
      await bench.freeze(await bench.begin('runner'));
      expect(await guardWith(linkOf('beat', 'bye'))).to.equal(undefined);
      expect(isPaused()).to.equal(true);
    });

    it('puts everything back when the pipe closes', async () => {
      await bench.freeze(await bench.begin('runner'));
      expect(await guardWith(linkOf('beat', 'closed'))).to.deep.include({state: 'taken', owed: []});
      expect(isPaused()).to.equal(false);
    });

    it('leaves a silent runner alone until something is overdue', async () => {
      await bench.freeze(await bench.begin('runner'));
      const link: GuardianLink = {
        next: () => {
          bench.aheadMs += 4_000;
          return Promise.resolve(bench.aheadMs < 50_000 ? 'silence' : 'bye');
        },
      };
      expect(await guardWith(link)).to.equal(undefined);
      expect(isPaused()).to.equal(true);
    });

    it('relieves a silent runner once an undo is overdue', async () => {
      await bench.freeze(await bench.begin('runner'));
      const link: GuardianLink = {
        next: () => {
          bench.aheadMs += 4_000;
          return Promise.resolve('silence');
        },
      };
      expect(await guardWith(link)).to.deep.include({state: 'taken', owed: []});
      expect(bench.killed).to.deep.equal(['runner']);
      expect(isPaused()).to.equal(false);
    });

    it('does not give up on a disk that is full for a moment', async () => {
      await bench.freeze(await bench.begin('runner'));
      const ports = bench.ports('guardian');
      let full = 3;
      const disk: typeof ports.disk = {
        ...ports.disk,
        createExclusive: (path, text) =>
          full-- > 0 ? Promise.reject(new Error('ENOSPC')) : ports.disk.createExclusive(path, text),
      };
      expect(await guardWith(linkOf('closed'), {...ports, disk})).to.deep.include({state: 'taken', owed: []});
      expect(isPaused()).to.equal(false);
    });
  });
});
