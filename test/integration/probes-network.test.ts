import {expect} from 'chai';
import type {JsonObject} from '../../src/quantities/json.js';
import type {ProbeContext, ProbeSource, Reading} from '../../src/signals/contract.js';
import {source as http} from '../../src/signals/probes/http/index.js';
import {source as prometheus} from '../../src/signals/probes/prometheus/index.js';
import {source as tcp} from '../../src/signals/probes/tcp/index.js';
import {closedPort, startHttpServer, startTcpServer, watchHandles, type TestServer} from '../support/http-server.js';

const context = (more: Partial<ProbeContext> = {}): ProbeContext => ({
  reveal: text => text.replaceAll('${secret:env:TOKEN}', 't0ken-value'),
  targets: {},
  sources: {},
  environment: process.env,
  ...more,
});

/** Reads a probe `times` times over one open probe, each read bounded by `timeoutMs`. */
async function read(
  source: ProbeSource,
  written: object,
  {
    times = 1,
    timeoutMs = 2000,
    with: given = context(),
  }: {times?: number; timeoutMs?: number; with?: ProbeContext} = {},
): Promise<readonly Reading[]> {
  const probe = await source.open(source.parameters().parse(written) as JsonObject, given);
  try {
    let readings: readonly Reading[] = [];
    for (let i = 0; i < times; i++) readings = await probe.read(AbortSignal.timeout(timeoutMs));
    return readings;
  } finally {
    await probe.close();
  }
}

/** The value or the reason of the only reading. */
async function one(...args: Parameters<typeof read>): Promise<number | string> {
  const [reading, ...others] = await read(...args);
  expect(others).to.be.empty;
  return reading!.value ?? ('why' in reading! ? reading.why : '');
}

const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing was thrown',
    (error: unknown) => String(error),
  );

describe('probes over the network', () => {
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

  describe('http', () => {
    const answer = (status: number, body = '', headers: Record<string, string> = {}) =>
      server.handle((_request, response) => response.writeHead(status, headers).end(body));

    it('measures the latency until the whole answer is there', async () => {
      server.handle((_request, response) => {
        response.write('a');
        setTimeout(() => response.end('b'), 80);
      });
      expect(await one(http, {url: server.url})).to.be.within(79, 800);
    });

    it('takes an unexpected answer for missing, with what came and what was expected', async () => {
      answer(503);
      expect(await one(http, {url: server.url})).to.equal('status 503 (expected 2xx)');
      answer(200, 'degraded');
      expect(await one(http, {url: server.url, expect: {bodyMatches: '^ok'}})).to.equal(
        'the body does not match `^ok`',
      );
    });

    it('reads the status, also an unexpected one', async () => {
      answer(503);
      expect(await one(http, {url: server.url, measure: 'status'})).to.equal(503);
    });

    it('says 1 when it is up and 0 when not: wrong status, wrong body, refused, reset, too slow', async () => {
      const up = (more: object = {}, timeoutMs = 2000) =>
        one(http, {url: server.url, measure: 'up', ...more}, {timeoutMs});
      expect(await up()).to.equal(1);
      answer(500);
      expect(await up()).to.equal(0);
      answer(200, 'degraded');
      expect(await up({expect: {bodyMatches: 'fine'}})).to.equal(0);
      expect(await up({url: `http://127.0.0.1:${await closedPort()}/`})).to.equal(0);
      server.handle((_request, response) => response.destroy());
      expect(await up()).to.equal(0);
      server.handle(() => undefined);
      expect(await up({}, 100)).to.equal(0);
    });

    it('reads a number from the body, at a path or as a whole', async () => {
      answer(200, '{"queue": {"depth": 17}}', {'content-type': 'application/json'});
      expect(await one(http, {url: server.url, jsonPath: '$.queue.depth'})).to.equal(17);
      expect(await one(http, {url: server.url, jsonPath: '$.queue.length'})).to.equal('nothing at `$.queue.length`');
      expect(await one(http, {url: server.url, measure: 'number'})).to.contain('expected a number; got `{"queue"');
      answer(200, ' 42\n');
      expect(await one(http, {url: server.url, measure: 'number'})).to.equal(42);
    });

    it('says why there is no answer', async () => {
      expect(await one(http, {url: `http://127.0.0.1:${await closedPort()}/`})).to.equal('connection refused');
      expect(await one(http, {url: 'http://no-such-host.invalid/'})).to.equal('host name not found');
      server.handle((_request, response) => response.destroy());
      expect(await one(http, {url: server.url})).to.equal('connection reset');
    });

    it('rejects with the reason of the signal when its time is up', async () => {
      server.handle(() => undefined);
      expect(await rejection(read(http, {url: server.url}, {timeoutMs: 100}))).to.contain('TimeoutError');
    });

    it('follows no redirect unless it is told how many', async () => {
      server.handle((request, response) =>
        request.url === '/end' ? response.end('7') : response.writeHead(302, {location: '/end'}).end(),
      );
      expect(await one(http, {url: server.url, measure: 'status'})).to.equal(302);
      expect(await one(http, {url: server.url, measure: 'number', redirects: 1})).to.equal(7);
      server.handle((_request, response) => response.writeHead(302, {location: '/again'}).end());
      expect(await one(http, {url: server.url, redirects: 2})).to.equal('more than 2 redirects');
    });

    it('does not read an answer without end into memory', async () => {
      server.handle((_request, response) => {
        const fill = (): void => {
          while (response.write(Buffer.alloc(1 << 20)));
        };
        response.on('drain', fill);
        fill();
      });
      expect(await one(http, {url: server.url}, {timeoutMs: 8000})).to.contain('at most 10MiB');
    });

    it('keeps its connection from read to read, and opens another when the server has closed it', async () => {
      await read(http, {url: server.url}, {times: 5});
      let connections = 0;
      const closing = await startTcpServer(socket => {
        connections++;
        let answered = 0;
        socket.on('data', () => {
          // Closes a kept connection just when it is used again, as an idle time-out of a server does.
          if (answered++ > 0) socket.resetAndDestroy();
          else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1');
        });
      });
      expect(await one(http, {url: `http://127.0.0.1:${closing.port}/`, measure: 'number'}, {times: 3})).to.equal(1);
      expect(connections).to.equal(3);
      await closing.close();
    });

    it('checks certificates unless the file says not to', async () => {
      const secure = await startHttpServer(undefined, {tls: true});
      expect(await one(http, {url: secure.url})).to.equal('TLS failed: the certificate is self-signed');
      const lenient = {url: secure.url, measure: 'status', tls: {rejectUnauthorized: false}};
      expect(await one(http, lenient)).to.equal(200);
      await secure.close();
    });

    it('sends secrets and never tells them, even where the target does', async () => {
      server.handle((request, response) => response.end(`you sent ${request.headers['x-token']!.toString()}`));
      const written = {url: server.url, measure: 'number', headers: {'X-Token': '${secret:env:TOKEN}'}};
      expect(await one(http, written)).to.equal('expected a number; got `you sent ***`');
    });

    it('uses no proxy of the environment', async () => {
      process.env['http_proxy'] = `http://127.0.0.1:${await closedPort()}`;
      expect(await one(http, {url: server.url, measure: 'up'})).to.equal(1);
      delete process.env['http_proxy'];
    });
  });

  describe('tcp', () => {
    it('says whether a port accepts connections, and how long that took', async () => {
      const address = `127.0.0.1:${server.port}`;
      expect(await one(tcp, {address})).to.equal(1);
      expect(await one(tcp, {address, measure: 'latency'})).to.be.within(0, 500);
      const port = await closedPort();
      expect(await one(tcp, {port})).to.equal(0);
      expect(await one(tcp, {port, measure: 'latency'})).to.equal('connection refused');
      expect(await one(tcp, {address: 'no-such-host.invalid:80', measure: 'latency'})).to.equal('host name not found');
    });

    it('hangs up in order: the target sees an end, not a reset, also when it has spoken first', async () => {
      const seen: string[] = [];
      const greeting = await startTcpServer(socket => {
        socket.write('220 mail ready\r\n');
        socket.on('end', () => seen.push('end')).on('error', () => seen.push('error'));
      });
      expect(await one(tcp, {port: greeting.port}, {times: 3})).to.equal(1);
      await greeting.close();
      expect(seen).to.not.include('error');
    });
  });

  describe('prometheus', () => {
    const sources = (url: string) => context({sources: {metrics: {prometheus: url}}});
    const now = () => Date.now() / 1000;
    const vector = (...series: readonly (readonly [Record<string, string>, string])[]) => ({
      resultType: 'vector',
      result: series.map(([metric, value]) => ({metric, value: [now(), value]})),
    });
    const answer = (data: object) =>
      server.handle((_request, response) => response.end(JSON.stringify({status: 'success', data})));
    const query = (more: object = {}) =>
      read(prometheus, {from: 'metrics', query: 'up', ...more}, {with: sources(server.url)});
    const why = async (more: object = {}) => {
      const [reading] = await query(more);
      return reading!.value ?? ('why' in reading! ? reading.why : '');
    };

    it('asks the instant query below the address, path and credentials included', async () => {
      const asked: unknown[] = [];
      server.handle((request, response) => {
        asked.push([request.url, request.headers.authorization]);
        response.end(JSON.stringify({status: 'success', data: vector([{}, '1.5'])}));
      });
      const url = `http://u:p@127.0.0.1:${server.port}/prom/`;
      expect(await read(prometheus, {from: 'metrics', query: 'a + b'}, {with: sources(url)})).to.deep.equal([
        {value: 1.5},
      ]);
      expect(asked).to.deep.equal([['/prom/api/v1/query?query=a+%2B+b', `Basic ${btoa('u:p')}`]]);
    });

    it('reads a scalar and a vector of one series', async () => {
      answer({resultType: 'scalar', result: [now(), '12']});
      expect(await query()).to.deep.equal([{value: 12}]);
      answer(vector([{pod: 'a'}, '3']));
      expect(await query()).to.deep.equal([{value: 3}]);
    });

    it('is missing where there is no number, with the reason', async () => {
      answer(vector());
      expect(await why()).to.equal('the query answers with no series');
      answer(vector([{}, 'NaN']));
      expect(await why()).to.equal('Prometheus answers `NaN`');
      answer(vector([{}, '+Inf']));
      expect(await why()).to.equal('Prometheus answers `+Inf`');
      answer({resultType: 'matrix', result: []});
      expect(await why()).to.contain('answers with a matrix');
      answer({resultType: 'vector', result: [{metric: {}, histogram: [1, {}]}]});
      expect(await why()).to.contain('histogram_quantile');
      server.handle((_request, response) => response.end('<html>'));
      expect(await why()).to.contain('something else');
    });

    it('takes several series only where the label that tells them apart is named', async () => {
      answer(vector([{pod: 'a'}, '1'], [{pod: 'b'}, '2']));
      expect(await why())
        .to.contain('expected one series; got 2 ({pod="a"}, {pod="b"}')
        .and.to.contain('`subject`');
      expect(await query({subject: 'pod'})).to.deep.equal([
        {value: 1, subject: 'a'},
        {value: 2, subject: 'b'},
      ]);
      expect(await why({subject: 'node'})).to.equal('a series of the answer has no label `node`');
      answer(vector([{pod: 'a', le: '1'}, '1'], [{pod: 'a', le: '2'}, '2']));
      expect(await why({subject: 'pod'})).to.contain('aggregate them by (pod)');
    });

    it('does not believe an old answer', async () => {
      answer({resultType: 'scalar', result: [now() - 300, '12']});
      expect(await why()).to.match(/^the answer is (299|300|301)s old$/);
    });

    it('repeats what Prometheus says about a query it refuses, and names the server as the one that failed', async () => {
      server.handle((_request, response) =>
        response.writeHead(400).end(JSON.stringify({status: 'error', errorType: 'bad_data', error: 'parse error'})),
      );
      expect(await why()).to.equal('Prometheus refuses the query (bad_data): parse error');
      server.handle((_request, response) => response.writeHead(502).end('Bad gateway'));
      expect(await why()).to.equal('Prometheus: status 502');
      const closed = sources(`http://127.0.0.1:${await closedPort()}`);
      expect(await one(prometheus, {from: 'metrics', query: 'up'}, {with: closed})).to.equal(
        'Prometheus: connection refused',
      );
    });

    it('is refused where the source is not declared', async () => {
      const error = await rejection(read(prometheus, {from: 'metriks', query: 'up'}, {with: sources(server.url)}));
      expect(error).to.contain('`metriks`');
    });
  });
});
