import {expect} from 'chai';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {readEvidence} from '../../src/record/reader.js';
import {systemDisk} from '../../src/system/files.js';
import type {Result} from '../../src/verdict/result.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {describeWith} from '../support/needs.js';
import {freePort} from '../support/processes.js';
import {suiteFolder} from '../support/shop.js';

const RUN_MS = 180_000;

/** The requests of one load in the log of the router: how many it answered with an error of a server, and how many in all. */
function answeredBy(log: string, load: 'even' | 'odd') {
  const statuses = [...log.matchAll(/"GET \/orders\/(even|odd)-\d+ HTTP\/1\.1" (\d{3})/g)]
    .filter(([, name]) => name === load)
    .map(([, , status]) => Number(status));
  return {failed: statuses.filter(status => status >= 500).length, all: statuses.length};
}

describeWith('nginx', 'the recipe of errors per shard, behind nginx', () => {
  const folder = suiteFolder();
  before(() => ensureBuilt());

  it('tells that the orders of one shard failed and those of the other did not, as the router itself knows it', async function () {
    this.timeout(RUN_MS);
    const [router, even, odd] = [await freePort(), await freePort(), await freePort()];
    const environment = {
      SHARD_ROUTER_PORT: String(router),
      SHARD_EVEN_PORT: String(even),
      SHARD_ODD_PORT: String(odd),
      TMPDIR: folder.path,
      FIREDRILL_STATE: join(folder.path, 'state'),
    };
    const args = ['run', 'experiments/nginx-errors-per-shard.yaml', '--yes', '--json', '--quiet'];
    const ended = await firedrill([...args, '--runs-dir', join(folder.path, 'runs')], environment);
    expect(ended.code, `${ended.stderr}${ended.stdout.slice(0, 3000)}`).to.equal(0);
    const {verdict, run} = JSON.parse(ended.stdout) as Result;
    expect(verdict).to.equal('held');

    const log = readFileSync(join(folder.path, `firedrill-shards-${router}`, 'access.log'), 'utf8');
    const {loads} = await readEvidence(systemDisk, join(folder.path, 'runs', run));
    const counted = (load: string) => {
      const outcomes = loads
        .filter(second => second.load === load)
        .flatMap(second => Object.entries(second.outcomes))
        .map(([outcome, counts]) => ({outcome, count: counts.reduce((sum, [, count]) => sum + count, 0)}));
      const sum = (chosen: typeof outcomes) => chosen.reduce((all, {count}) => all + count, 0);
      return {failed: sum(outcomes.filter(({outcome}) => outcome !== 'ok')), all: sum(outcomes)};
    };
    expect(counted('even orders')).to.deep.equal(answeredBy(log, 'even'));
    expect(counted('odd orders')).to.deep.equal(answeredBy(log, 'odd'));
    expect(answeredBy(log, 'odd').failed).to.equal(0);
    // 20 a second for 8 s, less what was answered while it was being killed.
    expect(answeredBy(log, 'even').failed).to.be.above(100);
  });
});
