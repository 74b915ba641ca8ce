import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'chai';
import fc from 'fast-check';
import {seededRandom} from '../../../src/quantities/random.js';
import type {WireAnswer} from '../../../src/signals/http/exchange.js';
import {answerRule} from '../../../src/signals/load/answer.js';
import {readCsv} from '../../../src/signals/load/csv.js';
import {Users} from '../../../src/signals/load/user.js';
import {variedRequest} from '../../../src/signals/load/varied.js';
import type {CarriedValue, HttpRequestSpec} from '../../../src/signals/load/spec.js';
import {loadUser} from '../../support/load-user.js';

const HOSTILE = [
  '"',
  "'",
  '\n',
  '\r\nx-evil: 1',
  '\\',
  '${seq}',
  '${secret:env:KEY}',
  '/',
  '../..',
  '?a=b&c=d',
  '#',
  '%2e%2e',
  '@evil.test',
  'é',
  '\ud800',
  '𝄞',
  '<&>',
  '\0',
];
const text = fc.oneof(
  fc.string({unit: 'binary'}),
  fc.constantFrom(...HOSTILE),
  fc.array(fc.constantFrom(...HOSTILE)).map(all => all.join('')),
);

function requestWith(http: Partial<HttpRequestSpec>, secrets: Record<string, string> = {}) {
  const spec = {method: 'POST', url: 'http://127.0.0.1:8080/', headers: {}, success: [], ...http};
  const prepared = {
    url: new URL(spec.url),
    method: spec.method,
    headers: spec.headers,
    body: undefined,
    http2: false,
    check: {rejectUnauthorized: true},
    keptBytes: 0,
    mostBytes: Infinity,
  };
  const reveal = (given: string) =>
    given.replaceAll(/\$\{secret:env:(\w+)\}/g, (_, name: string) => secrets[name] ?? '');
  const values = {draw: seededRandom(1), columns: ['a', 'b']};
  return variedRequest(spec, prepared, {reveal, values});
}

describe('values in the requests of a load', () => {
  it('cost nothing where there are none', () => {
    expect(requestWith({url: 'http://h/${other}', headers: {a: '${secret:env:KEY}'}, body: '{}'})).to.equal(undefined);
  });

  it('stay one part of a path or one value of a query, whatever is in them', () => {
    const request = requestWith({url: 'http://127.0.0.1:8080/a/${carry:v}/b?x=${carry:v}&y=1'})!;
    fc.assert(
      fc.property(text, value => {
        fc.pre(value !== '' && value !== '.' && value !== '..');
        const {url} = request(loadUser({carried: new Map([['v', value]])}));
        expect(url.origin).to.equal('http://127.0.0.1:8080');
        const [, first, middle, last, ...more] = url.pathname.split('/');
        const known = value.replace(/\p{Surrogate}/gu, '\ufffd');
        expect([first, decodeURIComponent(middle!), last, more]).to.deep.equal(['a', known, 'b', []]);
        expect([...url.searchParams]).to.deep.equal([
          ['x', known],
          ['y', '1'],
        ]);
        expect(url.hash).to.equal('');
      }),
    );
  });

  it('stay the text that they are in a body of JSON', () => {
    const request = requestWith({
      headers: {'content-type': 'application/json; charset=utf-8'},
      body: '{"a \\" {":"<${carry:v}>","b":${carry:v},"c":[${seq:7}]}',
    })!;
    fc.assert(
      fc.property(text, value => {
        const {body} = request(loadUser({number: 3, carried: new Map([['v', value]])}));
        const read = JSON.parse(body!.toString()) as Record<string, unknown>;
        // A lone surrogate is no character: JSON tells it by its number.
        expect(read).to.deep.include({'a " {': `<${value}>`, c: [9]});
        expect(typeof read['b'] === 'string' ? read['b'] : value).to.equal(value);
      }),
    );
  });

  it('are numbers in JSON where they have no quotes and are written as JSON writes them', () => {
    const request = requestWith({headers: {'content-type': 'application/vnd.x+json'}, body: '[${csv:a},"${csv:a}"]'})!;
    const sent = (value: string) => request(loadUser({row: [value, '']})).body!.toString();
    expect(['1', '-1.5e3', 'true', 'null', '007', '1,2', '', '{}'].map(sent)).to.deep.equal([
      '[1,"1"]',
      '[-1.5e3,"-1.5e3"]',
      '[true,"true"]',
      '[null,"null"]',
      '["007","007"]',
      '["1,2","1,2"]',
      '["",""]',
      '["{}","{}"]',
    ]);
  });

  it('are escaped as forms and XML want it, and go into other texts as they are', () => {
    const sent = (type: string) =>
      requestWith({headers: {'Content-Type': type}, body: 'a=${csv:a}'})!(
        loadUser({row: ['<b c="d">&e=f', '']}),
      ).body!.toString();
    expect(sent('application/x-www-form-urlencoded')).to.equal('a=%3Cb%20c%3D%22d%22%3E%26e%3Df');
    expect(sent('text/xml; charset=utf-8')).to.equal('a=&lt;b c=&quot;d&quot;&gt;&amp;e=f');
    expect(sent('text/plain')).to.equal('a=<b c="d">&e=f');
  });

  it('never make a secret of what an answer says, and leave the secrets of the file beside them', () => {
    const request = requestWith(
      {
        url: 'http://h/${secret:env:KEY}/${carry:v}',
        headers: {x: '${secret:env:KEY} ${carry:v}'},
        body: '${secret:env:KEY} ${carry:v}',
      },
      {KEY: 'a/b'},
    )!;
    const {url, headers, body} = request(loadUser({carried: new Map([['v', '${secret:env:KEY}']])}));
    expect(url.pathname).to.equal('/a%2Fb/%24%7Bsecret%3Aenv%3AKEY%7D');
    expect([headers['x'], body!.toString()]).to.deep.equal(Array(2).fill('a/b ${secret:env:KEY}'));
  });

  it('are drawn evenly from lists and ranges, the same for the same seed', () => {
    const draws = () => {
      const request = requestWith({url: 'http://h/${pick:-2..2}?a=${pick:x|y|z}'})!;
      return Array.from({length: 3000}, () => request(loadUser()).url);
    };
    const urls = draws();
    expect(urls.map(String)).to.deep.equal(draws().map(String));
    const count = (of: (url: URL) => string | null) => {
      const all = urls.map(url => of(url));
      return [...new Set(all)].map(one => all.filter(other => other === one).length);
    };
    const paths = count(url => url.pathname);
    expect(paths).to.have.length(5);
    for (const one of paths) expect(one).to.be.within(500, 700);
    for (const one of count(url => url.searchParams.get('a'))) expect(one).to.be.within(880, 1120);
  });

  it('cannot decide where a request goes, even behind a secret', () => {
    expect(() => requestWith({url: 'http://h${seq}/'})).to.throw('Expected placeholders only in path and query');
  });
});

describe('users of a load', () => {
  const rows = [['a'], ['b'], ['c']];

  it('are numbered from 1 and take the rows in order, and again from the first', () => {
    const users = new Users(rows, undefined);
    const come = Array.from({length: 5}, () => users.next(undefined));
    expect(come.map(({number, row}) => [number, ...row])).to.deep.equal([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
      [4, 'a'],
      [5, 'b'],
    ]);
  });

  it('take rows that are drawn', () => {
    const users = new Users(rows, seededRandom(5));
    const drawn = Array.from({length: 300}, () => users.next(undefined).row[0]);
    for (const name of ['a', 'b', 'c']) expect(drawn.filter(one => one === name).length).to.be.within(60, 140);
  });
});

describe('what is carried from an answer', () => {
  const answer = (body: string, fields: Record<string, string[]> = {}): WireAnswer => ({
    status: 200,
    size: body.length,
    content: Buffer.from(body),
    fields: name => fields[name] ?? [],
  });
  const carry = (what: Omit<CarriedValue, 'name'>, reply: WireAnswer, use: 'url' | 'header' | 'text' = 'text') => {
    const user = loadUser();
    const rule = answerRule({success: [[200, 299]], carry: [{name: 'v', ...what}]}, new Map([['v', new Set([use])]]));
    return [rule.outcomeOf(reply, user), user.carried.get('v')];
  };

  it('is a value of JSON, of a header, of a pattern', () => {
    const reply = answer('{"id":17,"user":{"name":"A \\"B\\""},"ok":true,"list":[1]}', {location: ['/orders/17']});
    expect(carry({json: '$.id'}, reply)).to.deep.equal(['ok', '17']);
    expect(carry({json: '$.user.name'}, reply)).to.deep.equal(['ok', 'A "B"']);
    expect(carry({json: '$.list'}, reply)).to.deep.equal(['ok', '[1]']);
    expect(carry({header: 'location'}, reply)).to.deep.equal(['ok', '/orders/17']);
    expect(carry({header: 'location', matches: '/orders/(\\d+)'}, reply)).to.deep.equal(['ok', '17']);
    expect(carry({matches: '"ok":(\\w+)'}, reply)).to.deep.equal(['ok', 'true']);
  });

  it('is missed when it is not there, empty, too long, or would not stay where it is needed', () => {
    const missed = ['check-v', undefined];
    expect(carry({json: '$.id'}, answer('{"id":null}'))).to.deep.equal(missed);
    expect(carry({json: '$.id'}, answer('<html>'))).to.deep.equal(missed);
    expect(carry({json: '$.id'}, answer('{"id":""}'))).to.deep.equal(missed);
    expect(carry({header: 'x'}, answer(''))).to.deep.equal(missed);
    expect(carry({matches: 'a(b)'}, answer('ac'))).to.deep.equal(missed);
    expect(carry({matches: 'a(b)?'}, answer('ac'))).to.deep.equal(missed);
    expect(carry({json: '$.id'}, answer(JSON.stringify({id: 'x'.repeat(20_000)})))).to.deep.equal(missed);
    expect(carry({json: '$.id'}, answer('{"id":".."}'), 'url')).to.deep.equal(missed);
    expect(carry({json: '$.id'}, answer('{"id":"a\\r\\nx: 1"}'), 'header')).to.deep.equal(missed);
    expect(carry({json: '$.id'}, answer('{"id":"a\\nb"}'), 'text')).to.deep.equal(['ok', 'a\nb']);
  });
});

describe('a CSV file', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'firedrill-csv-'))));
  afterEach(() => rmSync(folder, {recursive: true, force: true}));

  async function reading(content: string | Buffer) {
    const path = join(folder, 'users.csv');
    writeFileSync(path, content);
    return readCsv(path);
  }

  it('is read with quotes, line breaks in values, a mark of UTF-8 and either end of line', async () => {
    expect(await reading('\ufeffid,name\r\n1,"A ""B"", C"\r\n2,"two\nlines"\r\n\r\n')).to.deep.include({
      columns: ['id', 'name'],
      rows: [
        ['1', 'A "B", C'],
        ['2', 'two\nlines'],
      ],
    });
  });

  it('is told apart by what is in it', async () => {
    const digest = async (content: string) => {
      const read = await reading(content);
      return 'why' in read ? undefined : read.sha256;
    };
    expect(await digest('a\n1\n')).to.match(/^[0-9a-f]{64}$/);
    expect(await digest('a\n1\n')).not.to.equal(await digest('a\n2\n'));
  });

  it('is refused with the reason, and without a word of what is in it', async () => {
    const why = async (content: string | Buffer) => ((await reading(content)) as {why?: string}).why;
    expect(await why('')).to.equal('it is empty');
    expect(await why('a,b\n')).to.equal('it has no row below the names of the columns');
    expect(await why('a,a\n1,2\n')).to.equal('it has two columns named `a`');
    expect(await why('a,b\n1,2\npassword\n')).to.equal('line 3 has another number of values than the first line');
    expect(await why('a,b\n1,pass"word\n')).to.equal('line 2 has a quote in the middle of a value');
    expect(await why('a,b\n1,"pass"word\n')).to.equal('line 2 has text after a closing quote');
    expect(await why('a,b\n1,"password\n')).to.equal('line 2 is the last; a quote is not closed');
    expect(await why(Buffer.from([0x61, 0x0a, 0xff, 0x0a]))).to.equal('it is not UTF-8');
    expect(await why(`a\n${'x'.repeat(70_000)}\n`)).to.equal('line 2 has more than 65536 characters');
    expect(await why(`a\n${'1\n'.repeat(100_001)}`)).to.equal('it has more than 100000 rows');
    expect(await why(`a\n${'1'.repeat(11 * 1024 * 1024)}`)).to.match(/^it has \d+ bytes, more than 10485760$/);
    expect(await readCsv(folder)).to.deep.equal({why: 'it is not a file'});
    expect(await readCsv(join(folder, 'none.csv')))
      .to.have.property('why')
      .that.matches(/ENOENT/);
  });
});
