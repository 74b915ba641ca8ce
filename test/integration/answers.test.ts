import {once} from 'node:events';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {createSecureServer, type ServerHttp2Session} from 'node:http2';
import {connect, type AddressInfo, type Socket} from 'node:net';
import {brotliCompressSync, deflateSync, gzipSync} from 'node:zlib';
import {expect} from 'chai';
import type {HttpRequestSpec} from '../../src/signals/load/spec.js';
import {HttpClient} from '../../src/signals/http/client.js';
import {CookieJar} from '../../src/signals/http/cookies.js';
import {requestSender} from '../../src/signals/load/senders.js';
import {source as httpProbe} from '../../src/signals/probes/http/index.js';
import {plainParts, userWith} from '../support/load-user.js';
import {SELF_SIGNED} from '../support/http-server-certificate.js';
import {startHttpServer, startTcpServer, watchHandles, type TestServer} from '../support/http-server.js';
import {openProbe, readOnly, readProbe} from '../support/probe-reading.js';

const JSON_TEXT = '{"state":"confirmed","n":7}';
const BASIC = `Basic ${Buffer.from('user:p@ss:wörd').toString('base64')}`;

const packed = (response: ServerResponse, coding: string, bytes: Buffer) =>
  response.writeHead(200, {'content-type': 'application/json', 'content-encoding': coding}).end(bytes);

const ROUTES: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => unknown>> = {
  '/gzip': (_, response) => packed(response, 'gzip', gzipSync(JSON_TEXT)),
  '/deflate': (_, response) => packed(response, 'deflate', deflateSync(JSON_TEXT)),
  '/br': (_, response) => packed(response, 'br', brotliCompressSync(JSON_TEXT)),
  '/bad-gzip': (_, response) => packed(response, 'gzip', Buffer.from(JSON_TEXT)),
  '/bom': (_, response) => response.end(`\ufeff${JSON_TEXT}`),
  '/latin': (_, response) =>
    response
      .writeHead(200, {'content-type': 'text/plain; charset=iso-8859-1'})
      .end(Buffer.from('{"n":7,"s":"café"}', 'latin1')),
  '/redirect': (_, response) => response.writeHead(302, {location: '/plain'}).end(),
  '/loop': (_, response) => response.writeHead(302, {location: '/loop'}).end(),
  '/plain': (_, response) => response.end(JSON_TEXT),
  '/auth': ({headers}, response) => response.writeHead(headers.authorization === BASIC ? 200 : 401).end(JSON_TEXT),
  '/host': ({headers}, response) => response.writeHead(headers.host === 'shop.example' ? 200 : 421).end(JSON_TEXT),
  '/early': (_, response) => {
    response.writeProcessing();
    response.writeEarlyHints({link: '</x>; rel=preload'});
    response.writeHead(200, {trailer: 'x-t'}).write(JSON_TEXT);
    response.addTrailers({'x-t': '1'});
    response.end();
  },
  '/set': (_, response) => response.writeHead(302, {'set-cookie': 'a=1', location: '/cookie'}).end(),
  '/cookie': ({headers}, response) => response.writeHead(headers.cookie === 'a=1' ? 200 : 403).end(JSON_TEXT),
};

const SEVEN = [{name: 'seven', json: '$.n', is: {equals: 7}}] as const;
const LATIN = [{name: 'seven', body: {contains: 'café'}}] as const;

interface Row {
  readonly path: string;
  readonly more?: Partial<HttpRequestSpec>;
  /** What a load makes of it, and what the probe of the number. */
  readonly load: string;
  readonly probe: number | string;
}

const FOLLOW = '; `redirects: 1` would follow it';
const UNREADABLE = 'the body cannot be read: it is not packed as its `content-encoding` says, or becomes too large';
const ROWS: readonly Row[] = [
  {path: '/gzip', load: 'ok', probe: 7},
  {path: '/deflate', load: 'ok', probe: 7},
  {path: '/br', load: 'ok', probe: 7},
  {path: '/bad-gzip', load: 'check-seven', probe: UNREADABLE},
  {path: '/bom', load: 'ok', probe: 7},
  {path: '/latin', more: {checks: LATIN}, load: 'ok', probe: 7},
  {path: '/early', load: 'ok', probe: 7},
  {path: '/redirect', load: 'status-302', probe: `status 302 (expected 2xx${FOLLOW})`},
  {path: '/redirect', more: {redirects: 1}, load: 'ok', probe: 7},
  {path: '/loop', more: {redirects: 3}, load: 'status-302', probe: 'more than 3 redirects'},
  {path: '/host', load: 'status-421', probe: 'status 421 (expected 2xx)'},
  {path: '/host', more: {headers: {Host: 'shop.example'}}, load: 'ok', probe: 7},
  {path: '/auth', load: 'status-401', probe: 'status 401 (expected 2xx)'},
];

async function withLoad<T>(
  what: (outcome: (spec: Partial<HttpRequestSpec> & {url: string}, jar?: CookieJar) => Promise<string>) => Promise<T>,
) {
  const client = new HttpClient({maxInFlight: 10, timeoutMs: 5000});
  try {
    return await what(async (spec, jar) => {
      const sender = await requestSender(
        {http: {method: 'GET', headers: {}, success: [[200, 299]], ...spec}},
        plainParts(client),
      );
      return new Promise(resolve => void sender.send(resolve, userWith(jar)));
    });
  } finally {
    await client.close();
  }
}

describe('what load and probe make of the same answer', () => {
  let server: TestServer;
  let leftOpen: () => Promise<readonly string[]>;

  beforeEach(async () => {
    leftOpen = watchHandles();
    server = await startHttpServer((request, response) => void ROUTES[request.url ?? '']?.(request, response));
  });
  afterEach(async () => {
    await server.close();
    expect(await leftOpen()).to.deep.equal([]);
  });
  const at = (path: string) => `http://127.0.0.1:${server.port}${path}`;

  for (const {path, more, load, probe} of ROWS)
    it(`is the same: ${path}${more === undefined ? '' : ` ${JSON.stringify(more)}`}`, async () => {
      const {redirects, headers} = more ?? {};
      expect(await withLoad(outcome => outcome({url: at(path), checks: SEVEN, ...more}))).to.equal(load);
      expect(await readProbe(httpProbe, {url: at(path), jsonPath: '$.n', redirects, headers})).to.equal(probe);
    });

  it('is the same for a user and password in the URL', async () => {
    const url = at('/auth').replace('127', 'user:p%40ss%3Aw%C3%B6rd@127');
    expect(await withLoad(outcome => outcome({url}))).to.equal('ok');
    expect(await readProbe(httpProbe, {url, measure: 'up'})).to.equal(1);
  });

  it('says nothing of a redirect into nowhere but what its last answer is', async () => {
    expect(await readProbe(httpProbe, {url: at('/loop'), measure: 'up', redirects: 5})).to.equal(0);
    expect(await readProbe(httpProbe, {url: at('/redirect'), measure: 'up'})).to.equal(0);
    expect(await readProbe(httpProbe, {url: at('/redirect'), measure: 'status'})).to.equal(302);
    expect(await readProbe(httpProbe, {url: at('/redirect'), measure: 'status', redirects: 1})).to.equal(200);
  });

  it('keeps cookies for the user who has a jar, also from a redirect, and for nobody else', async () => {
    await withLoad(async outcome => {
      const jar = new CookieJar();
      expect(await outcome({url: at('/cookie')}, jar)).to.equal('status-403');
      expect(await outcome({url: at('/set'), redirects: 1}, jar)).to.equal('ok');
      expect(await outcome({url: at('/cookie')}, jar)).to.equal('ok');
      expect(await outcome({url: at('/cookie')}, new CookieJar())).to.equal('status-403');
      expect(await outcome({url: at('/cookie')})).to.equal('status-403');
    });
  });

  it('tells another server nothing of what the file says to the first', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const other = await startHttpServer((request, response) => {
      seen.push(request.headers);
      response.end('7');
    });
    server.handle((_, response) =>
      response
        .writeHead(307, {
          'set-cookie': 'b=2; Domain=127.0.0.1',
          location: other.url.replace('http://', 'http://eve:pw@'),
        })
        .end(),
    );
    const headers = {'x-api-key': 'k', authorization: 'Bearer t', cookie: 'a=1', host: 'shop.example'};
    await withLoad(outcome => outcome({url: at('/'), headers, redirects: 1}, new CookieJar()));
    await readProbe(httpProbe, {url: at('/'), headers, redirects: 1, measure: 'number'});
    expect(seen).to.have.length(2);
    for (const {cookie: _, ...sent} of seen)
      expect(sent).to.deep.equal({
        'user-agent': 'firedrill',
        connection: 'keep-alive',
        host: `127.0.0.1:${other.port}`,
      });
    await other.close();
  });
});

/** Answers the first request of a connection, and hangs up on the second one. */
const AFTER_ONE = 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n7';

describe('a kept connection that the server has just closed', () => {
  let requests = 0;
  let server: Awaited<ReturnType<typeof startTcpServer>>;

  beforeEach(async () => {
    requests = 0;
    server = await startTcpServer(socket => {
      let first = true;
      socket.on('data', () => {
        requests++;
        if (first) socket.write(AFTER_ONE);
        else socket.resetAndDestroy();
        first = false;
      });
    });
  });
  afterEach(() => server.close());
  const url = () => `http://127.0.0.1:${server.port}/`;

  it('is not held against it: what may be sent twice is, once', async () => {
    await withLoad(async outcome => {
      for (const method of ['GET', 'GET', 'PUT', 'DELETE'])
        expect(await outcome({url: url(), method}), method).to.equal('ok');
    });
    expect(requests, 'each but the first went to a connection that was closed').to.equal(7);
    requests = 0;
    const probe = await openProbe(httpProbe, {url: url(), measure: 'number'});
    for (let i = 0; i < 3; i++) expect(await readOnly(probe)).to.equal(7);
    await probe.close();
    expect(requests).to.equal(5);
  });

  it('is told where a request may not be sent twice, or has begun to be answered', async () => {
    await withLoad(async outcome => {
      expect(await outcome({url: url(), method: 'GET'})).to.equal('ok');
      expect(await outcome({url: url(), method: 'POST'})).to.equal('reset');
    });
    expect(requests).to.equal(2);
  });
});

describe('a kept connection over TLS that the server has just closed', () => {
  it('is not held against it either', async () => {
    const answered = new WeakSet<object>();
    let requests = 0;
    const server = await startHttpServer(
      ({socket}, response) => {
        requests++;
        if (answered.has(socket)) socket.destroy();
        else response.end('7');
        answered.add(socket);
      },
      {tls: true},
    );
    const spec = {url: server.url, tls: {rejectUnauthorized: false}};
    await withLoad(async outcome => {
      for (let i = 0; i < 3; i++) expect(await outcome(spec)).to.equal('ok');
      expect(await outcome({...spec, method: 'POST'})).to.equal('reset');
    });
    expect(requests).to.equal(6);
    await server.close();
  });
});

describe('a kept connection of HTTP/2 that the server has just closed', () => {
  /**
   * Answers the first request on each connection; on the second it ends the connection, or the relay before it cuts it
   * without a word.
   */
  async function closing(end: (session: ServerHttp2Session, cut: () => void) => void) {
    const answered = new WeakSet<object>();
    const seen = {gets: 0, posts: 0, connections: 0};
    const relayed = new Set<Socket>();
    const cut = () => relayed.forEach(socket => void socket.destroy());
    const server = createSecureServer(SELF_SIGNED);
    server.on('sessionError', () => undefined);
    server.on('session', () => seen.connections++);
    server.on('request', ({stream, method}, response) => {
      seen[method === 'POST' ? 'posts' : 'gets']++;
      const {session} = stream;
      if (session === undefined) return;
      if (answered.has(session)) end(session as ServerHttp2Session, cut);
      else response.end('7');
      answered.add(session);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const relay = await startTcpServer(near => {
      const far = connect((server.address() as AddressInfo).port, '127.0.0.1');
      for (const socket of [near, far]) {
        relayed.add(socket);
        socket.on('error', () => undefined).once('close', () => relayed.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
    const close = async () => {
      cut();
      await relay.close();
      server.close();
      await once(server, 'close');
    };
    return {
      seen,
      close,
      spec: {url: `https://127.0.0.1:${relay.port}/`, http2: true, tls: {rejectUnauthorized: false}},
    };
  }

  for (const [how, end] of [
    ['with a GOAWAY', (session: ServerHttp2Session) => session.destroy()],
    ['without a word', (_: ServerHttp2Session, cut: () => void) => cut()],
  ] as const) {
    it(`is not held against it either: ${how}`, async () => {
      const {seen, close, spec} = await closing(end);
      await withLoad(async outcome => {
        for (let i = 0; i < 3; i++) expect(await outcome(spec)).to.equal('ok');
        expect(await outcome({...spec, method: 'POST'})).to.equal('reset');
      });
      await close();
      expect(seen).to.include({posts: 1, connections: 3});
      // The second GET came to the connection of the first and was sent again; the third may have come to one that was
      // new.
      expect(seen.gets).to.be.within(4, 5);
    });
  }
});

describe('whether HTTP is up', () => {
  it('is asked on a new connection each time, everything else on one that is kept', async () => {
    const server = await startHttpServer((_, response) => response.end('7'));
    const ports = new Set<number | undefined>();
    server.handle((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('7');
    });
    for (const [measure, connections] of [
      ['up', 3],
      ['latency', 1],
      ['status', 1],
      ['number', 1],
    ] as const) {
      ports.clear();
      const probe = await openProbe(httpProbe, {url: server.url, measure});
      for (let i = 0; i < 3; i++) expect(await readOnly(probe)).to.be.a('number');
      await probe.close();
      expect(ports.size, measure).to.equal(connections);
    }
    await server.close();
  });
});
