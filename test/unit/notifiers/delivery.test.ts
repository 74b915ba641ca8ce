import {once} from 'node:events';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {expect} from 'chai';
import type {Notice, Notifier} from '../../../src/notifiers/contract.js';
import {Deliveries, type DeliveryLimits} from '../../../src/notifiers/delivery.js';

const FAST: Partial<DeliveryLimits> = {pauseMs: 1, answerMs: 30_000};
const LONG_MS = 60_000;

interface Received {
  readonly path: string;
  readonly body: string;
}

/** Answers by what `reply` does; remembers what came, in order. */
async function recorder(reply: (response: ServerResponse, nth: number) => void) {
  const received: Received[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({path: request.url ?? '', body});
      reply(response, received.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return {url, received, [Symbol.asyncDispose]: close};
}

const status =
  (code: number, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(code, headers).end('{}');

function notice(text: string): Notice {
  return {moment: 'injected', at: '2026-11-30T09:00:00.000Z', run: 'r', title: 't', host: 'h', text};
}

/** Sends the text of each notice as it is. */
function plain(url: string, answered?: Notifier['answered']): Notifier {
  return {
    message: ({text}) => ({method: 'POST', url, headers: {'content-type': 'text/plain'}, body: text}),
    ...(answered === undefined ? {} : {answered}),
  };
}

const keep = (text: string) => text;
const to = (name: string, url: string) => ({name, notifier: plain(url)});

describe('the delivery of notices', () => {
  it('is in order, one at a time', async () => {
    await using server = await recorder((response, nth) => setTimeout(() => response.end('{}'), nth === 1 ? 50 : 0));
    const deliveries = new Deliveries([to('hook', server.url)], keep, FAST);
    for (const text of ['a', 'b', 'c']) deliveries.tell(notice(text));
    expect(await deliveries.close(LONG_MS)).to.deep.equal([]);
    expect(server.received.map(({body}) => body)).to.deep.equal(['a', 'b', 'c']);
  });

  for (const [name, code, headers] of [
    ['a server error', 503, {}],
    ['a server that asks to wait', 429, {'retry-after': '0'}],
  ] as const)
    it(`is tried again after ${name}`, async () => {
      await using server = await recorder((response, nth) => status(nth < 3 ? code : 202, headers)(response));
      const deliveries = new Deliveries([to('hook', server.url)], keep, FAST);
      deliveries.tell(notice('a'));
      expect(await deliveries.close(LONG_MS)).to.deep.equal([]);
      expect(server.received.map(({body}) => body)).to.deep.equal(['a', 'a', 'a']);
    });

  it('is given up after some attempts, and what was not told is said', async () => {
    await using server = await recorder(status(500));
    const deliveries = new Deliveries([to('hook', server.url)], keep, FAST);
    deliveries.tell(notice('a'));
    deliveries.tell(notice('b'));
    expect(await deliveries.close(LONG_MS)).to.deep.equal([
      'hook was not told of 2 of 2 notices: it answered with status 500',
    ]);
    expect(server.received).to.have.length(6);
  });

  it('is not tried again where the request itself is refused', async () => {
    await using server = await recorder((response, nth) => status(nth === 1 ? 403 : 200)(response));
    const deliveries = new Deliveries([to('hook', server.url)], keep, FAST);
    deliveries.tell(notice('a'));
    deliveries.tell(notice('b'));
    expect(await deliveries.close(LONG_MS)).to.deep.equal([
      'hook was not told of 1 of 2 notices: it answered with status 403',
    ]);
    expect(server.received.map(({body}) => body)).to.deep.equal(['a', 'b']);
  });

  it('to one place does not wait for another that never answers, and the end waits only so long', async () => {
    await using silent = await recorder(() => undefined);
    await using server = await recorder(status(200));
    const deliveries = new Deliveries([to('silent', silent.url), to('hook', server.url)], keep, FAST);
    deliveries.tell(notice('a'));
    deliveries.tell(notice('b'));
    const [said, ...others] = await deliveries.close(300);
    expect(others).to.deep.equal([]);
    expect(said).to.match(/^silent was not told of 2 of 2 notices: the run was over$/);
    expect(server.received.map(({body}) => body)).to.deep.equal(['a', 'b']);
  });

  it('gives an answer up that does not end', async () => {
    await using server = await recorder(response => {
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', pour);
      pour();
    });
    const deliveries = new Deliveries([to('hook', server.url)], keep, {...FAST, attempts: 1});
    deliveries.tell(notice('a'));
    expect(await deliveries.close(LONG_MS)).to.deep.equal([
      'hook was not told of 1 of 1 notices: its answer is longer than 65536 bytes',
    ]);
  });

  it('says that nobody listens, without the secret in the reason', async () => {
    const closed = await recorder(status(200));
    await closed[Symbol.asyncDispose]();
    const {port} = new URL(closed.url);
    const deliveries = new Deliveries([to('hook', closed.url)], text => text.replaceAll(port, '***'), FAST);
    deliveries.tell(notice('a'));
    const [said] = await deliveries.close(LONG_MS);
    expect(said).to.match(/^hook was not told of 1 of 1 notices: .*ECONNREFUSED.*\*\*\*/);
  });

  it('drops what comes while too many wait', async () => {
    await using silent = await recorder(() => undefined);
    const deliveries = new Deliveries([to('hook', silent.url)], keep, {...FAST, waiting: 2});
    for (const text of ['a', 'b', 'c', 'd']) deliveries.tell(notice(text));
    expect(await deliveries.close(0)).to.deep.equal([
      'hook was not told of 4 of 4 notices: too many were waiting; the run was over',
    ]);
  });

  it('hands the answer to an accepted message on before the next one is made', async () => {
    await using server = await recorder((response, nth) => response.end(String(nth)));
    const answers: string[] = [];
    const notifier = plain(server.url, (_, body) => void answers.push(body));
    const aware: Notifier = {
      ...notifier,
      message: one => {
        const message = notifier.message(one);
        return message && {...message, body: `${one.text} after ${answers.join('+') || 'nothing'}`};
      },
    };
    const deliveries = new Deliveries([{name: 'hook', notifier: aware}], keep, FAST);
    for (const text of ['a', 'b', 'c']) deliveries.tell(notice(text));
    expect(await deliveries.close(LONG_MS)).to.deep.equal([]);
    expect(server.received.map(({body}) => body)).to.deep.equal(['a after nothing', 'b after 1', 'c after 1+2']);
  });
});
