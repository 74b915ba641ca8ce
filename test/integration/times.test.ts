import {expect} from 'chai';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {runForReal} from '../support/docker-run.js';
import {freePort} from '../support/processes.js';

/**
 * Answers in 10 ms; once it has been frozen for some seconds it takes 150 ms for another two, and writes down until
 * when.
 */
const SERVER = `
const {appendFileSync} = require('node:fs');
const [port, truth] = process.argv.slice(2);
let [last, slowUntil] = [Date.now(), 0];
setInterval(() => {
  const now = Date.now();
  if (now - last > 3000) {
    slowUntil = now + 2000;
    appendFileSync(truth, slowUntil + '\\n');
  }
  last = now;
}, 20);
require('node:http')
  .createServer((_, answer) => setTimeout(() => answer.end('fine'), Date.now() < slowUntil ? 150 : 10))
  .listen(Number(port), '127.0.0.1');
`;

const experiment = (at: {port: number; script: string; truth: string}) => `version: 1
title: a server that is slow for a while after it was frozen
targets:
  server:
    process:
      start: [node, "${at.script}", "${at.port}", "${at.truth}"]
      ready: {http: "http://127.0.0.1:${at.port}/"}
load: {visit: {http: "http://127.0.0.1:${at.port}/", rate: 20/s, timeout: 2s}}
steadyState:
  latency: {load: {of: visit, measure: latency.p50}, deviation: {by: 200%}, judge: [recovery]}
  errors: {load: {of: visit, measure: errors.ratio}, tolerance: {below: 1%}, judge: []}
objective: {of: errors, target: 99%, window: 1d}
windows: {warmup: 0s, baseline: 15s, recovery: 30s}
faults: [{name: freeze, pause: {}, targets: [server], for: 5s}]
`;

describe('the times of a real run', () => {
  it('hold what the server itself wrote down, and count what was lost', async function () {
    const folder = mkdtempSync(join(tmpdir(), 'firedrill-times-'));
    const at = {port: await freePort(), script: join(folder, 'server.cjs'), truth: join(folder, 'truth')};
    writeFileSync(at.script, SERVER);
    try {
      const {result} = await runForReal(experiment(at), undefined, {measured: true});
      const slowUntil = Number(readFileSync(at.truth, 'utf8').split('\n')[0]) / 1000;
      const {undoneAt} = result.occurrences[0]!;
      const truth = slowUntil - Date.parse(result.startedAt) / 1000 - undoneAt!;
      const latency = result.times.metrics.find(({metric}) => metric === 'latency')!;
      expect(latency.recovered!.atLeast).to.be.at.most(truth);
      expect(latency.recovered!.atMost ?? Infinity).to.be.at.least(truth);
      const [lo, hi] = result.recovery.tookSeconds ?? [0, Infinity];
      expect(lo).to.be.at.most(truth);
      expect(hi).to.be.at.least(truth);
      // It may have begun between the request and the first proof.
      expect(latency.onset![0]).to.be.within(-0.15, 0);
      expect(latency.area!.absolute.lower).to.be.above(0);
      const [{lost, failed, sent}] = result.times.loads as [(typeof result.times.loads)[number]];
      expect(failed).to.be.above(0);
      expect(lost.lower).to.be.above(0);
      expect(lost.upper).to.be.at.most(failed);
      expect(result.times.budget!.spent).to.be.above(0);
      expect(sent).to.be.above(failed);
      expect(result.timeline.map(({source}) => source)).to.include('load.ndjson, visit');
    } finally {
      rmSync(folder, {recursive: true, force: true});
    }
  });
});
