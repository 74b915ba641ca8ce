import {once} from 'node:events';
import {Agent, request as httpRequest, type IncomingHttpHeaders} from 'node:http';
import {createServer as createHttp2, connect as connectHttp2, type Http2Server} from 'node:http2';
import {createServer as createTcp, type AddressInfo, type Socket} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import {expect} from 'chai';
import {openProxyStage, type ProxyStage} from '../support/proxy-stage.js';
import {startHttpUpstream, type HttpUpstream} from '../support/http-upstream.js';
import {until} from '../support/processes.js';
import {watchLateness} from '../support/lateness.js';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | readonly string[];
  readonly agent?: Agent;
}

/** One request; rejects with the socket's error. A list as body is sent in chunks. */
async function ask(port: number, {method = 'GET', path = '/', headers = {}, body, agent}: Ask = {}): Promise<Answer> {
  const sent = httpRequest({host: '127.0.0.1', port, method, path, headers, agent: agent ?? false});
  const answered = once(sent, 'response');
  if (typeof body === 'string') sent.write(body);
  else for (const piece of body ?? []) sent.write(piece);
  sent.end();
  const [response] = (await answered) as [NodeJS.ReadableStream & {statusCode: number; headers: IncomingHttpHeaders}];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks)};
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

describe('proxy: what HTTP toxics do to real requests', () => {
  const late = watchLateness();
  let upstream: HttpUpstream;
  let stage: ProxyStage;

  beforeEach(async () => {
    upstream = await startHttpUpstream();
    stage = await openProxyStage(upstream.server);
  });
  afterEach(async () => {
    await stage.close();
    await upstream.close();
  });

  const counters = async () => (await stage.view()).toxics[0]!.counters;

  /** Everything that comes on a raw connection after this was sent, until it is quiet for a moment. */
  async function raw(client: Socket, ...pieces: readonly string[]): Promise<string> {
    let text = '';
    const take = (chunk: Buffer) => {
      text += chunk.toString('latin1');
    };
    client.on('data', take);
    for (const piece of pieces) {
      client.write(piece, 'latin1');
      await delay(15);
    }
    for (let seen = -1; seen !== text.length;) {
      seen = text.length;
      await delay(40);
    }
    client.off('data', take);
    return text;
  }

  describe('http-latency', () => {
    it('delays requests that fit and no others, also on connections from before', async () => {
      const agent = new Agent({keepAlive: true, maxSockets: 1});
      await ask(stage.port, {agent});
      await stage.add('l', {type: 'http-latency', attributes: {match: {path: '/slow/**'}, delayMs: 500, jitterMs: 0}});
      const timed = async (path: string) => {
        const from = performance.now();
        await ask(stage.port, {agent, path});
        return performance.now() - from;
      };
      const [slow, fast] = [await timed('/slow/a/b?c=d'), await timed('/fast')];
      expect(slow).to.be.within(498, 650 + late());
      expect(fast).to.be.below(498);
      expect(await counters()).to.include({requests: 2, matched: 1, hits: 1, connections: 1});
      agent.destroy();
    });

    it('lets a delayed request go on at once when it is taken away', async () => {
      await stage.add('l', {type: 'http-latency', attributes: {delayMs: 60_000, jitterMs: 0}});
      const answer = ask(stage.port, {method: 'POST', body: 'abc'});
      await until('the request is held', async () => (await counters()).hits === 1);
      expect(upstream.asked).to.deep.equal([]);
      await stage.remove('l');
      expect((await answer).body.toString()).to.equal('hello 3');
    });
  });

  describe('http-status', () => {
    it('answers in place of the service, which is not asked, and keeps the connection', async () => {
      const agent = new Agent({keepAlive: true, maxSockets: 1});
      await stage.add('s', {
        type: 'http-status',
        attributes: {match: {method: ['POST']}, status: 503, body: 'no', headers: {'Retry-After': '1'}},
      });
      const refused = await ask(stage.port, {agent, method: 'POST', path: '/echo', body: ['ab', 'cd']});
      const passed = await ask(stage.port, {agent, path: '/echo'});
      expect([refused.status, refused.body.toString(), refused.headers['retry-after']]).to.deep.equal([503, 'no', '1']);
      expect(passed.status).to.equal(200);
      expect(upstream.asked).to.deep.equal(['GET /echo']);
      expect((await stage.view()).open).to.equal(1);
      agent.destroy();
    });

    it('asks the service first where it is told to, and drops its response', async () => {
      await stage.add('s', {type: 'http-status', attributes: {status: 500, ask: true}});
      expect((await ask(stage.port, {path: '/chunked'})).status).to.equal(500);
      expect(upstream.asked).to.deep.equal(['GET /chunked']);
    });

    it('hits that share of the requests over all connections, the same ones for the same seed', async () => {
      const run = async (seed: number) => {
        await stage.add('s', {type: 'http-status', attributes: {status: 503}, share: 0.3, seed});
        const statuses: number[] = [];
        for (let i = 0; i < 100; i++) statuses.push((await ask(stage.port)).status);
        await stage.remove('s');
        return statuses;
      };
      const [first, again, other] = [await run(7), await run(7), await run(8)];
      expect(first).to.deep.equal(again);
      expect(first).not.to.deep.equal(other);
      expect(first.filter(status => status === 503).length).to.be.within(28, 32);
    });

    it('answers pipelined requests in their order', async () => {
      await stage.add('s', {type: 'http-status', attributes: {match: {path: '/b'}, status: 404}});
      const client = await stage.client();
      const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;
      const text = await raw(client, get('/chunked') + get('/b') + get('/a') + get('/b'));
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
      expect(statuses).to.deep.equal(['200', '404', '200', '404']);
      expect(upstream.asked).to.deep.equal(['GET /chunked', 'GET /a']);
    });

    it('ends the connection behind an answer to someone who waits for `100 Continue`', async () => {
      await stage.add('s', {type: 'http-status', attributes: {status: 403}});
      const client = await stage.client();
      const ended = once(client, 'end');
      // Without a body: who expects a 100 may take the refusal for an answer and never send it.
      const text = await raw(client, 'POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 0\r\n\r\n');
      expect(text).to.match(/^HTTP\/1\.1 403 .*connection: close/s);
      await ended;
    });
  });

  describe('http-abort', () => {
    it('resets the connection and the service is not asked', async () => {
      await stage.add('a', {type: 'http-abort', attributes: {match: {header: {'x-user': 'b*'}}}});
      const error = await ask(stage.port, {headers: {'x-user': 'bob'}}).catch(codeOf);
      expect(error).to.equal('ECONNRESET');
      expect(upstream.asked).to.deep.equal([]);
      expect((await ask(stage.port, {headers: {'x-user': 'alice'}})).status).to.equal(200);
      expect(await counters()).to.include({requests: 2, matched: 1, hits: 1});
    });

    for (const by of ['close', 'reset'] as const) {
      it(`tears a response in its middle by ${by}`, async () => {
        await stage.add('a', {type: 'http-abort', attributes: {at: 'middle', by}});
        const client = await stage.client();
        const ended = new Promise(resolve => {
          client.once('end', () => resolve('close'));
          client.once('error', () => resolve('reset'));
        });
        const text = await raw(client, 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n0123456789');
        expect(text).to.match(/^HTTP\/1\.1 200 .*\r\n\r\n01234$/s);
        expect(await ended).to.equal(by);
        expect(upstream.asked).to.deep.equal(['POST /echo']);
      });
    }
  });

  describe('http-body', () => {
    const change = (attributes: object) => stage.add('b', {type: 'http-body', attributes});

    it('replaces text in plain, chunked and compressed bodies, with lengths that fit', async () => {
      await change({
        replace: [
          {find: 'one', with: 'eleven'},
          {find: {regexp: '"price":(\\d+)'}, with: '"price":-$1'},
        ],
      });
      const agent = new Agent({keepAlive: true, maxSockets: 1});
      const chunked = await ask(stage.port, {agent, path: '/chunked'});
      const json = await ask(stage.port, {agent, path: '/json'});
      const zipped = await ask(stage.port, {agent, path: '/gzip'});
      const {gunzipSync} = await import('node:zlib');
      expect(chunked.body.toString()).to.equal('eleven two');
      expect(JSON.parse(json.body.toString())).to.deep.equal({items: [{sku: 'A1', price: -7}], note: 'grün'});
      expect(json.headers).to.include({'cache-control': 'no-store'}).and.not.to.have.property('etag');
      expect(JSON.parse(gunzipSync(zipped.body).toString())).to.have.nested.property('items[0].price', -7);
      expect((await stage.view()).open).to.equal(1);
      agent.destroy();
    });

    it('sets values by JSON pointer, and counts no hit where the pointer leads nowhere', async () => {
      await change({json: {'/items/0/price': null, '/nowhere/at/all': 1}});
      const {items} = JSON.parse((await ask(stage.port, {path: '/json'})).body.toString()) as {items: unknown[]};
      expect(items).to.deep.equal([{sku: 'A1', price: null}]);
      expect((await ask(stage.port)).body.toString()).to.equal('hello 0');
      expect(await counters()).to.include({requests: 2, matched: 2, hits: 1});
    });

    it('sets and removes headers and leaves the body alone, for HEAD and 204 too', async () => {
      await change({set: {'x-new': 'a'}, remove: ['x-case-kept']});
      const echo = await ask(stage.port, {method: 'POST', path: '/echo', body: 'abc'});
      expect(echo.headers).to.include({'x-new': 'a'}).and.not.to.have.property('x-case-kept');
      expect(echo.body.toString()).to.equal('abc');
      expect((await ask(stage.port, {method: 'HEAD', path: '/json'})).headers['x-new']).to.equal('a');
      expect((await ask(stage.port, {path: '/empty'})).status).to.equal(204);
    });

    it('replaces a whole body, also one that would be too large to hold', async () => {
      await change({body: 'short'});
      expect((await ask(stage.port, {path: '/large'})).body.toString()).to.equal('short');
    });

    it('passes a body that is too large to be changed within as it is', async () => {
      await change({replace: [{find: 'x', with: 'y'}]});
      const {body} = await ask(stage.port, {path: '/large'});
      expect([body.length, body.includes('y')]).to.deep.equal([9 * 1024 * 1024, false]);
      expect(await counters()).to.include({hits: 0});
    });
  });

  describe('what is not hit', () => {
    beforeEach(() => stage.add('s', {type: 'http-status', attributes: {match: {path: '/never'}, status: 500}}));

    it('passes byte for byte: case, order and spaces of headers, chunk sizes, trailers', async () => {
      const answer =
        'HTTP/1.1 200 Fine\r\nX-A:1\r\nx-B :  2\r\nTransfer-Encoding: chunked\r\nTrailer: x-t\r\n\r\n3;e=1\r\nabc\r\n0\r\nx-t: 9\r\n\r\n';
      const question =
        'POST http://x/ HTTP/1.1\r\nHOST: x\r\nX-C:   3 \r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n';
      let seen = '';
      const odd = createTcp(socket => {
        socket.on('error', () => socket.destroy());
        socket.on('data', (chunk: Buffer) => {
          seen += chunk.toString('latin1');
          if (seen.endsWith('0\r\n\r\n')) socket.write(answer);
        });
      });
      odd.listen(0, '127.0.0.1');
      await once(odd, 'listening');
      const other = await openProxyStage((odd.address() as AddressInfo).port);
      await other.add('s', {type: 'http-status', attributes: {match: {path: '/never'}, status: 500}});
      const client = await other.client();
      // Cut in the worst places.
      expect(await raw(client, question.slice(0, 3), question.slice(3, 37), question.slice(37))).to.equal(answer);
      expect(seen).to.equal(question);
      expect(await raw(client, question)).to.equal(answer);
      await other.close();
      odd.close();
    });

    it('lets a WebSocket pass after its handshake', async () => {
      const client = await stage.client();
      const hello = await raw(
        client,
        'GET /ws HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n',
      );
      expect(hello).to.match(/^HTTP\/1\.1 101/);
      expect(await raw(client, 'GET /never HTTP/1.1\r\n\r\n')).to.equal('GET /never HTTP/1.1\r\n\r\n');
      expect(await counters()).to.include({requests: 1, hits: 0, other: 0});
    });

    it('goes on with requests on a connection whose upgrade was not taken up', async () => {
      const client = await stage.client();
      const upgrade = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n';
      upstream.server.removeAllListeners('upgrade');
      expect(await raw(client, upgrade)).to.match(/^HTTP\/1\.1 200/);
      expect(await raw(client, 'GET /never HTTP/1.1\r\nhost: x\r\n\r\n')).to.match(/^HTTP\/1\.1 500/);
    });

    it('counts TLS and other protocols, and passes them', async () => {
      const kinds = ['\x16\x03\x01\x00\x05hello', 'PING\r\n', 'EHLO me\r\n'];
      for (const bytes of kinds) await raw(await stage.client(), bytes);
      expect(await counters()).to.include({requests: 0, tls: 1, other: 2, hits: 0});
    });
  });

  it('lets gRPC’s HTTP/2 without TLS pass untouched and says that it saw it', async () => {
    const server: Http2Server = createHttp2((_request, response) => response.end('over h2c'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const other = await openProxyStage((server.address() as AddressInfo).port);
    await other.add('s', {type: 'http-status', attributes: {status: 500}});
    const session = connectHttp2(`http://127.0.0.1:${other.port}`);
    const stream = session.request({':path': '/never'});
    let text = '';
    for await (const chunk of stream as AsyncIterable<Buffer>) text += chunk.toString();
    const over = once(session, 'close');
    session.close();
    await over;
    expect(text).to.equal('over h2c');
    const [toxic] = (await other.view()).toxics;
    expect(toxic).to.include({exercised: 0});
    expect(toxic!.counters).to.include({http2: 1, requests: 0});
    await other.close();
    server.close();
  });

  it('treats one request by several toxics, the first one outermost', async () => {
    await stage.add('l', {type: 'http-latency', attributes: {delayMs: 100, jitterMs: 0}});
    await stage.add('s', {type: 'http-status', attributes: {match: {path: '/s'}, status: 418}});
    await stage.add('b', {type: 'http-body', attributes: {set: {'x-b': '1'}}});
    const from = performance.now();
    const [answered, passed] = await Promise.all([ask(stage.port, {path: '/s'}), ask(stage.port, {path: '/x'})]);
    expect(performance.now() - from).to.be.above(98);
    expect([answered.status, passed.status, passed.headers['x-b']]).to.deep.equal([418, 200, '1']);
    for (const id of ['s', 'l', 'b']) await stage.remove(id);
    expect((await ask(stage.port, {path: '/s'})).headers).not.to.have.property('x-b');
  });

  it('refuses attributes that it does not know, in words', async () => {
    const answer = await stage.ask('PUT', '/v1/connections/inventory/toxics/x', {
      type: 'http-status',
      attributes: {status: 99, match: {path: {regexp: '('}}, stattus: 1},
      ttlMs: 1000,
    });
    expect(answer.status).to.equal(400);
    expect(JSON.stringify(answer.body)).to.match(/(?=.*attributes\.status)(?=.*attributes\.match\.path)(?=.*stattus)/s);
  });
});
