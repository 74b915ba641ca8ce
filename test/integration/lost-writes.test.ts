import {expect} from 'chai';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Result, WritesResult} from '../../src/verdict/result.js';
import {ensureBuilt, startFiredrill, type Ended} from '../support/cli.js';
import {startHttpServer, type TestServer} from '../support/http-server.js';
import {suiteFolder} from '../support/shop.js';

interface Run extends Ended {
  readonly result: Result;
  readonly writes: WritesResult;
}

/** What a shop did with its orders, as it did it: the truth that a run is compared with. */
interface Books {
  readonly stored: string[];
  /** Acknowledged, and not stored. */
  readonly lost: Set<string>;
  readonly doubled: Set<string>;
  /** Stored, and its sender was told nothing or something else. */
  readonly silent: Set<string>;
  readonly acknowledged: Set<string>;
}

const LATE_MS = 3000;

/** Nth orders that go wrong, by how. */
const WRONG = {lost: 20, doubled: 27, hangs: 50, fails: 65} as const;

// All runs at once: nearly all of their time is waiting.
describe('acknowledged writes beside what is stored, from the command line', function () {
  this.timeout(120_000);
  const folder = suiteFolder();
  const books = new Map<string, Books>();
  let server: TestServer;
  let runs: Readonly<Record<'sending' | 'sound' | 'leaky' | 'allowed' | 'lagging' | 'other' | 'closing', Run>>;
  let unlisted: Ended & {readonly folder: string};
  let started = 0;

  const booksOf = (shop: string): Books => {
    const known = books.get(shop);
    if (known !== undefined) return known;
    const fresh = {
      stored: [],
      lost: new Set<string>(),
      doubled: new Set<string>(),
      silent: new Set<string>(),
      acknowledged: new Set<string>(),
    };
    books.set(shop, fresh);
    return fresh;
  };

  async function startShops(): Promise<TestServer> {
    const taken = new Map<string, number>();
    return startHttpServer((request, response) => {
      const [, action = '', shop = ''] = (request.url ?? '').split('/');
      const book = booksOf(shop);
      if (action === 'list') {
        // The closing shop shows nobody its books any more once it has taken orders.
        response.statusCode = shop === 'closing' && book.stored.length > 0 ? 503 : 200;
        return void response.end(['here before', ...book.stored].join('\n'));
      }
      const nth = (taken.get(shop) ?? 0) + 1;
      taken.set(shop, nth);
      // Where the sender has a name for it, the order has that.
      const id = request.headers['x-order']?.toString() ?? `${shop} ${nth}`;
      const store = () => book.stored.push(id);
      const acknowledge = () => {
        book.acknowledged.add(id);
        response.setHeader('x-order', shop === 'other' ? `no. ${nth}` : ` ${id} `);
        response.end();
      };
      const goesWrong = (how: keyof typeof WRONG) =>
        ['leaky', 'allowed', 'sending'].includes(shop) && nth % WRONG[how] === 0;
      if (goesWrong('hangs')) {
        book.silent.add(id);
        store();
        return;
      }
      if (goesWrong('fails')) {
        book.silent.add(id);
        store();
        response.statusCode = 500;
        return void response.end();
      }
      if (goesWrong('lost')) {
        book.lost.add(id);
        acknowledge();
        return;
      }
      if (goesWrong('doubled')) {
        book.doubled.add(id);
        store();
      }
      // The lagging shop shows its orders some time after it has acknowledged them.
      if (shop === 'lagging') setTimeout(store, LATE_MS);
      else store();
      acknowledge();
    });
  }

  async function runFile(
    shop: string,
    check: string,
    list?: readonly string[],
  ): Promise<Ended & {readonly folder: string}> {
    const path = join(folder.path, `${shop}.yaml`);
    const runsDir = join(folder.path, shop);
    const get = `fetch('${server.url}list/${shop}')`;
    const print = `${get}.then(answer => (answer.ok ? answer.text() : process.exit(9))).then(text => console.log(text))`;
    const named =
      shop === 'sending' ? 'headers: { X-Order: "no ${seq:7}" }, id: "no ${seq:7}"' : 'id: { header: X-Order }';
    writeFileSync(
      path,
      `version: 1
title: ${shop}
targets: { idle: { process: { start: [sleep, "${710 + started++}"] } } }
load:
  orders:
    http: { method: POST, url: "${server.url}order/${shop}", ${named} }
    rate: 40/s
    timeout: 8s
steadyState: { one: { command: { run: [echo, "1"] }, tolerance: { equals: 1 } } }
windows: { warmup: 500ms, baseline: 4s, recovery: 10s }
faults: [ { name: freeze, pause: {}, targets: [idle], for: 4s } ]
expect:
  writes:
    - name: every order is there
      load: orders
      stored: { command: { run: ${JSON.stringify(list ?? [process.execPath, '-e', print])} } }
      ${check}
`,
    );
    const environment = {FIREDRILL_STATE: join(folder.path, 'state')};
    const ended = await startFiredrill(['run', path, '--runs-dir', runsDir, '--yes'], environment).ended;
    const [only = ''] = readdirSync(runsDir);
    return {...ended, folder: join(runsDir, only)};
  }

  async function run(shop: string, check = ''): Promise<Run> {
    const {folder: runFolder, ...ended} = await runFile(shop, check);
    const result = JSON.parse(readFileSync(join(runFolder, 'result.json'), 'utf8')) as Result;
    const [writes] = result.writes ?? [];
    if (writes === undefined) throw new Error(`nothing was compared: ${ended.stdout}${ended.stderr}`);
    return {...ended, result, writes};
  }

  before(async () => {
    ensureBuilt();
    server = await startShops();
    const unlistable = runFile('unlisted', '', ['no-such-program']);
    const [sending, sound, leaky, allowed, lagging, other, closing] = await Promise.all([
      run('sending', 'unacknowledged: { atMost: 3 }'),
      run('sound', 'doubled: { equals: 0 }'),
      run('leaky', 'doubled: { atMost: 1 }'),
      run('allowed', 'lost: { atMost: 1000 }, unacknowledged: { atMost: 1000 }'.replaceAll(', ', '\n      ')),
      run('lagging'),
      run('other'),
      run('closing'),
    ]);
    runs = {sending, sound, leaky, allowed, lagging, other, closing};
    unlisted = await unlistable;
  });

  after(() => server.close());

  const said = ({stdout}: Ended) => stdout.replace(/\s+/g, ' ');
  const shares = ({phases = {}}: {phases?: Readonly<Record<string, number>>}) => Object.values(phases);

  it('finds every order of a sound shop, to the last one', () => {
    const {code, stdout, writes, result} = runs.sound;
    expect(code, stdout).to.equal(0);
    expect(writes).to.deep.include({acknowledged: booksOf('sound').acknowledged.size, verdict: 'held', uncertain: []});
    expect(writes.lost).to.include({atLeast: 0, atMost: 0, verdict: 'held', expected: 'exactly 0'});
    expect(result.lessons.well).to.include(
      `Every order is there: 0 of ${booksOf('sound').acknowledged.size.toLocaleString('en')} acknowledged writes are lost, 0 are stored more than once.`,
    );
  });

  it('counts what is lost, and what is stored twice, exactly, and names it with its time', () => {
    const {code, stdout, writes, result} = runs.leaky;
    const {acknowledged, lost, doubled, silent} = booksOf('leaky');
    expect(code, stdout).to.equal(7);
    expect(writes).to.include({acknowledged: acknowledged.size, notAcknowledged: silent.size, others: silent.size});
    expect(writes.lost).to.include({atLeast: lost.size, atMost: lost.size, verdict: 'deviated'});
    expect(writes.doubled).to.include({atLeast: doubled.size, atMost: doubled.size, verdict: 'deviated'});
    // The ids of those that got no answer are not known: other new entries may be theirs.
    expect(writes.unacknowledged).to.include({atLeast: 0, atMost: silent.size, verdict: null});
    for (const [examples = [], of] of [
      [writes.lost?.examples, lost],
      [writes.doubled?.examples, doubled],
    ] as const) {
      expect(examples).to.have.lengthOf(10);
      expect([...of]).to.include.members(examples.map(({id}) => id));
    }
    expect(shares(writes.lost ?? {}).reduce((sum, one) => sum + one, 0)).to.equal(lost.size);
    const [first] = result.findings;
    expect(first).to.include({code: 'lost-writes', severity: 'SEV1'});
    expect(first?.title).to.equal(
      `${lost.size} of ${acknowledged.size.toLocaleString('en')} acknowledged writes of orders are lost`,
    );
    expect(result.headline).to.include(`DEVIATED: ${lost.size} of`);
    expect(said(runs.leaky)).to.include('Lost: leaky 20 (sent ');
  });

  it('knows ids that it sends also where no answer came, so all three counts are exact', () => {
    const {code, stdout, writes} = runs.sending;
    const {acknowledged, lost, doubled, silent} = booksOf('sending');
    expect(code, stdout).to.equal(7);
    expect(writes).to.deep.include({
      acknowledged: acknowledged.size,
      notAcknowledged: silent.size,
      others: 0,
      uncertain: [],
    });
    expect(writes.lost).to.include({atLeast: lost.size, atMost: lost.size});
    expect(writes.doubled).to.include({atLeast: doubled.size, atMost: doubled.size});
    expect(writes.unacknowledged).to.include({atLeast: silent.size, atMost: silent.size, verdict: 'deviated'});
    expect([...silent]).to.include.members(writes.unacknowledged?.examples.map(({id}) => id) ?? []);
    expect([...lost].join()).to.match(/^no \d+,/);
  });

  it('holds where the file allows so many, and still tells how many there are', () => {
    const {code, stdout, writes} = runs.allowed;
    expect(code, stdout).to.equal(0);
    const {lost} = booksOf('allowed');
    expect(writes.lost).to.include({atLeast: lost.size, atMost: lost.size, verdict: 'held'});
    expect(writes.unacknowledged).to.include({verdict: 'held'});
  });

  it('takes nothing for lost that is only shown late, and says so', () => {
    const {code, stdout, writes} = runs.lagging;
    expect(code, stdout).to.equal(0);
    expect(writes.lost).to.include({atLeast: 0, atMost: 0, verdict: 'held'});
    expect(writes.late).to.be.above(0);
    expect(writes.lists).to.be.above(1);
    expect(said(runs.lagging)).to.include('missing in the first list and there in a later one');
  });

  it('does not call lost what is written in another way in the list', () => {
    const {code, stdout, writes} = runs.other;
    expect(code, stdout).to.equal(5);
    expect(writes.lost).to.include({atLeast: 0, verdict: 'inconclusive'});
    expect(writes.why).to.include('they may be written in another way');
  });

  it('says what it could not list afterwards, and breaks nothing where it cannot list before', () => {
    expect(runs.closing.code, runs.closing.stdout).to.equal(5);
    expect(runs.closing.writes).to.include({acknowledged: null, verdict: 'inconclusive'});
    expect(runs.closing.writes.why).to.equal('what is stored could not be listed: the command exited with code 9');
    expect(unlisted.code, unlisted.stdout).to.equal(3);
    const events = readFileSync(join(unlisted.folder, 'events.ndjson'), 'utf8');
    expect(events).not.to.include('"change.requested","occurrence":"freeze"');
    expect(said(unlisted)).to.include('What is stored could not be listed before the load ("every order is there")');
  });
});
