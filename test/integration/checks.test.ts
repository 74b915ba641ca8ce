import {expect} from 'chai';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Event} from '../../src/record/events.js';
import {parseEvents} from '../../src/record/reader.js';
import {ensureBuilt, startFiredrill, type Ended} from '../support/cli.js';
import {startHttpServer, type TestServer} from '../support/http-server.js';
import {suiteFolder} from '../support/shop.js';

interface Run extends Ended {
  readonly events: readonly Event[];
}

// All runs at once: nearly all of their time is waiting.
describe('checks around a fault, from the command line', function () {
  this.timeout(120_000);
  const folder = suiteFolder();
  let server: TestServer;
  let healthy: Run;
  let lost: Run;
  let unknown: Run;
  let late: Run;
  /** Started processes that are alike would be one target. */
  let started = 0;

  async function run(name: string, checks: string, load = ''): Promise<Run> {
    const path = join(folder.path, `${name}.yaml`);
    const runs = join(folder.path, name);
    writeFileSync(
      path,
      `version: 1
title: ${name}
targets: { idle: { process: { start: [sleep, "${610 + started++}"] } } }
${load}
steadyState: { one: { command: { run: [echo, "1"] }, tolerance: { equals: 1 } } }
windows: { warmup: 500ms, baseline: 4s, recovery: 10s }
faults: [ { name: freeze, pause: {}, targets: [idle], for: 4s } ]
expect: { checks: [ ${checks} ] }
`,
    );
    const environment = {FIREDRILL_STATE: join(folder.path, 'state')};
    const end = await startFiredrill(['run', path, '--runs-dir', runs, '--yes'], environment).ended;
    const [only = ''] = readdirSync(runs);
    return {...end, events: parseEvents(readFileSync(join(runs, only, 'events.ndjson'), 'utf8')).events};
  }

  before(async () => {
    ensureBuilt();
    const stored = new Map<string, number>();
    const taken = new Map<string, number>();
    server = await startHttpServer((request, response) => {
      const [, action = '', shop = ''] = (request.url ?? '').split('/');
      if (action === 'count') return void response.end(String(stored.get(shop) ?? 0));
      const nth = (taken.get(shop) ?? 0) + 1;
      taken.set(shop, nth);
      // The leaky shop acknowledges every order and forgets its hundredth.
      if (shop !== 'leaky' || nth !== 100) stored.set(shop, (stored.get(shop) ?? 0) + 1);
      // An order is stored some time before it is acknowledged: at any moment some are under way.
      setTimeout(() => response.end('ok'), 30);
    });
    const orders = (shop: string) => `load: { orders: { http: "${server.url}order/${shop}", rate: 100/s } }`;
    const nothingLost = (shop: string) =>
      `{ name: no order lost, http: { url: "${server.url}count/${shop}", measure: number }, change: { equals: "\${load:orders.accepted}" } }`;
    [healthy, lost, unknown, late] = await Promise.all([
      run('healthy', nothingLost('sound'), orders('sound')),
      run('lost', nothingLost('leaky'), orders('leaky')),
      run('unknown', '{ name: rows, command: { run: [no-such-program] }, change: { equals: 0 } }'),
      run('late', '{ name: rows, command: { run: [sleep, "30"], timeout: 300ms }, change: { equals: 0 } }'),
    ]);
  });

  after(() => server.close());

  const reads = ({events}: Run) => events.flatMap(event => (event.type === 'check.read' ? [event] : []));

  it('finds nothing lost on a healthy system, to the last order', () => {
    expect(healthy.code, healthy.stdout).to.equal(0);
    const [before, after] = reads(healthy);
    expect(before?.loads?.['orders']?.to).to.include({sent: 0, inFlight: 0});
    expect(after?.loads?.['orders']?.from.accepted).to.equal(after?.value).and.to.be.above(500);
    expect(after?.loads?.['orders']?.from.inFlight).to.equal(0);
  });

  it('finds a single acknowledged order that is lost', () => {
    expect(lost.code, lost.stdout).to.equal(7);
    const [, after] = reads(lost);
    expect(after?.value).to.equal((after?.loads?.['orders']?.to.accepted ?? 0) - 1);
  });

  it('breaks nothing when a check has no value that could be compared afterwards', () => {
    // What another run would read just as little is refused; what may have been a bad moment is worth another try.
    expect([unknown, late].map(({code}) => code)).to.deep.equal([3, 8]);
    for (const refused of [unknown, late]) {
      expect(refused.events.some(event => event.type === 'change.requested' && event.occurrence === 'freeze')).to.equal(
        false,
      );
    }
    const said = ({stdout}: Run) => stdout.replace(/\s+/g, ' ');
    expect(said(unknown)).to.include(
      'Check "rows" has no value before the injection: command `no-such-program` not found',
    );
    expect(said(late)).to.include(
      'Check "rows" has no value before the injection: timed out after 300ms (the probe\'s `timeout`)',
    );
  });
});
