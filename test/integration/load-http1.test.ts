import {once} from 'node:events';
import type {Socket} from 'node:net';
import {setImmediate as nextTurn, setTimeout as delay} from 'node:timers/promises';
import {expect} from 'chai';
import fc from 'fast-check';
import type {HttpRequestSpec} from '../../src/signals/load/spec.js';
import {Pool} from 'undici';
import {HttpClient} from '../../src/signals/http/client.js';
import {PoolExchange} from '../../src/signals/http/pool.js';
import {answerRule} from '../../src/signals/load/answer.js';
import type {LoadSender} from '../../src/signals/load/requests.js';
import {requestSender} from '../../src/signals/load/senders.js';
import {loadUser, plainParts} from '../support/load-user.js';
import {startTcpServer, watchHandles} from '../support/http-server.js';

/** What the server does with a request: it writes these pieces one after the other, and then this. */
interface Answer {
  readonly pieces: readonly string[];
  readonly then: 'keep' | 'fin' | 'rst';
}

/** How long to wait for an answer that is to come, and for one that is not, ms. */
const PATIENCE_MS = 10_000;
const NEVER_MS = 150;

/** A server that answers every request of a connection in this way, and counts them. */
async function startScripted() {
  let answer: Answer = {pieces: [], then: 'keep'};
  let connections = 0;
  const server = await startTcpServer(socket => {
    connections++;
    void answerAll(socket, () => answer);
  });
  return {
    port: server.port,
    use: (next: Answer) => {
      answer = next;
      connections = 0;
    },
    connections: () => connections,
    close: () => server.close(),
  };
}

async function answerAll(socket: Socket, answer: () => Answer): Promise<void> {
  socket.on('data', () => {
    void (async () => {
      const {pieces, then} = answer();
      for (const [i, piece] of pieces.entries()) {
        if (i > 0) await nextTurn();
        if (!socket.writable) return;
        socket.write(piece, 'latin1');
      }
      if (then === 'fin') socket.end();
      // After what was written has left.
      if (then === 'rst') setTimeout(() => socket.resetAndDestroy(), 20);
    })();
  });
  await once(socket, 'close');
}

const requestTo = (port: number): HttpRequestSpec => ({
  method: 'GET',
  url: `http://127.0.0.1:${port}/`,
  headers: {},
  success: [[200, 399]],
});

/** The outcome of a request; what takes too long is given up, as the generator does. */
async function outcomeOf(sender: LoadSender, limitMs: number): Promise<string> {
  return new Promise(resolve => {
    const limit = setTimeout(() => {
      resolve('timeout');
      exchange.abort();
    }, limitMs);
    const exchange = sender.send(outcome => {
      clearTimeout(limit);
      resolve(outcome);
    }, loadUser());
  });
}

/** Outcomes of requests one after the other over one client, and how many connections it took. */
async function bySockets(port: number, count: number, limitMs = PATIENCE_MS): Promise<string[]> {
  const client = new HttpClient({maxInFlight: 10, timeoutMs: 1000});
  const sender = await requestSender({http: requestTo(port)}, plainParts(client));
  const outcomes = [];
  for (let i = 0; i < count; i++) {
    // A closed connection is known before the next request.
    if (i > 0) await delay(5);
    outcomes.push(await outcomeOf(sender, limitMs));
  }
  await client.close();
  return outcomes;
}

/** The same by Node's own parser of HTTP/1.1, as undici uses it. */
async function byUndici(port: number, count: number, limitMs = PATIENCE_MS): Promise<string[]> {
  const request = requestTo(port);
  const rule = answerRule(request);
  const pool = new Pool(new URL(request.url).origin, {connections: 10, pipelining: 1});
  const prepared = {
    url: new URL(request.url),
    method: request.method,
    headers: {},
    body: undefined,
    http2: false,
    check: {rejectUnauthorized: true},
    keptBytes: 0,
    mostBytes: Infinity,
  };
  const sender: LoadSender = {
    send: ended => {
      const exchange = new PoolExchange(prepared, reply => ended(rule.outcomeOf(reply, loadUser())), {answered: false});
      exchange.start(pool);
      return exchange;
    },
  };
  const outcomes = [];
  for (let i = 0; i < count; i++) {
    // A closed connection is known before the next request.
    if (i > 0) await delay(5);
    outcomes.push(await outcomeOf(sender, limitMs));
  }
  await pool.destroy();
  return outcomes;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const keep = (...pieces: string[]): Answer => ({pieces, then: 'keep'});

const ANSWERS: Readonly<Record<string, readonly [answer: Answer, outcome: string, connections: number]>> = {
  'a body of known length': [keep(`${OK}content-length: 5\r\n\r\nhello`), 'ok', 1],
  'an empty body': [keep(`${OK}Content-Length: 0\r\n\r\n`), 'ok', 1],
  'an answer that comes byte by byte': [keep(...Array.from(`${OK}Content-Length: 2\r\n\r\nok`)), 'ok', 1],
  chunks: [keep(`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n`), 'ok', 1],
  'chunks in pieces, with a trailer': [
    keep(`${OK}transfer-encoding: Chunked\r\n\r\n5\r`, '\nhel', 'lo\r\n', '0\r\nx-sum: 1\r', '\n\r\n'),
    'ok',
    1,
  ],
  'no body by its status': [keep('HTTP/1.1 204 No Content\r\n\r\n'), 'ok', 1],
  'not modified, with the length it would have': [
    keep('HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n'),
    'ok',
    1,
  ],
  'a hint before the answer': [
    keep('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', `${OK}content-length: 1\r\n\r\nx`),
    'ok',
    1,
  ],
  'an error status': [keep('HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n'), 'status-503', 1],
  'a status without words': [keep('HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n'), 'ok', 1],
  'a body until the connection closes': [{pieces: [`${OK}\r\nall of it`], then: 'fin'}, 'ok', 3],
  'a connection that is to be closed': [keep(`${OK}connection: close\r\ncontent-length: 2\r\n\r\nok`), 'ok', 3],
  'HTTP/1.0, which closes': [{pieces: ['HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok'], then: 'fin'}, 'ok', 3],
  'HTTP/1.0 that keeps the connection': [
    keep('HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok'),
    'ok',
    1,
  ],
  'idle connections kept for no time': [keep(`${OK}keep-alive: timeout=1\r\ncontent-length: 0\r\n\r\n`), 'ok', 3],
  'nothing, and closed': [{pieces: [], then: 'fin'}, 'reset', 3],
  'nothing, and reset': [{pieces: [], then: 'rst'}, 'reset', 3],
  'half a head, and closed': [{pieces: [`${OK}content-le`], then: 'fin'}, 'reset', 3],
  'half a body, and closed': [{pieces: [`${OK}content-length: 10\r\n\r\nhalf`], then: 'fin'}, 'reset', 3],
  'half a body that was to be the last, and closed': [
    {pieces: [`${OK}connection: close\r\ncontent-length: 10\r\n\r\nhalf`], then: 'fin'},
    'reset',
    3,
  ],
  'half a body, and reset': [{pieces: [`${OK}content-length: 10\r\n\r\nhalf`], then: 'rst'}, 'reset', 3],
  'chunks without the last one, and closed': [
    {pieces: [`${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`], then: 'fin'},
    'reset',
    3,
  ],
  'a body that never ends': [keep(`${OK}content-length: 10\r\n\r\nhalf`), 'timeout', 3],
  'a head that never ends': [keep(`${OK}x-a: 1\r\n`), 'timeout', 3],
  'something that is no HTTP': [keep('SSH-2.0-OpenSSH_9.6\r\n'), 'other', 3],
  'another version': [keep('HTTP/3.0 200 OK\r\n\r\n'), 'other', 3],
  'a chunk without a size': [keep(`${OK}transfer-encoding: chunked\r\n\r\nnope\r\n`), 'other', 3],
  'a length that is none': [keep(`${OK}content-length: many\r\n\r\n`), 'other', 3],
  'two lengths': [keep(`${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nxx`), 'other', 3],
  'a length and chunks': [keep(`${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`), 'other', 3],
  'a line that is no field': [keep(`${OK}no colon here\r\n\r\n`), 'other', 3],
  'control characters in a field': [keep(`${OK}x-a: \u0001\r\n\r\n`), 'other', 3],
  'a bad field in a head that never ends': [keep(`${OK}bad field: 1\r\nx-a: 1\r\n`), 'other', 3],
  'a head without end': [keep(`${OK}${`x-a: ${'a'.repeat(1000)}\r\n`.repeat(40)}`), 'other', 3],
};

const heads = fc
  .record({
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/9'),
    status: fc.constantFrom(
      '200 OK',
      '201',
      '204 No Content',
      '304 Not Modified',
      '404 Not Found',
      '500 Oh',
      '20x',
      '99 ',
    ),
    fields: fc.array(
      fc.constantFrom(
        'content-length: 5',
        'content-length: 5',
        'Content-Length: 0',
        'content-length: 50',
        'content-length: -1',
        'transfer-encoding: chunked',
        'Transfer-Encoding: gzip, chunked',
        'connection: close',
        'connection: keep-alive',
        'x-long: ' + 'y'.repeat(300),
        'x-empty:',
        'bad header: 1',
        'no colon',
      ),
      {maxLength: 3},
    ),
  })
  .map(({version, status, fields}) => `${version} ${status}\r\n${fields.map(field => `${field}\r\n`).join('')}\r\n`);
const bodies = fc.constantFrom(
  '',
  'hello',
  'hel',
  '5\r\nhello\r\n0\r\n\r\n',
  '5\r\nhello\r\n',
  'zz\r\n',
  '5\r\nhelloX0\r\n\r\n',
);

/** Answers of which everything may be wrong, cut into pieces anywhere. */
const answers = fc
  .record({
    early: fc.constantFrom('', '', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'),
    head: heads,
    body: bodies,
    cuts: fc.array(fc.integer({min: 1, max: 120}), {maxLength: 3}),
  })
  .map(({early, head, body, cuts}): Answer => {
    const text = early + head + body;
    const edges = [0, ...[...cuts].sort((a, b) => a - b), text.length];
    const pieces = edges.slice(1).map((end, i) => text.slice(edges[i], end));
    return {pieces: pieces.filter(piece => piece !== ''), then: 'fin'};
  });

describe('requests over sockets of our own', () => {
  let server: Awaited<ReturnType<typeof startScripted>>;

  before(async () => {
    server = await startScripted();
  });

  after(async () => {
    await server.close();
  });

  for (const [name, [answer, outcome, connections]] of Object.entries(ANSWERS)) {
    it(`read ${name}: ${outcome}, ${connections === 1 ? 'and keep the connection' : 'and open a new one each time'}`, async () => {
      server.use(answer);
      expect(await bySockets(server.port, 3, outcome === 'timeout' ? NEVER_MS : PATIENCE_MS)).to.deep.equal([
        outcome,
        outcome,
        outcome,
      ]);
      expect(server.connections()).to.equal(connections);
    });

    it(`and by undici alike: ${name}`, async () => {
      server.use(answer);
      expect(await byUndici(server.port, 3, outcome === 'timeout' ? NEVER_MS : PATIENCE_MS)).to.deep.equal([
        outcome,
        outcome,
        outcome,
      ]);
    });
  }

  it('read no body after a HEAD, and send the length of an empty body where there may be one', async () => {
    const seen: string[] = [];
    const recording = await startTcpServer(socket => {
      socket.on('data', bytes => {
        seen.push(bytes.toString());
        socket.write(`${OK}content-length: 5\r\n\r\n${bytes.toString().startsWith('HEAD') ? '' : 'hello'}`);
      });
    });
    const client = new HttpClient({maxInFlight: 10, timeoutMs: 1000});
    for (const method of ['HEAD', 'POST', 'DELETE', 'HEAD']) {
      const sender = await requestSender(
        {http: {...requestTo(recording.port), method, headers: {'X-A': 'b'}}},
        plainParts(client),
      );
      expect(await outcomeOf(sender, PATIENCE_MS), method).to.equal('ok');
    }
    expect(recording.connections()).to.equal(1);
    await client.close();
    await recording.close();
    const host = `host: 127.0.0.1:${recording.port}\r\nconnection: keep-alive\r\nuser-agent: firedrill\r\nx-a: b\r\n`;
    expect(seen.slice(0, 3)).to.deep.equal([
      `HEAD / HTTP/1.1\r\n${host}\r\n`,
      `POST / HTTP/1.1\r\n${host}content-length: 0\r\n\r\n`,
      `DELETE / HTTP/1.1\r\n${host}\r\n`,
    ]);
  });

  it('leave nothing open when the load ends in the middle of everything', async () => {
    const leftOpen = watchHandles();
    const hanging = await startTcpServer(() => undefined);
    const client = new HttpClient({maxInFlight: 10, timeoutMs: 1000});
    const sender = await requestSender({http: requestTo(hanging.port)}, plainParts(client));
    const outcomes: string[] = [];
    for (let i = 0; i < 5; i++) sender.send(outcome => outcomes.push(outcome), loadUser());
    await delay(50);
    await client.close();
    expect(outcomes).to.deep.equal(['aborted', 'aborted', 'aborted', 'aborted', 'aborted']);
    await hanging.close();
    expect(await leftOpen()).to.deep.equal([]);
  });

  it('end in the same outcomes by both, whatever a nasty server answers', async function () {
    await fc.assert(
      fc.asyncProperty(answers, async answer => {
        server.use(answer);
        expect(await bySockets(server.port, 2), JSON.stringify(answer)).to.deep.equal(await byUndici(server.port, 2));
      }),
      {numRuns: 150, interruptAfterTimeLimit: 4000},
    );
  });
});
