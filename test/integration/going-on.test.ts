import {expect} from 'chai';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Event} from '../../src/record/events.js';
import {parseEvents} from '../../src/record/reader.js';
import type {Result} from '../../src/verdict/result.js';
import {ensureBuilt, startFiredrill, type Ended} from '../support/cli.js';
import {startHttpServer, type TestServer} from '../support/http-server.js';
import {suiteFolder} from '../support/shop.js';

/**
 * Twenty values prove nothing, as many as thirty do: what is calm is open at the first look and settled at the last,
 * which is the verdict's. A busy machine may lose some.
 */
const FILE = (url: string) => `version: 1
title: A figure does not care about a frozen process
targets: { idle: { process: { start: [sleep, "607"] } } }
steadyState:
  figure:
    http: { url: "${url}/", measure: number, every: 1s }
    judge: [fault]
    deviation: { worse: higher, by: 20% }
windows: { warmup: 0s, baseline: 40s, recovery: 5s, goOn: 36s }
faults: [ { name: freeze, pause: {}, targets: [idle], for: 20s } ]
`;

describe('a run that goes on, from the command line', function () {
  this.timeout(240_000);
  const folder = suiteFolder();
  let server: TestServer;
  let ended: Ended;
  let events: readonly Event[];

  before(async () => {
    ensureBuilt();
    let asked = 0;
    server = await startHttpServer((_, response) => response.end(String(100 + ((asked++ * 7) % 5))));
    const path = join(folder.path, 'going-on.yaml');
    const runs = join(folder.path, 'runs');
    writeFileSync(path, FILE(server.url));
    const run = startFiredrill(['run', path, '--runs-dir', runs, '--json'], {
      FIREDRILL_STATE: join(folder.path, 'state'),
    });
    ended = await run.ended;
    const [only = ''] = readdirSync(runs);
    events = parseEvents(readFileSync(join(runs, only, 'events.ndjson'), 'utf8')).events;
  });
  after(() => server.close());

  it('holds the fault on until its last look, and undoes it', () => {
    const looks = events.flatMap(event => (event.type === 'looked' ? [event] : []));
    expect(
      looks.map(({answer, look, looks}) => [answer, look, looks]),
      ended.stderr,
    ).to.deep.equal([['open', 1, 2]]);
    const at = (type: Event['type']) =>
      events.find(event => event.type === type && 'occurrence' in event && event.occurrence === 'freeze')?.at.mono ??
      NaN;
    expect((at('undo.requested') - at('change.confirmed')) / 1e6).to.be.at.least(35.9);
    const settled = events.flatMap(event =>
      event.type === 'debts.settled' && event.occurrence === 'freeze' ? event.settled : [],
    );
    expect(settled.map(({outcome}) => outcome)).to.deep.equal(['undone']);
  });

  it('says so while it happens, and in the end', () => {
    expect(ended.stderr).to.include('Going on: figure is not settled yet (look 1 of 2), at most 16s more.');
    expect(ended.code, ended.stderr).to.equal(0);
    const result = JSON.parse(ended.stdout) as Result;
    expect(result).to.include({verdict: 'held', exit: 0});
    expect(result.headline).to.include('while idle was paused for 36');
  });
});
