import {expect} from 'chai';
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Event} from '../../src/record/events.js';
import {parseEvents} from '../../src/record/reader.js';
import {seededRandom} from '../../src/quantities/random.js';
import {gatesIn} from '../../src/verdict/gate-words.js';
import {ensureBuilt, startFiredrill, type Ended} from '../support/cli.js';
import {startHttpServer, type TestServer} from '../support/http-server.js';
import {suiteFolder} from '../support/shop.js';
import {autoregressiveNoise} from '../../scripts/calibrate/noise.js';

/** A run of the built command line, and what it left on record. */
interface Run extends Ended {
  readonly events: readonly Event[];
}

interface File {
  readonly name: string;
  readonly metric: string;
  readonly windows: string;
  readonly rest: string;
}

/** An experiment that freezes a process of its own and measures a number whose noise is known. */
function textOf({name, metric, windows, rest}: File, seconds: number): string {
  return `version: 1
title: ${name}
targets: { idle: { process: { start: [sleep, "${seconds}"] } } }
steadyState: { figure: { ${metric} } }
windows: ${windows}
${rest}
`;
}

const fault = (lasts: string) => `faults: [ { name: freeze, pause: {}, targets: [idle], for: ${lasts} } ]`;
const switchback = (block: string) =>
  `design: { switchback: { blocks: 10, block: ${block} } }\nfaults: [ { name: freeze, pause: {}, targets: [idle] } ]`;
const occurrences = (events: readonly Event[], type: Event['type']) =>
  events
    .flatMap(event => (event.type === type && 'occurrence' in event ? [event.occurrence] : []))
    .filter(id => id.startsWith('freeze'));
const decided = ({events}: Run) =>
  events.flatMap(event => (event.type === 'decided' && event.what === 'steady' ? [event] : []))[0];

// All runs at once: nearly all of their time is the 30 s that any baseline needs.
describe('the gate before the injection, from the command line', function () {
  this.timeout(600_000);
  const folder = suiteFolder();
  let server: TestServer;
  let noisy: Run;
  let tooShort: Ended;
  let resized: Run;
  let unsteady: Run;
  let interrupted: Run;
  let blocks: Run;

  /** Runs a file to its end; `interruptAt` is what must have been said before Ctrl-C. */
  async function run(
    file: File,
    seconds: number,
    {flags = [], interruptAt}: {flags?: string[]; interruptAt?: string} = {},
  ): Promise<Run> {
    const path = join(folder.path, `${seconds}.yaml`);
    const runs = join(folder.path, `runs-${seconds}`);
    writeFileSync(path, textOf(file, seconds));
    const {child, ended} = startFiredrill(['run', path, '--runs-dir', runs, ...flags], {
      FIREDRILL_STATE: join(folder.path, 'state'),
    });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      const before = said;
      said += chunk.toString();
      if (interruptAt !== undefined && said.includes(interruptAt) && !before.includes(interruptAt))
        child.kill('SIGINT');
    });
    const end = await ended;
    const [only = ''] = readdirSync(runs);
    return {...end, events: parseEvents(readFileSync(join(runs, only, 'events.ndjson'), 'utf8')).events};
  }

  before(async () => {
    ensureBuilt();
    const values = autoregressiveNoise(0).make(4_000, seededRandom(13));
    const asked = new Map<string, number>();
    server = await startHttpServer((request, response) => {
      const url = request.url ?? '';
      const nth = asked.get(url) ?? 0;
      asked.set(url, nth + 1);
      const value = values[nth] ?? 100;
      // `/jump` doubles in the middle of its baseline; `/calm` has a tenth of the noise.
      response.end(
        String(
          url.startsWith('/jump')
            ? (nth < 12 ? 100 : 200) + value / 100
            : url.startsWith('/calm')
              ? 100 + value / 10
              : value,
        ),
      );
    });
    const number = (path: string, deviation: string) =>
      `http: { url: "${server.url}${path}", measure: number, every: 1s }, judge: [fault], deviation: { worse: higher, ${deviation} }`;
    const quick = (more: string) => `{ warmup: 0s, baseline: 10s, recovery: 10s${more} }`;
    const whole = '{ warmup: 0s, baseline: 29s, recovery: 10s }';
    const short = (more = '') => ({
      name: 'Too short',
      metric: number('noise/short', 'by: 10%'),
      windows: quick(more),
      rest: fault('2s'),
    });
    const shortFile = join(folder.path, 'short.yaml');
    writeFileSync(shortFile, textOf(short(), 602));
    [noisy, tooShort, resized, unsteady, interrupted, blocks] = await Promise.all([
      run({name: 'Noisy', metric: number('noise/a', 'by: 2%, critical: 15%'), windows: whole, rest: fault('24s')}, 601),
      startFiredrill(['run', shortFile, '--runs-dir', join(folder.path, 'runs-602')], {
        FIREDRILL_STATE: join(folder.path, 'state'),
      }).ended,
      run(short(', goOn: 30s'), 603, {flags: ['--resize=45s']}),
      run(
        {
          name: 'Jump',
          metric: number('jump', 'by: 10%'),
          windows: '{ warmup: 0s, baseline: 24s, recovery: 10s }',
          rest: fault('24s'),
        },
        604,
      ),
      run({name: 'Blocks', metric: number('calm/a', 'by: 10%'), windows: whole, rest: switchback('3s')}, 605, {
        interruptAt: 'freeze#1 is in force',
      }),
      run({name: 'Blocks', metric: number('calm/b', 'by: 10%'), windows: whole, rest: switchback('1s')}, 606),
    ]);
  });
  after(() => server.close());

  it('refuses what could not see the critical change: exit 3, the figure, nothing injected', () => {
    expect(noisy.code, noisy.stderr).to.equal(3);
    expect(noisy.stdout.replaceAll(/\s+/g, ' ')).to.match(
      /REFUSED: nothing was injected\. This run could only see a change of \d+% in figure, the critical change is 15%; a baseline and faults of (\d+m)?(\d+s)? would do/,
    );
    expect(occurrences(noisy.events, 'debts.owed')).to.deep.equal([]);
    expect(gatesIn(decided(noisy)!.basis)[0]).to.include({metric: 'figure', state: 'underpowered', critical: 0.15});
    expect(noisy.stderr).to.match(/The system is steady: this run can see changes from \d+% in figure/);
  });

  it('takes no file with times in which nothing can be decided: exit 2, the least that would do', () => {
    expect(tooShort.code, tooShort.stderr).to.equal(2);
    expect(tooShort.stderr).to.include('expected at least 24s').and.to.include('got 10s').and.to.include('got 2s');
    expect(existsSync(join(folder.path, 'runs-602'))).to.equal(false);
  });

  it('runs such a file that may go on, here by the old name of --go-on, for as long as it takes, and records what was changed', () => {
    const {events, code, stderr} = resized;
    expect(events.at(-1), stderr).to.deep.include({
      type: 'run.ended',
      why: {kind: 'done', detail: 'all phases were gone through'},
    });
    expect(code).to.be.oneOf([0, 5]);
    expect(occurrences(events, 'change.confirmed')).to.deep.equal(['freeze']);
    const last = events.findLast(event => event.type === 'resized');
    expect(last?.type === 'resized' && last.experiment.windows.baselineMs).to.be.at.least(28_000);
    expect(stderr).to.include('Going on: the baseline takes');
    const [gate] = gatesIn(decided(resized)!.basis);
    expect(gate).to.include({state: 'steady'});
    expect(gate?.detectable).to.be.at.most(0.5);
  });

  it('ends with 8 where the baseline is not steady, and injects nothing', () => {
    expect(unsteady.code, unsteady.stderr).to.equal(8);
    expect(unsteady.stdout.replaceAll(/\s+/g, ' ')).to.include(
      'NOT STEADY: nothing was injected. Figure is not steady',
    );
    expect(occurrences(unsteady.events, 'debts.owed')).to.deep.equal([]);
  });

  it('undoes the block that is on at Ctrl-C, and injects no other', () => {
    const {events, code} = interrupted;
    expect(code).to.equal(130);
    expect(occurrences(events, 'change.confirmed')).to.deep.equal(['freeze#1']);
    const settled = events.flatMap(event =>
      event.type === 'debts.settled' && event.occurrence === 'freeze#1' ? event.settled : [],
    );
    expect(settled.map(({outcome}) => outcome)).to.deep.equal(['undone']);
  });

  it('plays a switchback whose record has the blocks in the order that was drawn', () => {
    const {events, stderr} = blocks;
    expect(events.at(-1), stderr).to.deep.include({
      type: 'run.ended',
      why: {kind: 'done', detail: 'all phases were gone through'},
    });
    const started = events.find(event => event.type === 'run.started');
    if (started?.type !== 'run.started') throw new Error('expected the start of the run');
    const order = started.experiment.switchback?.order ?? [];
    expect(order.filter(Boolean)).to.have.length(5);
    const on = order.flatMap((isOn, block) => (isOn ? [block] : []));
    expect(started.occurrences.map(({block}) => block)).to.deep.equal(on);
    const at = (type: Event['type'], id: string) =>
      events.find(event => event.type === type && 'occurrence' in event && event.occurrence === id)?.at.mono ?? NaN;
    const zero = events.find(event => event.type === 'phase.entered' && event.phase === 'fault')?.at.mono ?? NaN;
    started.occurrences.forEach(({id, block = NaN}, i) => {
      const previous = started.occurrences[i - 1];
      const from = previous === undefined ? zero : at('debts.settled', previous.id);
      const offBlocks = block - (previous?.block ?? -1) - 1;
      // A timer may fire a moment early; late it may be on a busy machine.
      expect((at('debts.owed', id) - from) / 1e6, `the wait for ${id}`).to.be.at.least(offBlocks - 0.02);
      expect((at('undo.requested', id) - at('change.confirmed', id)) / 1e6, id).to.be.at.least(0.98);
      expect(at('debts.settled', id)).to.be.above(at('undo.requested', id));
    });
  });
});
