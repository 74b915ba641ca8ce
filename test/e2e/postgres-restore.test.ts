import {expect} from 'chai';
import {chmodSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {ensureBuilt, firedrill, startFiredrill} from '../support/cli.js';
import {postgresFolder, startPostgres, type TestPostgres} from '../support/databases.js';
import {describeWith} from '../support/needs.js';
import {until} from '../support/processes.js';
import {suiteFolder} from '../support/shop.js';
import type {Result} from '../../src/verdict/result.js';

const FILE = 'experiments/postgres-restore.yaml';
const RUN_MS = 180_000;
/** What the undo does beside `pg_restore`: the shell, and the proofs before and after it, on a busy machine. */
const SLACK = 3;

describeWith('postgres', 'the recipe of a restore, on PostgreSQL', () => {
  const folder = suiteFolder();
  let database: TestPostgres;
  let environment: Record<string, string>;

  before(async function () {
    this.timeout(RUN_MS);
    ensureBuilt();
    database = await startPostgres();
    environment = {
      DRILL_DATABASE_URL: `postgres://reader:s3cret%2Fpw@127.0.0.1:${database.port}/shop`,
      DRILL_DUMP: join(folder.path, 'drill.dump'),
      DRILL_ROWS: '50000',
      FIREDRILL_STATE: join(folder.path, 'state'),
      PATH: `${folder.path}:${process.env['PATH'] ?? ''}`,
    };
    // Stands before the real one, and writes down when that began and ended: a truth apart from Firedrill's.
    const shim = join(folder.path, 'pg_restore');
    writeFileSync(
      shim,
      `#!/bin/sh\ndate +%s.%N >>"${join(folder.path, 'restores')}"\n"${join(postgresFolder() ?? '', 'pg_restore')}" "$@"\nended=$?\ndate +%s.%N >>"${join(folder.path, 'restores')}"\nexit $ended\n`,
    );
    chmodSync(shim, 0o755);
  });
  after(() => database.close());

  const args = () => ['run', FILE, '--yes', '--json', '--quiet', '--runs-dir', folder.path];
  const restores = () => readFileSync(join(folder.path, 'restores'), 'utf8').trim().split('\n').map(Number);
  /** Throws while the table of the drill is there. */
  const expectNoTable = () =>
    database.run(`do $$ begin if to_regclass('drill_orders') is not null then raise 'it is there'; end if; end $$`);
  const isThere = () => {
    try {
      expectNoTable();
      return false;
    } catch {
      return true;
    }
  };

  it('tells how long the restore took, when the table could be read, and that every row is there', async function () {
    this.timeout(RUN_MS);
    const ended = await firedrill(args(), environment);
    expect(ended.code, `${ended.stderr}${ended.stdout.slice(0, 2000)}`).to.equal(0);
    const result = JSON.parse(ended.stdout) as Result;
    const [began = 0, over = 0] = restores();
    const took = over - began;
    const restored = result.timeLimits?.find(({name}) => name === 'restored');
    const {atLeast, atMost} = restored?.tookSeconds ?? {atLeast: 0, atMost: 0};
    expect(restored?.verdict).to.equal('held');
    expect(atLeast, `pg_restore took ${took} s`).to.be.within(took - 0.1, took + SLACK);
    expect(atMost ?? Infinity).to.be.at.least(took);
    expect(result.checks[0]).to.include({verdict: 'held', before: 1_250_025_000, after: 1_250_025_000});
    expect(result.findings).to.deep.equal([]);
    expect(result.owed).to.deep.equal([]);
    // What was prepared is gone again.
    expect(isThere()).to.equal(false);
  });

  it('restores the table when Firedrill is killed while it is lost', async function () {
    this.timeout(RUN_MS);
    const before = restores().length;
    const {child, ended} = startFiredrill(args(), environment);
    await until('the table is made', isThere, 60_000);
    await until('the table is lost', () => !isThere(), 60_000);
    child.kill('SIGKILL');
    await ended;
    await until('it is restored', () => restores().length === before + 2, 90_000);
    await until('what was prepared is taken away', () => !isThere(), 90_000);
    // Whatever the guardian has not done yet.
    const {code, stdout, stderr} = await firedrill(['recover'], environment);
    expect(code, `${stdout}${stderr}`).to.equal(0);
  });
});
