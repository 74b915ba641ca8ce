import {expect} from 'chai';
import {spawn, type ChildProcess} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {suiteFolder} from '../support/shop.js';
import type {Result} from '../../src/verdict/result.js';

/** 1 while the target is stopped by a signal, else 0: such as a breaker that opens, or a stand-by that is promoted. */
const PROBE = (pid: number) =>
  `{ run: [sh, -c, "grep -c '^State:.T' /proc/${pid}/status || true"], every: 200ms, timeout: 2s }`;

const FILE = (pid: number, pidFile: string, tolerance: string, opensWithin: string) => `version: 1
title: The breaker opens
targets: { worker: { process: { pidFile: ${pidFile}, supervised: true } } }
steadyState:
  breaker open: { command: ${PROBE(pid)}, tolerance: ${tolerance} }
windows: { warmup: 100ms, baseline: 3s, recovery: 8s }
faults: [ { name: freeze, pause: {}, targets: [worker], for: 12s } ]
expect:
  times:
    - { name: breaker opened, metric: breaker open, within: ${opensWithin}, from: injection }
    - { name: thawed, fault: freeze, undoneWithin: 3s }
`;

describe('a metric that is so only while a fault is in force, from the command line', function () {
  this.timeout(120_000);
  const folder = suiteFolder();
  let target: ChildProcess;
  before(() => {
    ensureBuilt();
    target = spawn('sleep', ['600'], {stdio: 'ignore'});
    writeFileSync(join(folder.path, 'worker.pid'), String(target.pid));
  });
  after(() => target.kill('SIGKILL'));

  const run = async (name: string, tolerance: string, opensWithin = '6s') => {
    const path = join(folder.path, `${name}.yaml`);
    writeFileSync(path, FILE(target.pid!, join(folder.path, 'worker.pid'), tolerance, opensWithin));
    const {code, stdout, stderr} = await firedrill(
      ['run', path, '--yes', '--json', '--quiet', '--runs-dir', join(folder.path, name)],
      {FIREDRILL_STATE: join(folder.path, 'state')},
    );
    return {code, stderr, result: stdout.startsWith('{') ? (JSON.parse(stdout) as Result) : undefined};
  };

  it('is held, with when it had to be so', async () => {
    const {code, stderr, result} = await run('open', '{ equals: 1, during: [fault], settlesWithin: 3s }');
    expect(code, stderr).to.equal(0);
    const [metric] = result!.metrics;
    expect(metric).to.deep.include({judged: ['fault'], verdict: 'held'});
    expect(metric?.tolerance).to.deep.equal({equals: 1, settlesWithinSeconds: 3, during: ['fault']});
    const [opened, thawed] = result!.timeLimits!;
    expect(opened, opened?.why).to.deep.include({name: 'breaker opened', verdict: 'held', limitSeconds: 6});
    expect(opened?.tookSeconds?.atMost).to.be.lessThan(6);
    expect(thawed, thawed?.why).to.deep.include({name: 'thawed', verdict: 'held'});
    expect(metric?.intervals[0]).to.deep.include({kind: 'baseline', verdict: null, value: 0});
  });

  it('deviates where it does not become so', async () => {
    const {code, stderr} = await run('never', '{ equals: 0, during: [fault], settlesWithin: 3s }');
    expect(code, stderr).to.equal(7);
  });

  it('does not begin where it would have to be so always: worth retrying', async () => {
    const {code} = await run('always', '{ equals: 1 }');
    expect(code).to.equal(8);
  });
});
