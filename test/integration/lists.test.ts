import {expect} from 'chai';
import {listParameters as commandParameters} from '../../src/signals/probes/command/parameters.js';
import {listParameters as redisParameters} from '../../src/signals/probes/redis/parameters.js';
import {listParameters as sqlParameters} from '../../src/signals/probes/sql/parameters.js';
import type {JsonObject} from '../../src/quantities/json.js';
import {loadList} from '../../src/signals/writes/list.js';
import type {ListKind} from '../../src/signals/writes/spec.js';
import {startMariadb, startPostgres, type TestDatabase} from '../support/databases.js';
import {watchHandles} from '../support/http-server.js';
import {describeWith} from '../support/needs.js';
import {probeContext} from '../support/probe-reading.js';
import {startRedis, type TestRedis} from '../support/redis.js';

const SCHEMAS = {command: commandParameters, redis: redisParameters, sql: sqlParameters};

/** The entries, or the reason why there are none. */
async function list(kind: ListKind, written: object): Promise<readonly string[] | string> {
  const parameters = SCHEMAS[kind]().parse(written) as JsonObject;
  const entries = await loadList(kind);
  const listing = await entries(parameters, probeContext(), AbortSignal.timeout(30_000));
  return 'entries' in listing ? listing.entries : listing.why;
}

const numbers = (count: number) => Array.from({length: count}, (_, n) => String(n + 1));

describe('a list of what a command prints', () => {
  it('has each line that is not empty, more of them than a number may be long', async () => {
    expect(await list('command', {run: ['printf', 'a\\n\\n  b c \\n \\nd']})).to.deep.equal(['a', '  b c ', 'd']);
    expect(await list('command', {run: ['seq', '300000']})).to.deep.equal(numbers(300_000));
    expect(await list('command', {run: ['true']})).to.deep.equal([]);
  });

  it('says why there is none', async () => {
    expect(await list('command', {run: 'echo x; echo no such table >&2; exit 3', shell: true})).to.equal(
      'the command exited with code 3: no such table',
    );
    expect(await list('command', {run: ['seq', '2000001']})).to.equal(
      'it lists more than 2,000,000 entries, which is the most that are read',
    );
    expect(await list('command', {run: ['yes', 'x'.repeat(1000)]})).to.equal('the command printed more than 128MiB');
  });
});

for (const [part, start, scheme] of [
  ['postgres', startPostgres, 'postgres'],
  ['mariadb', startMariadb, 'mysql'],
] as const)
  describeWith(part, `a list of what a statement answers on ${part}`, () => {
    let database: TestDatabase;
    let leftOpen: () => Promise<readonly string[]>;
    before(async () => {
      database = await start();
      database.run('create table orders (id bigint, note varchar(20))');
      database.run("insert into orders values (9007199254740993, 'a'), (2, 'b'), (2, 'c'), (null, 'd')");
    });
    after(() => database.close());
    beforeEach(() => {
      leftOpen = watchHandles();
    });
    afterEach(async () => {
      expect(await leftOpen()).to.deep.equal([]);
    });
    const read = (query: string) =>
      list('sql', {url: `${scheme}://reader:s3cret%2Fpw@127.0.0.1:${database.port}/shop`, query});

    it('has the first column of every row, to the last digit, and leaves out NULL', async () => {
      expect(await read('select id, note from orders order by note')).to.deep.equal(['9007199254740993', '2', '2']);
      expect(await read('select id from orders where id = 0')).to.deep.equal([]);
    });

    it('takes many rows, and gives up beyond the most', async () => {
      const upTo = (most: number) =>
        `with recursive n as (select 1 as id union all select id + 1 from n where id < 150) select (a.id * 150 + b.id) * 150 + c.id from n a cross join n b cross join n c limit ${most}`;
      expect(await read(upTo(100_000))).to.have.lengthOf(100_000);
      expect(await read(upTo(2_100_000))).to.equal(
        'it lists more than 2,000,000 entries, which is the most that are read',
      );
    }).timeout(60_000);

    it('changes nothing, and says what is wrong with a statement', async () => {
      expect(await read('select id from no_such_table')).to.match(/^the database \(\w+\): .*no_such_table/);
      expect(await read('delete from orders')).to.match(/READ.ONLY/i);
    });
  });

describeWith('redis', 'a list of what Redis holds', () => {
  let server: TestRedis;
  let leftOpen: () => Promise<readonly string[]>;
  before(async () => {
    server = await startRedis();
    server.run('rpush', 'list', 'a', 'b', 'b');
    server.run('sadd', 'set', ...numbers(3000));
    server.run('zadd', 'sorted', ...numbers(3000).flatMap(n => [n, `m${n}`]));
    server.run('hset', 'hash', ...numbers(3000).flatMap(n => [n, 'value']));
    for (const n of numbers(5)) server.run('xadd', 'stream', `${n}-1`, 'id', `order ${n}`, 'more', 'id');
    server.run('xadd', 'stream', '9-1', 'other', 'x');
    server.run('mset', ...numbers(3000).flatMap(n => [`order:${n}:v1`, 'x']));
    server.run('set', 'text', 'abc');
  });
  after(() => server.close());
  beforeEach(() => {
    leftOpen = watchHandles();
  });
  afterEach(async () => {
    expect(await leftOpen()).to.deep.equal([]);
  });
  const read = (written: object) => list('redis', {url: `redis://127.0.0.1:${server.port}`, ...written});

  it('has the elements of a key of any kind, each as often as it is there', async () => {
    expect(await read({entries: 'list'})).to.deep.equal(['a', 'b', 'b']);
    expect(await read({entries: 'set'})).to.have.members(numbers(3000));
    expect(await read({entries: 'sorted'})).to.have.members(numbers(3000).map(n => `m${n}`));
    expect(await read({entries: 'hash'})).to.have.members(numbers(3000));
    expect(await read({entries: 'stream'})).to.deep.equal(['1-1', '2-1', '3-1', '4-1', '5-1', '9-1']);
    expect(await read({entries: 'stream', field: 'id'})).to.deep.equal(numbers(5).map(n => `order ${n}`));
    expect(await read({entries: 'absent'})).to.deep.equal([]);
  });

  it('has what stands in the place of the star in keys', async () => {
    expect(await read({keys: 'order:*:v1'})).to.have.members(numbers(3000));
  });

  it('says why there is none', async () => {
    expect(await read({entries: 'text'})).to.equal('the key holds a string: it has no elements to list');
    expect(await read({entries: 'list', field: 'id'})).to.equal('the key holds a list: `field` is only of a stream');
    expect(await read({entries: 'list', ask: 'replica'})).to.equal('it answers as primary');
  });
});
