import {expect} from 'chai';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Event} from '../../src/record/events.js';
import {ledgerLine} from '../../src/record/ledger.js';
import {openSecrets} from '../../src/system/secrets.js';
import type {Ambient, Debt} from '../../src/targets/contract.js';
import {driver} from '../../src/targets/drivers/command/driver.js';
import {debtOf, throughJson} from '../contract/driver-contract.js';
import {ensureBuilt, firedrill} from '../support/cli.js';

const RUN = '20260101-120000-abcd';
const GONE = {pid: 2 ** 22 - 1, startTicks: '1', boot: 'before'};
const PAST = {mono: 1, wall: '2026-01-01T00:00:00.000Z', boot: 'before'};
const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;

/** What a run leaves whose runner and guardian were killed in the middle of an author's command: a file is there. */
class Left {
  readonly folder = mkdtempSync(join(tmpdir(), 'firedrill-state-'));
  readonly state = join(this.folder, 'state');
  readonly run = join(this.state, 'runs', RUN);
  readonly ledger = join(this.run, 'ledger.ndjson');
  /** Made by the fault, removed by its undo. */
  readonly flag = join(this.folder, 'flag');
  private readonly ambient: Ambient = {
    environment: {PATH: process.env['PATH']},
    scratch: this.folder,
    stateDir: this.state,
    ...openSecrets({}),
  };

  async leave(options: {readonly worlds: boolean}): Promise<void> {
    mkdirSync(this.run, {recursive: true, mode: 0o700});
    const reader = await driver.reader({}, this.ambient);
    const [host] = await reader.resolve({}, AbortSignal.timeout(5_000));
    const line = (...run: readonly string[]) => ({run, shell: false, environment: {}, timeoutMs: 30_000});
    const change = await reader.drafts.author!.act(host!.ref, {
      do: line('touch', this.flag),
      undo: line('rm', '-f', this.flag),
      proof: undefined,
    });
    const debt: Debt = {...throughJson(debtOf(driver, {}, change, RUN)), lease: {ms: 1, hardStop: PAST}};
    const head = {v: 1, epoch: 1, by: 'runner', at: PAST, audience: 'all'} as const;
    const events: readonly Event[] = [
      {...head, seq: 0, type: 'takeover', from: 0, why: 'a test'},
      {...head, seq: 1, type: 'debts.owed', occurrence: 'f', debts: [debt]},
    ];
    writeFileSync(this.ledger, events.map(ledgerLine).join(''), {mode: 0o600});
    const worlds = options.worlds ? {worlds: [{driver: 'command', address: {}}]} : {};
    const identity = {run: RUN, folder: join(this.folder, 'record'), host: 'here', createdAt: PAST, ...worlds};
    writeFileSync(join(this.run, 'run.json'), JSON.stringify(identity));
    writeFileSync(join(this.run, 'epoch-1'), JSON.stringify({epoch: 1, by: 'runner', process: GONE}));
    const actuator = await driver.actuator({}, {run: RUN, epoch: 1, live: () => true}, this.ambient);
    expect((await actuator.mark([debt], 5_000))[0]?.state).to.equal('marked');
    for (const op of [change.prepare!, change.flip])
      expect((await actuator.apply([op], 20_000)).map(({state, why}) => why ?? state)).to.deep.equal(['done']);
    expect(existsSync(this.flag)).to.equal(true);
  }

  /** Changes the first byte of `debts.owed`. */
  flip(): void {
    const text = readFileSync(this.ledger, 'utf8');
    writeFileSync(this.ledger, text.replace('"debts.owed"', '"eebts.owed"'));
  }

  recover(...args: readonly string[]) {
    return firedrill(['recover', ...args], {FIREDRILL_STATE: this.state});
  }
}

describe('The state directory', function () {
  this.timeout(60_000);
  let left: Left;
  before(ensureBuilt);
  beforeEach(() => (left = new Left()));
  afterEach(() => rmSync(left.folder, {recursive: true, force: true}));

  describe('with a damaged ledger', () => {
    it('is not told as "nothing is owed": the list says what is not understood, and ends with 6', async () => {
      await left.leave({worlds: true});
      left.flip();
      const {code, stdout} = await left.recover('--list');
      expect(code).to.equal(6);
      expect(stdout).to.contain('nobody knows what is owed');
      expect(stdout).to.contain('line 2: it is damaged');
      const json = JSON.parse((await left.recover('--list', '--json')).stdout) as {owed: {unknown: string[]}[]};
      expect(json.owed[0]?.unknown).to.have.length(1);
    });

    it('is put back by the marks, which say the same where all worlds of the run can be read', async () => {
      await left.leave({worlds: true});
      left.flip();
      const {code, stdout} = await left.recover();
      expect(stdout).to.contain('Everything that was changed');
      expect(code).to.equal(0);
      expect([existsSync(left.flag), existsSync(left.run)]).to.deep.equal([false, false]);
      expect((await left.recover('--list')).code).to.equal(0);
    });

    it('is kept where nobody can tell, until a person gives it up: what is abandoned is said, and the target is free', async () => {
      await left.leave({worlds: false});
      const owed = readFileSync(left.ledger, 'utf8').split('\n')[1]!;
      left.flip();
      const {code, stdout} = await left.recover();
      expect(code).to.equal(6);
      expect(stdout).to.contain('UNKNOWN');
      expect(stdout).to.contain(`firedrill recover --forget ${RUN}`);
      expect([existsSync(left.flag), existsSync(left.run)]).to.deep.equal([true, true]);
      // What can be read again is known: it is named when it is given up.
      writeFileSync(left.ledger, `${owed}\n{"v":1\n`);
      const forgotten = await left.recover('--forget', RUN);
      expect(forgotten.code).to.equal(0);
      expect(forgotten.stdout).to.contain('abandoned: 1 undo');
      expect(forgotten.stdout).to.contain(`by hand: rm -f ${left.flag}`);
      expect(forgotten.stdout).to.contain('unknown: its ledger, line 2');
      expect([existsSync(left.flag), existsSync(left.run)]).to.deep.equal([true, false]);
      expect((await left.recover('--list')).stdout).to.contain('Nothing is owed.');
      expect(existsSync(join(left.state, 'marks'))).to.equal(true);
      await left.leave({worlds: true});
      expect((await left.recover()).code, 'the target can be marked again').to.equal(0);
    });

    it('hides no other run, whatever lies there', async () => {
      await left.leave({worlds: true});
      const junk = ['{}', 'null', '[]', '', '{"v":1'];
      for (const [nth, text] of junk.entries()) {
        const folder = join(left.state, 'runs', `junk-${nth}`);
        mkdirSync(folder);
        for (const name of ['run.json', 'epoch-1', 'heartbeat', 'ledger.ndjson', 'stop'])
          writeFileSync(join(folder, name), text);
      }
      mkdirSync(join(left.state, 'runs', '..strange'));
      const {code, stdout, stderr} = await left.recover();
      expect(stderr).to.not.contain('bug');
      expect(code).to.equal(6);
      expect(existsSync(left.flag)).to.equal(false);
      expect(stdout).to.contain('..strange');
      expect(existsSync(join(left.state, 'runs', 'junk-0')), 'not understood, so not removed').to.equal(true);
    });
  });

  describe('that is not this user’s alone', () => {
    const refused = async (said: string) => {
      for (const args of [['--list'], []]) {
        const {code, stderr} = await left.recover(...args);
        expect(stderr).to.contain(said);
        expect(stderr).to.contain('FIREDRILL_STATE');
        expect(code).to.equal(2);
      }
      expect(existsSync(left.flag), 'no undo of it is run').to.equal(true);
    };

    it('is refused where others can write to it', async () => {
      await left.leave({worlds: true});
      chmodSync(left.state, 0o777);
      await refused('can be written by others (mode 777');
    });

    it('is refused where others can write to its runs or marks', async () => {
      await left.leave({worlds: true});
      chmodSync(join(left.state, 'marks'), 0o770);
      await refused('can be written by others (mode 770');
    });

    it('is refused where it is a symbolic link', async () => {
      await left.leave({worlds: true});
      renameSync(left.state, join(left.folder, 'elsewhere'));
      symlinkSync(join(left.folder, 'elsewhere'), left.state);
      await refused('is a symbolic link');
    });

    it('holds no ledger that is a link, or that others can write to: such a run is unknown', async () => {
      for (const spoil of [
        () => chmodSync(left.ledger, 0o666),
        () => {
          renameSync(left.ledger, join(left.folder, 'ledger'));
          symlinkSync(join(left.folder, 'ledger'), left.ledger);
        },
        () => chmodSync(left.run, 0o777),
      ]) {
        await left.leave({worlds: false});
        spoil();
        const {code, stdout} = await left.recover();
        expect(code).to.equal(6);
        expect(stdout).to.contain('not read: ');
        expect(existsSync(left.flag)).to.equal(true);
        expect((await left.recover('--forget', RUN)).code).to.equal(0);
        rmSync(join(left.state, 'marks'), {recursive: true});
      }
    });

    (isRoot ? it : it.skip)('is refused where it belongs to another user (needs root to try)', async () => {
      await left.leave({worlds: true});
      chownSync(left.state, NOBODY, NOBODY);
      await refused(`belongs to user ${NOBODY}`);
    });

    (isRoot ? it : it.skip)('holds no run of another user (needs root to try)', async () => {
      await left.leave({worlds: false});
      chownSync(left.ledger, NOBODY, NOBODY);
      const {code, stdout} = await left.recover();
      expect(code).to.equal(6);
      expect(stdout).to.contain(`belongs to user ${NOBODY}`);
      expect(existsSync(left.flag)).to.equal(true);
    });
  });

  it('takes no debt from a run folder that others can write to', async () => {
    await left.leave({worlds: false});
    const record = join(left.folder, 'record');
    mkdirSync(record, {mode: 0o777});
    chmodSync(record, 0o777);
    renameSync(left.ledger, join(record, 'events.ndjson'));
    writeFileSync(left.ledger, '');
    const {code, stdout} = await left.recover();
    expect(stdout).to.contain('its ledger, it is empty');
    expect(code).to.equal(6);
    expect([existsSync(left.flag), existsSync(left.run)]).to.deep.equal([true, true]);
  });
});
