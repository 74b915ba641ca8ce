import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import type {JsonObject} from '../../src/quantities/json.js';
import {identityOf, isAlive, type ProcessIdentity} from '../../src/system/processes.js';
import {driver} from '../../src/targets/drivers/process/driver.js';
import {selector as schema} from '../../src/targets/drivers/process/selector.js';
import {openDriver, type Opened} from '../support/driver-subjects.js';
import {describeWith} from '../support/needs.js';
import {endAll, freshAmbient, startForeign, stateOf, until, writePid} from '../support/processes.js';

/** A master with a worker that it starts again, and with one that it does not look after. */
const MASTER = ['sh', '-c', 'sleep 4001 & while true; do sleep 4002 & wait $!; done'];

const parse = (written: unknown) => schema().parse(written) as unknown as JsonObject;

describeWith('linux', 'Processes below a process', () => {
  let ambient: ReturnType<typeof freshAmbient>;
  let pidFile: string;
  let master: ProcessIdentity;

  const open = (written: object = {}) => openDriver(driver, parse({pidFile, ...written}), ambient);
  const processes = (opened: Opened) => opened.reader.drafts.processes!;
  const all = {count: undefined, includeMain: false};

  /** The pid of the child that sleeps so long. */
  function child(seconds: number): number | undefined {
    const rows = execFileSync('ps', ['-eo', 'pid,ppid,args'], {encoding: 'utf8'}).split('\n');
    const found = rows.flatMap(row => {
      const [, pid, parent, length] = /^\s*(\d+)\s+(\d+)\s+sleep (\d+)$/.exec(row) ?? [];
      return Number(parent) === master.pid && Number(length) === seconds ? [Number(pid)] : [];
    });
    return found[0];
  }

  beforeEach(async () => {
    ambient = freshAmbient();
    pidFile = join(ambient.folder, 'master.pid');
    master = await startForeign(MASTER);
    writePid(pidFile, master);
    await until('both children run', () => child(4001) !== undefined && child(4002) !== undefined);
  });
  afterEach(async () => {
    const children = await Promise.all([child(4001), child(4002)].map(pid => identityOf(pid ?? 0)));
    await endAll([master, ...children]);
    ambient.dispose();
  });

  it('freezes exactly those that match, and lets them go on', async () => {
    const opened = await open();
    const {ref} = await opened.one();
    const change = await processes(opened).pause(ref, {...all, match: 'sleep 4001'});
    const pid = child(4001)!;
    expect(change.summary).to.contain(`SIGSTOP to process ${pid} (sleep 4001)`);
    expect((await opened.prove(change.proof)).state).to.equal('absent');
    const debt = await opened.inject(change);
    expect([await stateOf(pid), await stateOf(child(4002)!), await stateOf(master.pid)]).to.deep.equal([
      'stopped',
      'runs',
      'runs',
    ]);
    expect((await opened.prove(change.proof)).state).to.equal('in-force');
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(await stateOf(pid)).to.equal('runs');
    expect((await opened.settle(debt)).outcome).to.equal('already');
  });

  it('owes nothing for one that has ended meanwhile', async () => {
    const opened = await open();
    const change = await processes(opened).pause((await opened.one()).ref, {...all, name: 'sleep', count: 1});
    const debt = await opened.inject(change);
    await endAll([await identityOf(child(4001)!)]);
    expect((await opened.prove(change.proof)).state).to.equal('absent');
    expect((await opened.settle(debt)).outcome).to.equal('already');
  });

  it('kills one that the target starts again itself: nothing is left to undo', async () => {
    const opened = await open();
    const before = child(4002);
    const change = await processes(opened).kill((await opened.one()).ref, {
      ...all,
      match: 'sleep 4002',
      signal: 'KILL',
      heal: 'platform',
    });
    expect(change.platformHeals).to.equal(true);
    const debt = await opened.inject(change);
    expect((await opened.prove(change.proof)).state).to.equal('in-force');
    await until('the worker is back', () => child(4002) !== undefined && child(4002) !== before);
    expect((await opened.settle(debt)).outcome).to.be.oneOf(['already', 'undone']);
    expect(await isAlive(master)).to.equal(true);
  });

  it('calls the end of one that nobody starts again irreversible, unless the file says how to start the target', async () => {
    const options = {...all, match: 'sleep 4001', signal: 'KILL', heal: 'default'} as const;
    const plain = await open();
    const {undo} = await processes(plain).kill((await plain.one()).ref, options);
    expect(undo).to.have.property('irreversible').that.includes('give `start`');
    const [shell, flag, script] = MASTER;
    const opened = await open({start: [shell, flag, `echo $$ > ${pidFile}; ${script}`]});
    const change = await processes(opened).kill((await opened.one()).ref, options);
    expect(change.undo).to.have.property('manual').that.includes(`kill ${master.pid}; `);
    const orphan = await identityOf(child(4002)!);
    const debt = await opened.inject(change);
    expect(child(4001)).to.equal(undefined);
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(await isAlive(master)).to.equal(false);
    await endAll([orphan]);
    master = (await identityOf(Number(readFileSync(pidFile, 'utf8'))))!;
    expect(child(4001)).to.be.a('number');
    expect((await opened.settle(debt)).outcome).to.equal('already');
  });

  it('refuses what matches nothing, and the target itself unless that is said', async () => {
    const opened = await open();
    const {ref} = await opened.one();
    const why = (choice: object) =>
      processes(opened)
        .pause(ref, {...all, ...choice})
        .then(
          () => 'drafted',
          (error: unknown) => String(error),
        );
    expect(await why({match: 'postgres'})).to.contain('below it whose command line matches `postgres`');
    expect(await why({match: '^sh -c', count: 1})).to.contain('there are');
    const change = await processes(opened).pause(ref, {match: '^sh -c', includeMain: true});
    expect(change.claims).to.have.length(1);
  });
});
