import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'chai';
import type {Result} from '../../src/verdict/result.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {removeAll} from '../support/docker.js';
import {describeWith} from '../support/needs.js';
import {BYTES, ECHO, shapingOf, startEcho} from '../support/traffic.js';

describeWith('netem', 'A run that delays a container', function (this: Mocha.Suite) {
  this.timeout(600_000);
  before(() => ensureBuilt());
  after(() => removeAll(`fd-shape-${process.pid}-`));

  it('measures the delay on the port that is meant, none on another one, and leaves nothing behind', async () => {
    const target = await startEcho();
    const host = await target.ip();
    const folder = mkdtempSync(join(tmpdir(), 'firedrill-netem-run-'));
    try {
      const file = join(folder, 'experiment.yaml');
      writeFileSync(
        file,
        `version: 1
title: a slow port
targets: {echo: {docker: ${target.name}}}
steadyState:
  slow: {tcp: {address: "${host}:${ECHO}", measure: latency, every: 200ms}, judge: []}
  other: {tcp: {address: "${host}:${BYTES}", measure: latency, every: 200ms}, tolerance: {below: 250ms}}
windows: {warmup: 500ms, baseline: 2s, recovery: 20s}
faults: [{name: slow port, network-latency: {delay: 300ms, protocol: tcp, localPort: ${ECHO}}, targets: [echo], for: 4s}]
`,
      );
      const args = ['run', file, '--yes', '--json', '--quiet', '--runs-dir', join(folder, 'runs')];
      const {code, stdout, stderr} = await firedrill(args);
      const result = JSON.parse(stdout) as Result;
      expect([code, result.verdict], `${stderr}${stdout.slice(0, 3000)}`).to.deep.equal([0, 'held']);
      const slowest = (name: string) =>
        Math.max(...(result.metrics.find(one => one.name === name)?.intervals.map(({max}) => max ?? 0) ?? []));
      expect(slowest('slow')).to.be.greaterThan(300);
      expect(result.owed).to.deep.equal([]);
      expect(await shapingOf(target)).to.deep.equal([]);
    } finally {
      rmSync(folder, {recursive: true, force: true});
    }
  });
});
