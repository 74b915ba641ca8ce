import {expect} from 'chai';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
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
});
