import {once} from 'node:events';
import {expect} from 'chai';
import {spawn, type ChildProcess} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Result} from '../../src/verdict/result.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {suiteFolder} from '../support/shop.js';

/** Three faults: what follows the first depends on how that went. `frozen` is 1 while the worker is paused. */
const FILE = (pid: number, pidFile: string, tolerance: string) => `version: 1
title: One thing after the other
targets: { worker: { process: { pidFile: ${pidFile}, supervised: true } } }
steadyState:
  frozen:
    command: { run: [sh, -c, "grep -c '^State:.T' /proc/${pid}/status || true"], every: 200ms, timeout: 5s }
    tolerance: ${tolerance}
windows: { warmup: 100ms, baseline: 3s, recovery: 12s }
faults:
  - { name: first, pause: {}, targets: [worker], for: 4s }
  - { name: worse, pause: {}, targets: [worker], for: 3s, after: { fault: first, if: held } }
  - { name: milder, pause: {}, targets: [worker], for: 3s, after: { fault: first, ends: 1s, if: deviated } }
`;

describe('faults that depend on how another one went, from the command line', function () {
  this.timeout(180_000);
  const folder = suiteFolder();
  const targets: ChildProcess[] = [];
  before(() => {
    ensureBuilt();
  });
  after(async () => {
    const gone = targets.map(target => once(target, 'exit'));
    for (const target of targets) target.kill('SIGKILL');
    await Promise.all(gone);
  });

  const run = async (name: string, tolerance: string) => {
    const target = spawn('sleep', ['600'], {stdio: 'ignore'});
    targets.push(target);
    const [path, pidFile] = [join(folder.path, `${name}.yaml`), join(folder.path, `${name}.pid`)];
    writeFileSync(pidFile, String(target.pid));
    writeFileSync(path, FILE(target.pid!, pidFile, tolerance));
    const environment = {FIREDRILL_STATE: join(folder.path, `state-${name}`)};
    const plan = await firedrill(['plan', path], environment);
    const args = ['run', path, '--yes', '--json', '--quiet', '--runs-dir', join(folder.path, name)];
    const {code, stdout, stderr} = await firedrill(args, environment);
    expect(stdout, stderr).to.match(/^\{/);
    return {code, plan: plan.stdout, ...(JSON.parse(stdout) as Result)};
  };

  it('are injected where it went so, and else left out with the reason', async () => {
    const [held, deviated] = await Promise.all([run('held', '{ below: 2 }'), run('deviated', '{ below: 1 }')]);
    expect(held.plan).to.include('only if first held').and.to.include('only if first deviated');
    expect(held.occurrences.map(({inForce}) => inForce)).to.deep.equal(['yes', 'yes', 'no']);
    expect(held.occurrences[2]?.note).to.equal(
      'It was not injected: first held, and this is only for when that deviated.',
    );
    expect(held).to.deep.include({code: 0, verdict: 'held'});
    expect(deviated.occurrences.map(({inForce}) => inForce)).to.deep.equal(['yes', 'no', 'yes']);
    expect(deviated.occurrences[1]?.note).to.equal(
      'It was not injected: first deviated, and this is only for when that held.',
    );
    expect(deviated).to.deep.include({code: 7, verdict: 'deviated'});
    const decided = deviated.timeline.filter(({what}) => what.startsWith('A fault that depends on another'));
    expect(decided).to.have.lengthOf(2);
  });
});
