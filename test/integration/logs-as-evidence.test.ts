import {expect} from 'chai';
import {once} from 'node:events';
import {spawn, type ChildProcess} from 'node:child_process';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {ensureBuilt, firedrill, ROOT} from '../support/cli.js';
import {freePort} from '../support/processes.js';
import {suiteFolder} from '../support/shop.js';
import type {Result} from '../../src/verdict/result.js';

const PATTERN = 'ERROR order <*> failed, password=*** inventory timed out';
const SERVER = "require('node:http').createServer((_, r) => r.end('ok')).listen(process.argv[1], '127.0.0.1')";

const FILE = (pidFile: string, log: string) => `version: 1
title: Orders are logged
targets: { inventory: { process: { pidFile: ${pidFile}, supervised: true } } }
logs:
  orders: { file: ${log} }
steadyState:
  failed orders: { logs: { of: orders, every: 500ms }, tolerance: { below: 1/s } }
  lines: { logs: { of: orders, measure: lines.rate, every: 500ms } }
windows: { warmup: 500ms, baseline: 5s, recovery: 10s }
faults: [ { name: freeze, pause: {}, targets: [inventory], for: 6s } ]
expect:
  checks:
    - { name: no panic, logs: { of: orders, measure: lines.total, matches: panic }, change: { equals: 0 } }
    - { name: no time-outs, logs: { of: orders, measure: lines.total, matches: "timed out" }, change: { equals: 0 } }
`;

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe('a log as evidence, from the command line', function () {
  this.timeout(120_000);
  const started: ChildProcess[] = [];
  // Before the folder goes into which they write.
  after(() => Promise.all(started.map(child => ended(child))));
  const folder = suiteFolder();
  const start = (...args: readonly string[]) => {
    const child = spawn(process.execPath, args, {stdio: 'ignore'});
    started.push(child);
    return child;
  };
  let port: number;
  before(async () => {
    ensureBuilt();
    port = await freePort();
    const server = start('-e', SERVER, String(port));
    writeFileSync(join(folder.path, 'inventory.pid'), String(server.pid));
  });

  it('counts errors, and tells a form of line that the baseline did not have', async () => {
    const [log, file] = [join(folder.path, 'orders.log'), join(folder.path, 'orders.yaml')];
    writeFileSync(log, '');
    start(join(ROOT, 'test/fixtures/logging-client.mjs'), `http://127.0.0.1:${port}`, log);
    writeFileSync(file, FILE(join(folder.path, 'inventory.pid'), log));
    const runs = join(folder.path, 'runs');
    const {code, stdout, stderr} = await firedrill(['run', file, '--yes', '--json', '--quiet', '--runs-dir', runs], {
      FIREDRILL_STATE: join(folder.path, 'state'),
    });
    expect(code, stderr).to.equal(7);
    const result = JSON.parse(stdout) as Result;
    const [failed, lines] = result.metrics;
    expect(failed).to.deep.include({name: 'failed orders', verdict: 'deviated'});
    expect(lines?.intervals[0]?.value).to.be.greaterThan(5);
    expect(result.checks.map(({name, verdict}) => [name, verdict])).to.deep.equal([
      ['no panic', 'held'],
      ['no time-outs', 'deviated'],
    ]);
    const [orders] = result.logs!;
    expect(orders).to.deep.include({name: 'orders', place: log, unread: 0, newPatterns: 1, notes: []});
    const [fresh] = orders!.told;
    expect(fresh).to.deep.include({template: PATTERN, error: true});
    expect(fresh?.example).to.match(/^\S+Z ERROR order \d+ failed, password=\*\*\* inventory timed out$/);
    expect(fresh?.lines).to.equal(orders?.errors).and.to.be.greaterThan(5);
    const finding = result.findings.find(({code}) => code === 'new-log-patterns');
    expect(finding).to.deep.include({severity: 'SEV4', title: '1 new error pattern in the log of orders'});
    expect(finding?.what).to.match(
      /^\d+ lines of a pattern that the baseline did not have, first seen \S+ after the first injection: ERROR order <\*> failed/,
    );
    const row = result.timeline.find(({what}) => what.startsWith('The log of orders has an error of a form'));
    expect(row?.seconds).to.equal(fresh?.first);
    const injected = result.timeline.find(({what}) => what.startsWith('Injection of freeze requested'));
    expect(row?.seconds).to.be.greaterThan(injected!.seconds);
  });

  it('stands in every report, escaped, and no secret of it is kept', () => {
    const [run] = readdirSync(join(folder.path, 'runs'));
    const read = (name: string) => readFileSync(join(folder.path, 'runs', run!, name), 'utf8');
    for (const name of readdirSync(join(folder.path, 'runs', run!))) expect(read(name), name).to.not.include('hunter2');
    expect(read('report.html')).to.include('ERROR order &lt;*&gt; failed, password=*** inventory timed out');
    expect(read('report.md')).to.include('ERROR order &lt;\\*&gt; failed, password=\\*\\*\\* inventory timed out');
    expect(read('events.ndjson')).to.not.include('\\u001b');
  });

  it('is named by the plan, and its metric is read once the run has begun', async () => {
    const {code, stdout, stderr} = await firedrill(['plan', join(folder.path, 'orders.yaml')], {
      FIREDRILL_STATE: join(folder.path, 'state'),
    });
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/Logs\n\s+orders\s+\/\S+orders\.log/);
    expect(stdout).to.match(/failed orders .*followed from the beginning of the run on/);
  });
});
