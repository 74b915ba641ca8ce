import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import type {IncomingMessage} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {expect} from 'chai';
import {countOf} from '../../src/quantities/histogram.js';
import {readExperiment} from '../../src/commands/read-experiment.js';
import type {LoadSecond} from '../../src/signals/contract.js';
import {exampleRequests} from '../../src/signals/load/example.js';
import type {LoadSpec} from '../../src/signals/load/spec.js';
import {startLoadThread} from '../../src/signals/load/thread.js';
import {systemClock} from '../../src/system/clock.js';
import {startHttpServer, type TestServer} from '../support/http-server.js';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('a load that is like users', () => {
  let folder: string;
  let server: TestServer;
  const seen: Seen[] = [];
  /** What `/orders` answers as the id of an order. */
  let idOf: (body: string) => unknown;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-users-'));
    seen.length = 0;
    idOf = body => `o-${(JSON.parse(body) as {n: number}).n}`;
    server = await startHttpServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        seen.push({method: request.method!, path: request.url!, headers: request.headers, body});
        response.setHeader('content-type', 'application/json');
        response.setHeader('x-token', 't.1~+/=');
        response.end(request.url === '/orders' ? JSON.stringify({order: {id: idOf(body)}}) : '{}');
      });
    });
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, {recursive: true, force: true});
  });

  async function read(load: string): Promise<LoadSpec> {
    const file = join(folder, 'users.yaml');
    const lines = [
      'version: 1',
      'title: Users differ',
      'targets: { inventory: { docker: shop-inventory-1 } }',
      'faults: [{ name: freeze, pause: {}, targets: [inventory], for: 20s }]',
      'steadyState: { errors: { load: { of: shop, measure: errors.ratio }, tolerance: { below: 1% } } }',
      'load:',
      '  shop:',
      load.replaceAll('URL', server.url.slice(0, -1)).replaceAll(/^/gm, '    '),
    ];
    writeFileSync(file, lines.join('\n'));
    const {parsed} = await readExperiment(file, {variables: {}, environment: {}, includeFrom: undefined});
    expect(parsed.problems).to.deep.equal([]);
    return parsed.experiment!.load['shop']!;
  }

  /** Sends until the server has seen so many requests at least. */
  async function send(spec: LoadSpec, count: number): Promise<Record<string, number>> {
    const seconds: LoadSecond[] = [];
    const load = await startLoadThread({
      spec,
      reveal: text => text,
      clock: systemClock(),
      onSecond: second => seconds.push(second),
      onFailure: error => expect.fail(error.message),
    });
    for (let turn = 0; turn < 1000 && seen.length < count; turn++) await delay(10);
    await load.stop();
    const counts: Record<string, number> = {};
    for (const [name, part] of seconds.flatMap(({outcomes}) => Object.entries(outcomes)))
      counts[name] = (counts[name] ?? 0) + countOf(part);
    return counts;
  }

  it('numbers its users, draws for each request and gives each user a row, as the server sees it', async () => {
    writeFileSync(join(folder, 'customers.csv'), 'name,note\n"A & B/C?","say ""hi"""\nÉmile,"two\nlines"\n');
    const spec = await read(`rate: 100/s
csv: customers.csv
http:
  url: URL/users/\${seq:1000}/\${csv:name}?n=\${pick:1..5}&sku=\${pick:A1|B2}
  headers: { x-user: "u-\${seq}" }
  json: { note: "<\${csv:note}>", n: \${pick:6..9}, text: "\${pick:6..9}" }`);
    await send(spec, 40);
    const bySeq = [...seen].sort((a, b) => a.path.localeCompare(b.path, 'en', {numeric: true}));
    bySeq.forEach(({path, headers, body}, at) => {
      const url = new URL(path, 'http://h');
      const [, users, number, name] = url.pathname.split('/');
      expect([users, number, decodeURIComponent(name!)]).to.deep.equal([
        'users',
        String(1000 + at),
        ['A & B/C?', 'Émile'][at % 2],
      ]);
      expect(Number(url.searchParams.get('n'))).to.be.within(1, 5);
      expect(url.searchParams.get('sku')).to.be.oneOf(['A1', 'B2']);
      expect(headers['x-user']).to.equal(`u-${at + 1}`);
      const sent = JSON.parse(body) as {note: string; n: number; text: string};
      expect(sent.note).to.equal(['<say "hi">', '<two\nlines>'][at % 2]);
      expect(sent.n).to.be.a('number').within(6, 9);
      expect(sent.text)
        .to.be.a('string')
        .that.matches(/^[6-9]$/);
    });
    expect(new Set(seen.map(({path}) => new URL(path, 'http://h').searchParams.get('n'))).size).to.equal(5);
  });

  const CARRYING = `rate: 50/s
scenarios:
  order:
    cookies: true
    steps:
      - request: create
        http:
          url: URL/orders
          json: { n: \${seq} }
          carry: { id: { json: $.order.id }, token: { header: X-Token } }
      - request: read
        http: { url: "URL/orders/\${carry:id}?by=\${seq}", headers: { authorization: "Bearer \${carry:token}" } }`;

  it('carries values of an answer to the later requests of the same user', async () => {
    const counts = await send(await read(CARRYING), 40);
    const reads = seen.filter(({method}) => method === 'GET');
    expect(reads).not.to.have.length(0);
    for (const {path, headers} of reads) {
      expect(path).to.match(/^\/orders\/o-(\d+)\?by=\1$/);
      expect(headers['authorization']).to.equal('Bearer t.1~+/=');
    }
    expect(counts).to.deep.equal({ok: seen.length});
  });

  it('ends the scenario where a value is not there, or would be another way', async () => {
    idOf = body => [undefined, '', '..', 'a/../b'][(JSON.parse(body) as {n: number}).n % 4];
    const counts = await send(await read(CARRYING), 40);
    const reads = seen.filter(({method}) => method === 'GET');
    const created = seen.length - reads.length;
    for (const {path} of reads) expect(path).to.match(/^\/orders\/a%2F\.\.%2Fb\?by=\d+$/);
    expect(Object.keys(counts).sort()).to.deep.equal(['check-id', 'ok']);
    expect(counts['check-id']).to.equal(created - Math.floor((created + 1) / 4));
  });

  it('shows in the plan what the first user might send, without what may be a secret', async () => {
    writeFileSync(join(folder, 'customers.csv'), 'name,password\nA B,hunter2\n');
    const spec = await read(`rate: 1/s
csv: { file: customers.csv, order: random }
http: { url: "URL/\${seq}/\${csv:name}", json: { p: "\${csv:password}", n: \${pick:3..3} } }`);
    expect(await exampleRequests([spec])).to.deep.equal([
      {load: 'shop', request: `POST ${server.url}1/A%20B {"p":"\${csv:password}","n":3}`},
    ]);
  });

  it('sends what docs/load.md shows', async () => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'load.md'), 'utf8');
    const [, example = ''] = /## Users who differ[\s\S]*?```yaml\n([\s\S]*?)```/.exec(text) ?? [];
    writeFileSync(join(folder, 'customers.csv'), 'email\na+b@example.org\nc&d@example.org\n');
    server.handle((request, response) => {
      seen.push({method: request.method!, path: request.url!, headers: request.headers, body: ''});
      response.setHeader('x-token', 'secret');
      response.end('{"order":{"id":"7/8"},"text":"csrf=abc;"}');
    });
    const file = join(folder, 'docs.yaml');
    writeFileSync(file, example.replaceAll('http://127.0.0.1:8080/', server.url));
    const {parsed} = await readExperiment(file, {variables: {}, environment: {}, includeFrom: undefined});
    expect(parsed.problems).to.deep.equal([]);
    const counts = await send(parsed.experiment!.load['customers']!, 20);
    expect(counts).to.deep.equal({ok: seen.length});
    const customers = new Set(seen.filter(({method}) => method === 'POST').map(({path}) => path));
    expect([...customers]).to.have.members([
      '/orders?customer=a%2Bb%40example.org',
      '/orders?customer=c%26d%40example.org',
    ]);
    const [read] = seen.filter(({method}) => method === 'GET');
    expect(read).to.deep.include({path: '/orders/7%2F8'});
    expect(read!.headers).to.deep.include({authorization: 'Bearer secret', 'x-csrf': 'abc'});
  });

  it('is refused where its CSV is no longer what it was', async () => {
    writeFileSync(join(folder, 'customers.csv'), 'name\nA\n');
    const spec = await read('rate: 10/s\ncsv: customers.csv\nhttp: "URL/${csv:name}"');
    writeFileSync(join(folder, 'customers.csv'), 'name\n..\n');
    const error = await send(spec, 1).catch((thrown: unknown) => thrown);
    expect(error).to.include({
      code: 'PLAN_CHANGED',
      message: 'Expected `customers.csv` as it was when the experiment was read.',
    });
    expect(seen).to.deep.equal([]);
  });
});
