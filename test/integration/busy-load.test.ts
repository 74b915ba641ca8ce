import {expect} from 'chai';
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import type {Event} from '../../src/record/events.js';
import {parseEvents} from '../../src/record/reader.js';
import {ensureBuilt, startFiredrill} from '../support/cli.js';
import {startHttpServer} from '../support/http-server.js';
import {watchLateness} from '../support/lateness.js';
import {until} from '../support/processes.js';
import {scratchFolder} from '../support/shop.js';

const HELD_S = 5;
/** How much later than planned the undo may be asked for: the last proof is taken before it. */
const LATE_S = 2;

const FILE = (url: string) => `version: 1
title: A load that leaves its generator no time
targets: { idle: { process: { start: [sleep, "611"] } } }
load:
  heavy:
    http: { url: "${url}", checks: { listed: { json: $.listed, equals: true } } }
    rate: 100/s
    timeout: 2s
    maxInFlight: 300
steadyState: { fine: { command: { run: [echo, "1"], every: 500ms }, tolerance: { equals: 1 } } }
windows: { warmup: 0s, baseline: 5s, recovery: 6s }
faults: [ { name: freeze, pause: {}, targets: [idle], for: ${HELD_S}s } ]
`;

/**
 * A few kilobytes that unpack to a list of five million numbers: to look into it takes a tenth of a second and more.
 */
const HEAVY = gzipSync(`[${'1,'.repeat(4_900_000)}1]`);

describe('a load that needs more than a processor', function () {
  const late = watchLateness();
  before(() => ensureBuilt());

  it('does not delay the undo of a fault', async () => {
    using folder = scratchFolder();
    let heavy = false;
    const server = await startHttpServer((_, response) => {
      if (heavy) response.writeHead(200, {'content-encoding': 'gzip'}).end(HEAVY);
      else response.end('{"listed": true}');
    });
    const runs = join(folder.path, 'runs');
    const events = (): readonly Event[] => {
      const [run = ''] = existsSync(runs) ? readdirSync(runs) : [];
      const path = join(runs, run, 'events.ndjson');
      return existsSync(path) ? parseEvents(readFileSync(path, 'utf8')).events : [];
    };
    const at = (type: 'change.confirmed' | 'undo.requested') =>
      events().find(event => event.type === type && event.occurrence === 'freeze')?.at.mono;
    try {
      const path = join(folder.path, 'heavy.yaml');
      writeFileSync(path, FILE(server.url));
      const {ended} = startFiredrill(['run', path, '--runs-dir', runs], {FIREDRILL_STATE: join(folder.path, 'state')});
      await Promise.race([
        until('the fault is in force', () => at('change.confirmed') !== undefined, 90_000),
        ended.then(({stderr}) => Promise.reject(new Error(`the run ended before: ${stderr}`))),
      ]);
      heavy = true;
      await until('the undo is asked for', () => at('undo.requested') !== undefined, 90_000);
      heavy = false;
      const {stderr} = await ended;
      const heldS = ((at('undo.requested') ?? NaN) - (at('change.confirmed') ?? NaN)) / 1e6;
      expect(heldS, stderr).to.be.within(HELD_S, HELD_S + LATE_S + late() / 1000);
      const settled = events().flatMap(event => (event.type === 'debts.settled' ? event.settled : []));
      expect(settled.map(({outcome}) => outcome)).to.deep.equal(['undone', 'undone']);
    } finally {
      await server.close();
    }
  });
});
