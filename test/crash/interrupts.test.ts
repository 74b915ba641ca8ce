import {expect} from 'chai';
import {spawn, type ChildProcess} from 'node:child_process';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {constants, tmpdir} from 'node:os';
import {join} from 'node:path';
import {identityOf, killAndWait, listeners, type ProcessIdentity} from '../../src/system/processes.js';
import {ensureBuilt, firedrill, ROOT} from '../support/cli.js';
import {answeringPid, freePort, serverCommand, startForeign, stateOf, until, writePid} from '../support/processes.js';

const PHASES = ['prepare', 'warmup', 'baseline', 'fault', 'recovery'] as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A frozen server under a run of the command line, and the folders of that run. */
class Scene {
  readonly root = mkdtempSync(join(tmpdir(), 'firedrill-interrupt-'));
  readonly state = join(this.root, 'state');
  readonly runs = join(this.root, 'runs');
  readonly file = join(this.root, 'experiment.yaml');
  port = 0;
  target: ProcessIdentity | undefined;

  async open(): Promise<void> {
    this.port = await freePort();
    const command = serverCommand(this.port);
    this.target = await startForeign(command);
    writePid(join(this.root, 'server.pid'), this.target);
    await until('the server answers', async () => (await answeringPid(this.port)) !== undefined);
    writeFileSync(
      this.file,
      `version: 1
title: Interrupted
targets: {server: {process: {pidFile: ${join(this.root, 'server.pid')}}}}
steadyState: {fine: {command: {run: [echo, "1"], every: 200ms}, tolerance: {equals: 1}}}
windows: {warmup: 2s, baseline: 2s, recovery: 8s}
faults: [{name: freeze, pause: {}, targets: [server], for: 3s}]
`,
    );
  }

  start(): {child: ChildProcess; ended: Promise<number | null>; said: () => string} {
    const env = {...process.env, FIREDRILL_STATE: this.state, NO_COLOR: '1'};
    const child = spawn(
      process.execPath,
      [join(ROOT, 'bin/run.js'), 'run', this.file, '--yes', '--runs-dir', this.runs],
      {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let text = '';
    child.stdout.on('data', (data: Buffer) => (text += data.toString()));
    child.stderr.on('data', (data: Buffer) => (text += data.toString()));
    const ended = new Promise<number | null>(done => child.once('close', code => done(code)));
    return {child, ended, said: () => text};
  }

  events(): string {
    const [run] = existsSync(this.runs) ? readdirSync(this.runs) : [];
    const path = join(this.runs, run ?? '', 'events.ndjson');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** In `fault` the fault is confirmed: there is something to undo. */
  async reached(phase: (typeof PHASES)[number]): Promise<void> {
    const mark = phase === 'fault' ? '"change.confirmed"' : `"phase":"${phase}"`;
    await until(`phase ${phase}`, () => this.events().includes(mark), 30_000);
  }

  get nothingOwed(): boolean {
    const runs = join(this.state, 'runs');
    return !existsSync(runs) || readdirSync(runs).length === 0;
  }

  async close(): Promise<void> {
    for (const pid of await listeners(this.port)) {
      const who = await identityOf(pid);
      if (who !== undefined) await killAndWait(who, 5_000);
    }
    rmSync(this.root, {recursive: true, force: true});
  }
}

describe('Interrupting a run', function () {
  let scene: Scene;
  before(() => ensureBuilt());
  beforeEach(async () => {
    scene = new Scene();
    await scene.open();
  });
  afterEach(() => scene.close());

  for (const phase of PHASES) {
    for (const signal of SIGNALS) {
      it(`undoes, reports and ends with ${128 + constants.signals[signal]} on ${signal} in the ${phase} phase`, async () => {
        const run = scene.start();
        await scene.reached(phase);
        run.child.kill(signal);
        expect(await run.ended, run.said()).to.equal(128 + constants.signals[signal]);
        expect(await stateOf(scene.target!.pid), 'the target goes on').to.equal('runs');
        expect(scene.nothingOwed, 'nothing is owed').to.equal(true);
        const again = await firedrill(['report', readdirSync(scene.runs)[0]!, '--runs-dir', scene.runs], {
          FIREDRILL_STATE: scene.state,
        });
        expect(again.code, again.stderr).to.equal(0);
        expect(scene.events()).to.contain('"kind":"signal"');
      });
    }
  }

  it('hands over to the guardian on a second signal: says what is owed, and it is undone all the same', async () => {
    const run = scene.start();
    await scene.reached('fault');
    run.child.kill('SIGINT');
    run.child.kill('SIGTERM');
    const code = await run.ended;
    expect(code, run.said()).to.be.oneOf([6, 130, 143]);
    await until('the guardian has settled', () => scene.nothingOwed, 30_000);
    expect(await stateOf(scene.target!.pid)).to.equal('runs');
  });

  it('is put back by the guardian when the runner is stopped past its deadline, and never acts again', async () => {
    const run = scene.start();
    await scene.reached('fault');
    run.child.kill('SIGSTOP');
    // Its lease ends 45.5 s after the fault, the bound of docs/safety.md 8 s.
    await until('the guardian has settled', () => scene.nothingOwed, 30_000);
    expect(await stateOf(scene.target!.pid)).to.equal('runs');
    run.child.kill('SIGCONT');
    await run.ended;
    expect(run.child.signalCode).to.equal('SIGKILL');
    expect(await stateOf(scene.target!.pid)).to.equal('runs');
  });

  it('goes on with a new guardian when the guardian is killed', async () => {
    const run = scene.start();
    await scene.reached('baseline');
    const guardians = (await import('node:child_process')).execFileSync(
      'pgrep',
      ['-P', String(run.child.pid), '-f', 'guardian'],
      {encoding: 'utf8'},
    );
    process.kill(Number(guardians.trim().split('\n')[0]), 'SIGKILL');
    expect(await run.ended, run.said()).to.equal(0);
    expect(scene.events()).to.contain('another one is started');
    expect(scene.nothingOwed).to.equal(true);
  });

  it('stops on firedrill stop, with code 4 and everything undone', async () => {
    const run = scene.start();
    await scene.reached('fault');
    const stop = await firedrill(['stop', '--all'], {FIREDRILL_STATE: scene.state});
    expect(stop.code, stop.stderr).to.equal(0);
    expect(await run.ended, run.said()).to.equal(4);
    expect(await stateOf(scene.target!.pid)).to.equal('runs');
    expect(scene.nothingOwed).to.equal(true);
  });

  it('refuses to recover a live run or to report on it with code 8, and ends with 0 where nothing is owed', async () => {
    const run = scene.start();
    await scene.reached('fault');
    const [name] = readdirSync(join(scene.state, 'runs'));
    const [live, told] = await Promise.all([
      firedrill(['recover', name!], {FIREDRILL_STATE: scene.state}),
      firedrill(['report', name!, '--runs-dir', scene.runs], {FIREDRILL_STATE: scene.state}),
    ]);
    expect(live.code, live.stderr).to.equal(8);
    expect(told.code, told.stderr).to.equal(8);
    expect(told.stderr).to.include('is still going on');
    expect(await run.ended, run.said()).to.equal(0);
    expect((await firedrill(['recover'], {FIREDRILL_STATE: scene.state})).code).to.equal(0);
  });
});
