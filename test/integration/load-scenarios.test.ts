import {constants, createSecureServer, createServer as createHttp2Server, type Http2Server} from 'node:http2';
import type {AddressInfo, Socket} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import {expect} from 'chai';
import type {AnswerCheck, HttpRequestSpec, LoadSpec, ScenarioStep} from '../../src/signals/load/spec.js';
import {bucketOf, countOf} from '../../src/quantities/histogram.js';
import type {LoadSecond, RequestCounts} from '../../src/signals/contract.js';
import {startLoad} from '../../src/signals/load/generator.js';
import {systemClock} from '../../src/system/clock.js';
import {SELF_SIGNED} from '../support/http-server-certificate.js';
import {startHttpServer, watchHandles, type TestServer} from '../support/http-server.js';
import {watchLateness} from '../support/lateness.js';

const clock = systemClock();

const get = (url: string, more: Partial<HttpRequestSpec> = {}): HttpRequestSpec => ({
  method: 'GET',
  url,
  headers: {},
  success: [[200, 399]],
  ...more,
});

const scenario = (name: string, weight: number, steps: readonly ScenarioStep[]) => ({name, weight, steps});

async function run(spec: Partial<LoadSpec>, ms: number): Promise<readonly LoadSecond[]> {
  const seconds: LoadSecond[] = [];
  const whole = {name: 'shop', rate: 50, timeoutMs: 5000, maxInFlight: 500, ...spec};
  const load = await startLoad({spec: whole, reveal: text => text, clock, onSecond: second => seconds.push(second)});
  await delay(ms);
  await load.stop();
  return seconds;
}

function totals(seconds: readonly RequestCounts[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const {outcomes} of seconds)
    for (const [name, part] of Object.entries(outcomes)) counts[name] = (counts[name] ?? 0) + countOf(part);
  return counts;
}

const ofRequest = (seconds: readonly LoadSecond[], name: string) =>
  seconds.flatMap(({requests}) => requests?.[name] ?? []);
const intended = (seconds: readonly RequestCounts[]) => seconds.reduce((sum, second) => sum + second.intended, 0);

describe('scenarios of a load', () => {
  const late = watchLateness();
  let server: TestServer;
  let leftOpen: () => Promise<readonly string[]>;
  const seen: {path: string; at: number}[] = [];

  beforeEach(async () => {
    leftOpen = watchHandles();
    seen.length = 0;
    server = await startHttpServer((request, response) => {
      seen.push({path: request.url ?? '', at: performance.now()});
      response.setHeader('content-type', 'application/json');
      if (request.url === '/broken') response.statusCode = 503;
      response.end(JSON.stringify({state: 'sold', left: 3, items: [{sku: 'A1'}]}));
    });
  });

  afterEach(async () => {
    await server.close();
    expect(await leftOpen()).to.deep.equal([]);
  });

  const at = (path: string, more: Partial<HttpRequestSpec> = {}) => get(`${server.url}${path}`, more);

  it('take their steps one after the other, with the pauses between them, and count each request by its name', async () => {
    const steps = [{name: 'home', http: at('home')}, {thinkMs: [200, 200] as const}, {name: 'buy', http: at('buy')}];
    const seconds = await run({rate: 20, scenarios: [scenario('buyer', 1, steps)]}, 1500);
    const [home, buy] = [ofRequest(seconds, 'home'), ofRequest(seconds, 'buy')];
    expect(intended(home)).to.be.within(29, 31 + late() / 50);
    // Who came in the last fifth of a second does not come to buy.
    expect(intended(buy)).to.be.within(20 - late() / 50, 27 + late() / 50);
    expect(intended(seconds)).to.equal(intended(home) + intended(buy));
    expect(totals(seconds)).to.deep.equal({ok: intended(seconds)});
    const firstHome = seen.find(({path}) => path === '/home')!.at;
    expect(seen.find(({path}) => path === '/buy')!.at - firstHome).to.be.at.least(199);
  });

  it('count the latency of the first request from its start, of the others from the end of the pause', async () => {
    const slow = await startHttpServer((_request, response) => {
      setTimeout(() => response.end('ok'), 150);
    });
    const steps = [
      {name: 'first', http: get(slow.url)},
      {thinkMs: [300, 300] as const},
      {name: 'second', http: get(slow.url)},
    ];
    const seconds = await run({rate: 10, scenarios: [scenario('user', 1, steps)]}, 1000);
    await slow.close();
    for (const name of ['first', 'second']) {
      const [fastest] = ofRequest(seconds, name).flatMap(({outcomes}) => outcomes['ok'] ?? []);
      // Neither the request before nor the pause is in it.
      expect(fastest![0]).to.be.within(bucketOf(140_000), bucketOf(290_000 + late() * 1000));
    }
  });

  it('draw scenarios by weight and think times from their range, the same for the same seed', async () => {
    const scenarios = [
      scenario('browse', 3, [{name: 'look', http: at('look')}]),
      scenario('order', 1, [{thinkMs: [0, 50]}, {name: 'order', http: at('order')}]),
    ];
    const paths = async () => {
      const seconds = await run({rate: 200, scenarios, seed: 7}, 600);
      return [intended(ofRequest(seconds, 'look')), intended(ofRequest(seconds, 'order'))] as const;
    };
    const [looks, orders] = await paths();
    // 120 draws with p = 1/4: 30, give or take four standard deviations.
    expect(orders).to.be.within(11 - late() / 20, 49 + late() / 20);
    const [sameLooks] = await paths();
    expect(Math.abs(looks - sameLooks)).to.be.at.most(10 + late() / 5);
  });

  it('end at the first request that does not end well', async () => {
    const steps = [
      {name: 'home', http: at('home')},
      {name: 'broken', http: at('broken')},
      {name: 'never', http: at('never')},
    ];
    const seconds = await run({rate: 20, scenarios: [scenario('user', 1, steps)]}, 600);
    expect(totals(ofRequest(seconds, 'broken'))).to.have.all.keys('status-503');
    expect(ofRequest(seconds, 'never')).to.be.empty;
    expect(seen.map(({path}) => path)).to.not.include('/never');
  });

  it('check answers of own sockets and of undici alike', async () => {
    const tls = await startHttpServer(
      (_request, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({state: 'sold'}));
      },
      {tls: true},
    );
    const holding: AnswerCheck[] = [
      {name: 'type', header: 'content-type', is: {contains: 'json'}},
      {name: 'sold', json: '$.state', is: {equals: 'sold'}},
    ];
    const failing: AnswerCheck = {name: 'gone', body: {contains: 'gone'}};
    for (const http of [at(''), get(tls.url, {tls: {rejectUnauthorized: false}})]) {
      expect(totals(await run({rate: 20, http: {...http, checks: holding}}, 60))).to.have.all.keys('ok');
      expect(totals(await run({rate: 20, http: {...http, checks: [...holding, failing]}}, 60))).to.have.all.keys(
        'check-gone',
      );
    }
    await tls.close();
  });

  it('ask no check of an answer whose status is bad already, and tell the first that fails', async () => {
    const checks: AnswerCheck[] = [
      {name: 'holds', maxSize: 1000},
      {name: 'first', maxSize: 1},
      {name: 'second', maxSize: 1},
    ];
    expect(totals(await run({rate: 10, http: at('broken', {checks})}, 100))).to.have.all.keys('status-503');
    expect(totals(await run({rate: 10, http: at('', {checks})}, 100))).to.have.all.keys('check-first');
  });

  it('count a check that failed as an error with a latency', async () => {
    const seconds = await run({rate: 20, http: at('', {checks: [{name: 'small', maxSize: 1}]})}, 300);
    const [counts] = seconds;
    expect(counts!.outcomes['check-small']![0]![0]).to.be.greaterThan(0);
    expect(counts!.sent).to.be.greaterThan(0);
  });

  it('follow ramps and steps: what is due in each second is exactly what the profile says', async () => {
    const stages = [
      {fromRate: 20, toRate: 100, forMs: 500},
      {fromRate: 40, toRate: 40, forMs: 500},
      {fromRate: 0, toRate: 0, forMs: 500},
    ];
    const seconds = await run({rate: 20, http: at(''), stages, repeat: true}, 2100);
    expect(seconds.slice(0, 2).map(second => second.intended)).to.deep.equal([50, 30]);
  });

  it('send Poisson arrivals as scattered as they were planned, and uniform ones evenly', async () => {
    const mean = (seconds: readonly LoadSecond[], of: 'sent' | 'planned') => {
      const known = seconds.flatMap(({dispersion}) => (dispersion === undefined ? [] : [dispersion[of]]));
      expect(known).to.not.be.empty;
      return known.reduce((sum, value) => sum + value, 0) / known.length;
    };
    const poisson = await run({rate: 200, http: at(''), arrivals: 'poisson'}, 1200);
    expect(mean(poisson, 'planned')).to.be.within(0.5, 1.7);
    const uniform = await run({rate: 200, http: at('')}, 1200);
    expect(mean(uniform, 'planned')).to.be.below(0.05);
  });
});

/** A server of HTTP/2 that says how many requests came over each of its connections. */
async function startHttp2(
  secure: boolean,
): Promise<{server: Http2Server; port: number; sessions: () => number; close: () => Promise<void>}> {
  const server = secure ? createSecureServer({...SELF_SIGNED, allowHTTP1: true}) : createHttp2Server();
  let sessions = 0;
  const sockets = new Set<Socket>();
  server.on('session', () => sessions++);
  for (const event of ['connection', 'secureConnection'] as const)
    server.on(event, (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
  server.on('request', (request, response) => {
    const status = request.url === '/busy' ? 503 : 200;
    response.writeHead(status, {'x-version': request.httpVersion});
    response.end('ok');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    port: (server.address() as AddressInfo).port,
    sessions: () => sessions,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

describe('a load over TLS and HTTP/2', () => {
  const overVersion = (version: string): AnswerCheck => ({name: 'version', header: 'x-version', is: {equals: version}});
  const lenient = {rejectUnauthorized: false};

  for (const [what, scheme, http2, version] of [
    ['HTTP/2 by ALPN', 'https', true, '2.0'],
    ['HTTP/1.1 over TLS where the file does not ask for HTTP/2', 'https', false, '1.1'],
    ['HTTP/2 without TLS', 'http', true, '2.0'],
  ] as const) {
    it(`speaks ${what}, many requests over few connections`, async () => {
      const left = watchHandles();
      const {port, sessions, close} = await startHttp2(scheme === 'https');
      const http = get(`${scheme}://127.0.0.1:${port}/`, {http2, checks: [overVersion(version)], tls: lenient});
      const seconds = await run({rate: 100, http}, 600);
      expect(totals(seconds)).to.deep.equal({ok: intended(seconds)});
      const busy = get(`${scheme}://127.0.0.1:${port}/busy`, {http2, tls: lenient});
      expect(totals(await run({rate: 50, http: busy}, 100))).to.have.all.keys('status-503');
      if (http2) expect(sessions()).to.be.below(30);
      await close();
      expect(await left()).to.deep.equal([]);
    });
  }

  it('falls back to HTTP/1.1 where the server offers no HTTP/2, without pipelining', async () => {
    let most = 0;
    const server = await startHttpServer(
      (_request, response) => {
        most = Math.max(most, server.connections());
        setTimeout(() => response.end('ok'), 100);
      },
      {tls: true},
    );
    const seconds = await run({rate: 100, http: get(server.url, {http2: true, tls: lenient})}, 800);
    expect(totals(seconds)).to.deep.equal({ok: intended(seconds)});
    expect(most).to.be.greaterThan(5);
    await server.close();
  });

  it('times out a stream of HTTP/2 and goes on', async () => {
    const {server, port, close} = await startHttp2(false);
    let asked = 0;
    server.removeAllListeners('request');
    server.on('request', (_request, response) => {
      if (++asked > 10) response.end('ok');
    });
    const seconds = await run({rate: 50, timeoutMs: 1000, http: get(`http://127.0.0.1:${port}/`, {http2: true})}, 900);
    const counts = totals(seconds);
    expect(counts['timeout']).to.equal(10);
    expect(counts['ok']).to.be.greaterThan(5);
    await close();
  });

  it('tells a stream that the server breaks off', async () => {
    const {server, port, close} = await startHttp2(false);
    server.removeAllListeners('request');
    server.on('stream', stream => {
      stream.on('error', () => undefined);
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    });
    const seconds = await run({rate: 20, http: get(`http://127.0.0.1:${port}/`, {http2: true})}, 200);
    expect(totals(seconds)).to.have.all.keys('reset');
    await close();
  });
});
