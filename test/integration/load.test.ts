import {expect} from 'chai';
import {setTimeout as delay} from 'node:timers/promises';
import type {HttpRequestSpec, LoadSpec} from '../../src/signals/load/spec.js';
import {countOf} from '../../src/quantities/histogram.js';
import type {LoadSecond} from '../../src/signals/contract.js';
import {startLoad} from '../../src/signals/load/generator.js';
import {measureLoad} from '../../src/signals/load/measure.js';
import {systemClock} from '../../src/system/clock.js';
import {closedPort, startHttpServer, startTcpServer, watchHandles, type TestServer} from '../support/http-server.js';
import {watchLateness} from '../support/lateness.js';
import {until} from '../support/processes.js';

const clock = systemClock();

interface Wanted {
  readonly url: string;
  readonly rate?: number;
  readonly timeoutMs?: number;
  readonly maxInFlight?: number;
  readonly http?: Partial<HttpRequestSpec>;
}

function specOf({url, rate = 100, timeoutMs = 1000, maxInFlight = 500, http = {}}: Wanted): LoadSpec {
  return {
    name: 'checkout',
    http: {method: 'GET', url, headers: {}, success: [[200, 399]], ...http},
    rate,
    timeoutMs,
    maxInFlight,
  };
}

/** Runs a load for a while, at least until so many seconds are complete, and tells what became of it. */
async function run(
  wanted: Wanted,
  ms: number,
  {meanwhile = () => Promise.resolve(), complete = 0}: {meanwhile?: () => Promise<void>; complete?: number} = {},
) {
  const seconds: LoadSecond[] = [];
  const load = await startLoad({spec: specOf(wanted), reveal: text => text, clock, onSecond: s => seconds.push(s)});
  await Promise.all([delay(ms), meanwhile()]);
  await until('the seconds are complete', () => seconds.length >= complete);
  const before = performance.now();
  await load.stop();
  return {seconds, accepted: load.totals().accepted, stopMs: performance.now() - before};
}

function totals(seconds: readonly LoadSecond[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const {outcomes} of seconds)
    for (const [name, part] of Object.entries(outcomes)) counts[name] = (counts[name] ?? 0) + countOf(part);
  return counts;
}

const sum = (seconds: readonly LoadSecond[], key: 'intended' | 'sent') =>
  seconds.reduce((total, second) => total + second[key], 0);

function expectNothingLost(seconds: readonly LoadSecond[]): void {
  for (const second of seconds)
    expect(Object.values(second.outcomes).reduce((total, part) => total + countOf(part), 0)).to.equal(second.intended);
}

describe('the load generator on real sockets', () => {
  const late = watchLateness();
  let server: TestServer;
  let leftOpen: () => Promise<readonly string[]>;

  beforeEach(async () => {
    leftOpen = watchHandles();
    server = await startHttpServer();
  });

  afterEach(async () => {
    await server.close();
    expect(await leftOpen()).to.deep.equal([]);
  });

  it('keeps its rate, second by second, and hands over complete seconds in order', async () => {
    const {seconds, accepted} = await run({url: server.url, rate: 200}, 2500, {complete: 2});
    expect(seconds.slice(0, 3).map(second => second.at - seconds[0]!.at)).to.deep.equal([0, 1_000_000, 2_000_000]);
    expect(seconds.slice(0, 2).map(second => [second.intended, second.sent])).to.deep.equal([
      [200, 200],
      [200, 200],
    ]);
    expectNothingLost(seconds);
    expect(totals(seconds)).to.deep.equal({ok: sum(seconds, 'intended')});
    expect(accepted).to.equal(sum(seconds, 'intended'));
    expect(server.requests()).to.equal(accepted);
  });

  it('sends 1000 requests per second, all of them, even where this machine is too busy to be on time', async () => {
    const wanted = {url: server.url, rate: 1000, maxInFlight: 3000, timeoutMs: 5000};
    const {seconds} = await run(wanted, 2500, {complete: 2});
    expect(seconds.slice(0, 2).map(second => second.intended)).to.deep.equal([1000, 1000]);
    // What is a second late is not sent, which takes a machine that stands still for that long.
    const given = Math.max(0, late() - 1000);
    for (const second of seconds.slice(0, 2)) expect(second.sent).to.be.within(1000 - given, 1000);
    expectNothingLost(seconds);
  });

  it('shows a stalled server in the quantiles: every request of the stall counts from when it was due', async () => {
    let stalledUntil = 0;
    server.handle((_request, response) => {
      const wait = stalledUntil - performance.now();
      if (wait > 0) setTimeout(() => response.end('late'), wait);
      else response.end('ok');
    });
    // Two connections would hide a stall from a closed loop: it would send 2 slow requests instead of 200.
    const {seconds} = await run({url: server.url, rate: 100, timeoutMs: 5000}, 5000, {
      meanwhile: async () => {
        await delay(1500);
        stalledUntil = performance.now() + 2000;
      },
    });
    expectNothingLost(seconds);
    expect(totals(seconds)).to.have.all.keys('ok');
    expect(measureLoad(seconds, 'latency.max').value).to.be.within(1900, 2400 + late());
    expect(measureLoad(seconds, 'latency.p99').value).to.be.within(1700, 2400 + late());
    expect(measureLoad(seconds, 'latency.p90').value).to.be.within(1200, 2000 + late());
    expect(measureLoad(seconds, 'latency.p50').value).to.be.below(300 + late());
  });

  it('counts what it could not send because of maxInFlight, and sends again once there is room', async () => {
    let hang = true;
    server.handle((_request, response) => {
      if (!hang) response.end('ok');
    });
    const {seconds} = await run({url: server.url, rate: 100, maxInFlight: 10, timeoutMs: 600}, 2500, {
      meanwhile: async () => {
        await delay(300);
        hang = false;
      },
    });
    const counts = totals(seconds);
    expectNothingLost(seconds);
    expect(counts['timeout']).to.equal(10);
    expect(counts['unsent']).to.be.within(40 - late() / 10, 70 + late() / 10);
    expect(sum(seconds, 'sent')).to.equal(sum(seconds, 'intended') - counts['unsent']!);
    expect(counts['ok']).to.be.greaterThan(150 - late() / 10);
    expect(measureLoad(seconds, 'errors.ratio').value).to.be.closeTo(10 / sum(seconds, 'sent'), 1e-9);
  });

  it('times out from when a request was sent, on the dot, and keeps no connection of it', async () => {
    server.handle(() => undefined);
    const {seconds, stopMs} = await run({url: server.url, rate: 20, timeoutMs: 400}, 1000);
    expect(totals(seconds)).to.deep.equal({timeout: sum(seconds, 'intended')});
    // A bucket of the histogram is 1.6 % wide, and told by its middle.
    expect(measureLoad(seconds, 'latency.max').value).to.be.within(396, 600 + late());
    expect(stopMs).to.be.within(300, 900 + late());
  });

  it('counts a body that never ends as a time-out', async () => {
    server.handle((_request, response) => {
      response.writeHead(200);
      response.write('first part');
    });
    const {seconds} = await run({url: server.url, rate: 20, timeoutMs: 300}, 500);
    expect(totals(seconds)).to.have.all.keys('timeout');
  });

  it('tells statuses apart and takes only what the file lists for a success', async () => {
    const statuses = [200, 204, 404, 503];
    server.handle((_request, response) => {
      response.writeHead(statuses[server.requests() % 4]!).end();
    });
    const {seconds, accepted} = await run(
      {
        url: server.url,
        rate: 100,
        http: {
          success: [
            [200, 200],
            [404, 404],
          ],
        },
      },
      1000,
    );
    expect(totals(seconds)).to.have.all.keys('ok', 'status-204', 'status-503');
    expect(accepted).to.equal(totals(seconds)['ok']);
  });

  it('tells a refused connection', async () => {
    const {seconds} = await run({url: `http://127.0.0.1:${await closedPort()}/`, rate: 50}, 600);
    expectNothingLost(seconds);
    expect(totals(seconds)).to.have.all.keys('refused');
  });

  it('tells a reset connection, before and within an answer', async () => {
    const resetting = await startTcpServer(socket => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    const first = await run({url: `http://127.0.0.1:${resetting.port}/`, rate: 50}, 400);
    await resetting.close();
    expect(totals(first.seconds)).to.have.all.keys('reset');
    server.handle((_request, response) => {
      response.writeHead(200, {'content-length': '100'});
      response.write('half', () => response.destroy());
    });
    const second = await run({url: server.url, rate: 50}, 400);
    expect(totals(second.seconds)).to.have.all.keys('reset');
  });

  it('tells a name that does not resolve', async () => {
    const {seconds} = await run({url: 'http://no-such-host.invalid/', rate: 5, timeoutMs: 4000}, 500);
    expect(totals(seconds)).to.have.all.keys('dns');
  });

  it('tells a certificate that is not trusted, and takes it when the file says so', async () => {
    const secure = await startHttpServer(undefined, {tls: true});
    const strict = await run({url: secure.url, rate: 20}, 500);
    const lenient = await run({url: secure.url, rate: 20, http: {tls: {rejectUnauthorized: false}}}, 500);
    await secure.close();
    expect(totals(strict.seconds)).to.have.all.keys('tls-DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(totals(lenient.seconds)).to.have.all.keys('ok');
  });

  it('sends method, path, body, headers and credentials as they are written, with secrets revealed', async () => {
    const seen: string[] = [];
    server.handle((request, response) => {
      const {authorization, host, 'x-token': token, 'content-length': length} = request.headers;
      seen.push(JSON.stringify([request.method, request.url, authorization, host, token, length]));
      response.end();
    });
    const spec = specOf({
      url: `http://user:p%40ss@127.0.0.1:${server.port}/buy?sku=A1`,
      http: {method: 'POST', headers: {'X-Token': 'key ${secret:env:TOKEN}', Host: 'shop.test'}, body: '{"n":1}'},
    });
    const reveal = (text: string) => text.replace('${secret:env:TOKEN}', 't0ken');
    const load = await startLoad({spec, reveal, clock, onSecond: () => undefined});
    await delay(100);
    await load.stop();
    const expected = ['POST', '/buy?sku=A1', `Basic ${btoa('user:p@ss')}`, 'shop.test', 'key t0ken', '7'];
    expect(new Set(seen)).to.deep.equal(new Set([JSON.stringify(expected)]));
  });

  it('goes on after the server came back, over new connections', async () => {
    const {seconds} = await run({url: server.url, rate: 100}, 2000, {
      meanwhile: async () => {
        await delay(700);
        const {port} = server;
        await server.close();
        await delay(500);
        server = await startHttpServer(undefined, {port});
      },
    });
    const counts = totals(seconds);
    expectNothingLost(seconds);
    expect(counts['refused']).to.be.within(30, 60 + late() / 10);
    expect(counts['ok']).to.be.within(120 - late() / 10, 170 + late() / 10);
  });

  it('bounds its connections', async () => {
    let most = 0;
    server.handle((_request, response) => {
      most = Math.max(most, server.connections());
      setTimeout(() => response.end(), 200);
    });
    await run({url: server.url, rate: 300, maxInFlight: 20}, 800);
    expect(most).to.be.within(15, 20);
  });

  it('emits a second late rather than wrong: not before its slow requests are through', async () => {
    server.handle((_request, response) => {
      setTimeout(() => response.end(), 900);
    });
    const emitted: {at: number; now: number}[] = [];
    const spec = specOf({url: server.url, rate: 50, timeoutMs: 3000});
    const onSecond = (second: LoadSecond) => emitted.push({at: second.at, now: clock.mono()});
    const load = await startLoad({spec, reveal: text => text, clock, onSecond});
    await delay(2300);
    await load.stop();
    for (const {at, now} of emitted.slice(0, 1)) expect((now - at) / 1000).to.be.within(1850, 2300 + late());
  });

  it('does not make up for what it has slept through: what is a second late is counted as unsent', async () => {
    const {seconds} = await run({url: server.url, rate: 200}, 3500, {
      meanwhile: async () => {
        await delay(200);
        const end = performance.now() + 2500;
        while (performance.now() < end);
      },
    });
    expectNothingLost(seconds);
    const counts = totals(seconds);
    expect(counts['unsent']).to.be.within(200, 400);
    expect(sum(seconds, 'sent')).to.equal(sum(seconds, 'intended') - counts['unsent']!);
  });

  it('refuses a request that could never be sent, without showing a secret', async () => {
    const start = (http: Partial<HttpRequestSpec>, reveal = (text: string) => text) =>
      startLoad({spec: specOf({url: server.url, http}), reveal, clock, onSecond: () => undefined}).then(
        () => 'started',
        (error: unknown) => String(error),
      );
    const secret = (text: string) => text.replace('${secret:env:X}', 'very\nsecret');
    expect(await start({url: '${secret:env:X}'}, secret))
      .to.contain('`${secret:env:X}`')
      .and.not.contain('very');
    expect(await start({headers: {'x-a': '${secret:env:X}'}}, secret))
      .to.contain('`x-a`')
      .and.not.contain('very');
    expect(await start({headers: {'Content-Length': '3'}})).to.contain('`Content-Length`');
    expect(await start({tls: {rejectUnauthorized: true, ca: '/no/such/ca.pem'}})).to.contain('/no/such/ca.pem');
  });
});
