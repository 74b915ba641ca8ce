import {expect} from 'chai';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {gunzipSync} from 'node:zlib';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {renamed, writeRun} from '../support/history.js';
import * as records from '../support/records.js';
import {scratchFolder} from '../support/shop.js';

const RUNS = [
  ['20260301-090000-a1b2', '2026-03-01T09:00:00.000Z', records.deviated()],
  ['20260302-090000-c3d4', '2026-03-02T09:00:00.000Z', records.held()],
] as const;

/** A folder of runs: one that deviated, one that held. */
function runsFolder() {
  const folder = scratchFolder();
  for (const [run, startedAt, evidence] of RUNS) writeRun(folder.path, renamed(evidence, {run, startedAt}));
  return folder;
}

describe('commands over many runs', function () {
  before(() => ensureBuilt());

  it('list the runs that are asked for, as a table and as JSON', async () => {
    using folder = runsFolder();
    const at = ['--runs-dir', folder.path];
    const [all, held, json, none, wrong] = await Promise.all([
      firedrill(['runs', 'list', ...at]),
      firedrill(['runs', 'list', '--verdict', 'held', ...at]),
      firedrill(['runs', 'list', '--since', '2026-03-02', '--json', ...at]),
      firedrill(['runs', 'list', '--target', 'nobody', ...at]),
      firedrill(['runs', 'list', '--since', 'soon', ...at]),
    ]);
    expect(all.stdout.trim().split('\n')).to.have.length(3);
    expect(held.stdout).to.include('c3d4').and.not.include('a1b2');
    expect(JSON.parse(json.stdout)).to.have.length(1).and.have.nested.property('[0].verdict', 'held');
    expect(none.stdout).to.match(/^None of the 2 runs/);
    expect([all.code, held.code, json.code, none.code, wrong.code]).to.deep.equal([0, 0, 0, 0, 2]);
  });

  it('compare runs in every format, by the beginning of a name and by `latest`', async () => {
    using folder = runsFolder();
    const at = ['--runs-dir', folder.path];
    const page = join(folder.path, 'comparison.html');
    const runs = ['compare', '20260301', 'latest'];
    const [terminal, markdown, json, html] = await Promise.all([
      firedrill([...runs, ...at]),
      firedrill([...runs, '--format', 'markdown', ...at]),
      firedrill([...runs, '--format', 'json', ...at]),
      firedrill([...runs, '--format', 'html', '-o', page, ...at]),
    ]);
    expect([terminal, markdown, json, html].map(({code}) => code)).to.deep.equal([0, 0, 0, 0]);
    expect(terminal.stdout).to.include('20260302-090000-c3d4: Better: checkout errors');
    expect(markdown.stdout).to.match(/^# Checkout survives a frozen inventory: 2 runs compared/);
    expect(JSON.parse(json.stdout)).to.have.nested.property('sections[0].figures[1].against.word', 'better');
    expect(html.stdout.trim()).to.equal(page);
    expect(readFileSync(page, 'utf8')).to.match(/^<!doctype html>/);
  });

  it('compare nothing with itself, nor what is not alike, unless it is asked for', async () => {
    using folder = runsFolder();
    const at = ['--runs-dir', folder.path];
    const file = records.experiment({title: 'Another experiment'});
    writeRun(folder.path, renamed(records.deviated(file), {run: '20260303-090000-e5f6'}));
    const [twice, other, anyway, nowhere] = await Promise.all([
      firedrill(['compare', '20260301', '20260301-09', ...at]),
      firedrill(['compare', '20260301', 'latest', ...at]),
      firedrill(['compare', '20260301', 'latest', '--anyway', ...at]),
      firedrill(['compare', '20260301', 'latest', '--output', 'x', ...at]),
    ]);
    expect([twice.code, other.code, anyway.code, nowhere.code]).to.deep.equal([2, 2, 0, 2]);
    expect(twice.stderr).to.include('one is named twice');
    expect(other.stderr).to.include('Another experiment').and.to.include('--anyway');
    expect(anyway.stdout).to.include('plan: title: Checkout survives a frozen inventory → Another experiment');
  });

  it('tell what was found, and what a person resolved, until it comes back', async () => {
    using folder = scratchFolder();
    const at = ['--runs-dir', folder.path];
    const found = (run: string, day: string) =>
      writeRun(folder.path, renamed(records.deviated(), {run, startedAt: `${day}T09:00:00.000Z`}));
    found('1', '2026-03-01');
    const listed = async (...args: readonly string[]) =>
      JSON.parse((await firedrill(['findings', '--json', ...args, ...at])).stdout) as {id: string; code: string}[];
    const [broken] = await listed();
    expect(broken).to.include({code: 'hypothesis-broken', state: 'open', runs: 1});
    const id = broken?.id ?? '';
    const by = ['--by', 'ada', '--why', 'bounded retries'];
    const resolved = await firedrill(['findings', 'resolve', id.slice(0, 6), ...by, ...at]);
    expect([resolved.code, resolved.stdout]).to.deep.equal([
      0,
      `Resolved ${id}: checkout errors left its tolerance while shop-inventory-1 was paused for 20s. It is open again when a later run has it.\n`,
    ]);
    expect((await listed()).map(one => one.id)).to.not.include(id);
    expect((await listed('--state', 'resolved'))[0]).to.deep.include({id, state: 'resolved'});
    found('2', '2126-03-02');
    expect((await listed()).find(one => one.id === id)).to.include({state: 'recurring', runs: 2, reopened: true});
    const [terminal, markdown, nobody, unknown] = await Promise.all([
      firedrill(['findings', ...at]),
      firedrill(['findings', '--format', 'markdown', ...at]),
      firedrill(['findings', 'resolve', id, '--by', '', '--why', 'x', ...at]),
      firedrill(['findings', 'resolve', 'nothing', ...by, ...at]),
    ]);
    expect([terminal, markdown, nobody, unknown].map(({code}) => code)).to.deep.equal([0, 0, 2, 2]);
    expect(terminal.stdout).to.include('reopened: it was resolved by ada (bounded retries)');
    expect(markdown.stdout).to.include(`| ${id} | SEV2 |`);
  });

  it('pack a run as evidence, and say whether a byte of pack or record changed', async () => {
    using folder = runsFolder();
    const at = ['--runs-dir', folder.path];
    const pack = join(folder.path, 'evidence.tar.gz');
    const made = await firedrill(['export', '20260301', '--out', pack, ...at]);
    const seal = /^Seal {2}([0-9a-f]{64})$/m.exec(made.stdout)?.[1] ?? '';
    expect([made.code, seal.length]).to.deep.equal([0, 64]);
    const whole = await firedrill(['verify', pack, '--seal', seal]);
    expect([whole.code, whole.stdout]).to.deep.equal([0, whole.stdout]);
    expect(whole.stdout).to.match(/^Unchanged: every byte of 12 files is as it was packed\.$/m);
    expect((await firedrill(['verify', pack, '--run', '20260301', ...at])).code).to.equal(0);

    const events = join(folder.path, '20260301-090000-a1b2', 'events.ndjson');
    const lines = readFileSync(events, 'utf8').split('\n');
    writeFileSync(events, [...lines.slice(0, 2), ...lines.slice(3)].join('\n'));
    const cut = await firedrill(['verify', pack, '--run', '20260301', ...at]);
    expect(cut.code).to.equal(7);
    expect(cut.stdout).to.match(/^CHANGED {2}events\.ndjson: changed in lines 3, 4, /m);
    const other = await firedrill(['verify', pack, '--seal', seal.replace(/^./, 'x'), '--json']);
    expect(other.code).to.equal(7);
    expect(JSON.parse(other.stdout)).to.deep.include({verified: false, seal});

    const bytes = readFileSync(pack);
    bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000);
    writeFileSync(pack, bytes);
    const [damaged, none, noPack] = await Promise.all([
      firedrill(['verify', pack]),
      firedrill(['verify', `${pack}.missing`]),
      firedrill(['verify', events]),
    ]);
    expect([damaged, none, noPack].map(({code}) => code)).to.deep.equal([2, 2, 2]);
    expect(damaged.stderr).to.include('EVIDENCE_UNREADABLE');
  });

  it('pack no secret and say which policy held, as the record of a real run has it', async () => {
    using folder = scratchFolder();
    const secret = 'correct-horse-battery';
    const [file, policy] = [join(folder.path, 'secret.json'), join(folder.path, 'policy.yaml')];
    const printed = ['sh', '-c', 'echo "$1" >&2; echo 1', 'sh', '${secret:env:DRILL_SECRET}'];
    writeFileSync(policy, 'version: 1\nmaxTargets: 3\n');
    writeFileSync(
      file,
      JSON.stringify({
        version: 1,
        title: 'A secret',
        steadyState: {m: {command: {run: printed, every: '500ms'}, tolerance: {below: 2}}},
        windows: {warmup: '0s', baseline: '3s', recovery: '8s'},
        faults: [{name: 'f', command: {do: ['true'], undo: ['false', '${secret:env:DRILL_SECRET}']}, for: '2s'}],
        safety: {irreversible: 'allow'},
      }),
    );
    const environment = {
      DRILL_SECRET: secret,
      FIREDRILL_POLICY: policy,
      FIREDRILL_STATE: join(folder.path, 'state'),
    };
    const at = ['--runs-dir', join(folder.path, 'runs')];
    const ran = await firedrill(['run', file, '--yes', '--quiet', ...at], environment);
    expect(ran.stdout, ran.stderr).to.include('A secret');
    const pack = join(folder.path, 'evidence.tar.gz');
    const made = await firedrill(['export', 'latest', '--out', pack, ...at], environment);
    expect(made.code, made.stderr).to.equal(0);
    const packed = gunzipSync(readFileSync(pack)).toString('latin1');
    expect(packed).to.not.include(secret);
    expect(packed).to.include('${secret:env:DRILL_SECRET}');
    expect(packed).to.match(/"policies": \[\s+\{[^}]*"maxTargets": 3/);
  }).timeout(90_000);
});
