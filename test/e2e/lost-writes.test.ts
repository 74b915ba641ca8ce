import {expect} from 'chai';
import {execFileSync} from 'node:child_process';
import type {Result, WritesResult} from '../../src/verdict/result.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {describeWith} from '../support/needs.js';
import {startOrders} from '../support/orders.js';
import {roleAt, startSentinel, type TestSentinel} from '../support/sentinel.js';
import {suiteFolder} from '../support/shop.js';

const FILE = 'experiments/redis-lost-writes.yaml';
const RUN_MS = 240_000;

describeWith('sentinel', 'the recipe of lost writes, on Redis with Sentinel', () => {
  const folder = suiteFolder();
  let redis: TestSentinel;
  before(async () => {
    ensureBuilt();
    redis = await startSentinel();
  });
  after(() => redis.close());

  /** What whoever is primary holds, asked of it with Redis's own client. */
  async function held(): Promise<readonly string[]> {
    const roles = await Promise.all(redis.servers.map(({port}) => roleAt(port)));
    expect(
      roles.filter(role => role === 'primary'),
      roles.join(),
    ).to.have.lengthOf(1);
    const {port} = redis.servers[roles.indexOf('primary')]!;
    const printed = execFileSync('redis-cli', ['-p', String(port), 'lrange', 'orders', '0', '-1']).toString();
    return printed.split('\n').filter(line => line !== '');
  }

  /** Runs the file of the library against such a service; what it says, and what the service knows. */
  async function drill(waits: boolean) {
    // The old primary first: after the pause it still calls itself one.
    const [a, b] = redis.servers;
    const ports = (await roleAt(a.port)) === 'primary' ? [a.port, b.port] : [b.port, a.port];
    const {server, acknowledged} = await startOrders(ports, {waits});
    const environment = {
      ORDERS_URL: server.url.replace(/\/$/, ''),
      REDIS_A_PORT: String(redis.servers[0].port),
      REDIS_B_PORT: String(redis.servers[1].port),
      FIREDRILL_STATE: `${folder.path}/state`,
    };
    try {
      const ended = await firedrill(
        ['run', FILE, '--yes', '--json', '--quiet', '--runs-dir', folder.path],
        environment,
      );
      const shown = `${ended.stderr}${ended.stdout.slice(0, 3000)}`;
      const result = JSON.parse(ended.stdout) as Result;
      const [writes] = result.writes ?? [];
      const stored = new Set(await held());
      const lost = acknowledged.filter(id => !stored.has(id));
      if (process.env['FIREDRILL_TEST_SHOW'] !== undefined)
        console.log(`${acknowledged.length} acknowledged, ${lost.length} lost; told: ${writes?.why}`);
      return {code: ended.code, result, writes: writes as WritesResult, lost, acknowledged, shown};
    } finally {
      await server.close();
    }
  }

  it('counts exactly which orders are lost that went to the old primary after it was replaced', async function () {
    this.timeout(RUN_MS);
    const {code, result, writes, lost, acknowledged, shown} = await drill(false);
    expect(code, shown).to.equal(7);
    expect(lost.length).to.be.above(0);
    expect(writes).to.include({acknowledged: acknowledged.length, verdict: 'deviated'});
    expect(writes.lost).to.include({atLeast: lost.length, atMost: lost.length});
    expect(lost).to.include.members(writes.lost?.examples.map(({id}) => id) ?? ['none']);
    expect(result.findings[0]).to.include({code: 'lost-writes', severity: 'SEV1'});
    expect(result.headline).to.match(/^DEVIATED: [\d,]+ of [\d,]+ acknowledged writes are lost/);
  });

  it('finds none lost where only what a replica has is acknowledged', async function () {
    this.timeout(RUN_MS);
    const {code, writes, lost, acknowledged, shown} = await drill(true);
    expect(lost).to.deep.equal([]);
    expect(writes, shown).to.include({acknowledged: acknowledged.length, verdict: 'held'});
    expect(writes.lost).to.include({atLeast: 0, atMost: 0});
    expect(code, shown).to.equal(0);
  });
});
