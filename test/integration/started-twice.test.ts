import {expect} from 'chai';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {ensureBuilt, firedrill, startFiredrill} from '../support/cli.js';
import {until} from '../support/processes.js';

/** The target that is hit is started by the run; the shared one is started as well, and not hit. */
const experiment = (hit: string, shared: string) => `version: 1
title: Two runs with one process
targets: {hit: {process: {start: [sleep, "${hit}"]}}, shared: {process: {start: [sleep, "${shared}"]}}}
steadyState: {fine: {command: {run: [echo, "1"], every: 500ms}, tolerance: {equals: 1}}}
windows: {warmup: 1s, baseline: 60s, recovery: 10s}
faults: [{name: freeze, pause: {}, targets: [hit], for: 3s}]
`;

describe('A process that another run has started', function () {
  let root: string;
  before(() => ensureBuilt());
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'firedrill-twice-'))));
  afterEach(() => rmSync(root, {recursive: true, force: true}));

  const eventsIn = (runs: string) => {
    const [run] = existsSync(runs) ? readdirSync(runs) : [];
    const path = join(runs, run ?? '', 'events.ndjson');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };

  it('is a lock: the second run ends with 8, and neither touches nor stops it', async () => {
    const environment = {FIREDRILL_STATE: join(root, 'state')};
    const [first, second] = ['first', 'second'].map(name => join(root, name)) as [string, string];
    writeFileSync(`${first}.yaml`, experiment('601', '603'));
    writeFileSync(`${second}.yaml`, experiment('602', '603'));
    const holder = startFiredrill(['run', `${first}.yaml`, '--yes', '--runs-dir', first], environment);
    await until('the first has started its processes', () => eventsIn(first).includes('"phase":"baseline"'), 60_000);
    const {code, stdout, stderr} = await firedrill(
      ['run', `${second}.yaml`, '--yes', '--runs-dir', second],
      environment,
    );
    expect(code, stderr).to.equal(8);
    expect(`${stdout}${stderr}`)
      .to.include('Target `shared` was not started: it is locked by run ')
      .and.not.include('shared was stopped');
    expect(eventsIn(second)).to.include('"kind":"locked"');
    holder.child.kill('SIGINT');
    const ended = await holder.ended;
    expect(ended.stderr).to.include('shared was stopped');
    expect(ended.code).to.equal(130);
  });

  it('is refused at once where both mean to hit it, with the name of the other run; the first does not notice', async () => {
    const environment = {FIREDRILL_STATE: join(root, 'state')};
    const [first, second] = ['first', 'second'].map(name => join(root, name)) as [string, string];
    writeFileSync(`${first}.yaml`, experiment('604', '605'));
    const holder = startFiredrill(['run', `${first}.yaml`, '--yes', '--runs-dir', first], environment);
    await until('the first measures its baseline', () => eventsIn(first).includes('"phase":"baseline"'), 60_000);
    const [run = ''] = readdirSync(first);
    for (const command of [['plan'], ['run', '--yes', '--runs-dir', second]]) {
      const [verb = '', ...flags] = command;
      const {code, stdout, stderr} = await firedrill([verb, `${first}.yaml`, ...flags], environment);
      expect(`${stdout}${stderr}`).to.include(`\`hit\` is locked: run \`${run}\` is going on and hits it too`);
      expect(code, verb).to.equal(8);
    }
    expect(existsSync(second), 'nothing was begun').to.equal(false);
    holder.child.kill('SIGKILL');
    await holder.ended;
    await until('its guardian has ended it', () => readdirSync(join(root, 'state', 'runs')).length === 0, 60_000);
    const again = await firedrill(['plan', `${first}.yaml`], environment);
    expect(`${again.stdout}${again.stderr}`).to.not.include('is going on');
  });
});
