import {once} from 'node:events';
import {createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import {expect} from 'chai';
import {dial, type DialOptions} from '../../src/system/dial.js';
import {closedPort, watchHandles} from '../support/http-server.js';
import {startStalled, type StalledServer} from '../support/stalled.js';

const FOUR = {address: '127.0.0.1', family: 4};
const SIX = {address: '::1', family: 6};
/** Longer than Node lets an address live where the name has another one. */
const LONG_MS = 700;

/** A host whose name has these addresses. */
const named = (...addresses: (typeof FOUR)[]): DialOptions => ({addressesOf: () => Promise.resolve(addresses)});

/** How it ended: with a connection to this address, or with this error. */
async function outcome(port: number, options: DialOptions, host = 'shop.test'): Promise<string> {
  try {
    const socket = await dial({host, port}, options);
    const {remoteAddress} = socket;
    socket.destroy();
    return remoteAddress ?? '';
  } catch (error) {
    const {code, name} = error as NodeJS.ErrnoException;
    return typeof code === 'string' ? code : name;
  }
}

async function listen(host: string, port = 0): Promise<Server> {
  const server = createServer((socket: Socket) => socket.on('error', () => undefined).resume());
  server.listen({host, port, ipv6Only: true});
  await once(server, 'listening');
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

describe('dialling', () => {
  let leftOpen: () => Promise<readonly string[]>;
  const opened: {close(): unknown}[] = [];
  const open = <T extends {close(): unknown}>(one: T): T => {
    opened.push(one);
    return one;
  };

  beforeEach(() => {
    leftOpen = watchHandles();
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    expect(await leftOpen()).to.deep.equal([]);
  });

  for (const [how, addresses] of Object.entries({
    'the other address refuses': [FOUR, SIX],
    'the other address refuses, and comes first': [SIX, FOUR],
    'it is the only address': [FOUR],
  }))
    it(`gives no address up before its limit, by name as by address: ${how}`, async () => {
      const stalled: StalledServer = open(await startStalled());
      const begun = performance.now();
      const [byName, byAddress] = await Promise.all([
        outcome(stalled.port, {...named(...addresses), signal: AbortSignal.timeout(LONG_MS)}),
        outcome(stalled.port, {signal: AbortSignal.timeout(LONG_MS)}, '127.0.0.1'),
      ]);
      expect([byName, byAddress]).to.deep.equal(['TimeoutError', 'TimeoutError']);
      expect(performance.now() - begun).to.be.greaterThan(LONG_MS - 20);
    });

  it('tries the next address beside one that does not answer, and takes the first that accepts', async () => {
    const stalled = open(await startStalled());
    const six = open(await listen('::1', stalled.port));
    expect(await outcome(portOf(six), named(FOUR, SIX))).to.equal('::1');
  });

  it('goes on where an address refuses', async () => {
    const four = open(await listen('127.0.0.1'));
    expect(await outcome(portOf(four), named(SIX, FOUR))).to.equal('127.0.0.1');
  });

  it('tells what the server said, not that this machine has no way to another address of it', async () => {
    const port = await closedPort();
    const nowhere = {address: 'ff02::1', family: 6};
    expect(await outcome(port, named(nowhere, FOUR))).to.equal('ECONNREFUSED');
    expect(await outcome(port, named(FOUR, nowhere))).to.equal('ECONNREFUSED');
  });

  it('says what the name system said', async () => {
    expect(await outcome(1, {}, 'nobody.invalid')).to.match(/^(ENOTFOUND|EAI_AGAIN)$/);
  });

  it('ends at once with the reason of its signal, and leaves nothing open', async () => {
    const stalled = open(await startStalled());
    const over = new AbortController();
    const ended = outcome(stalled.port, {...named(FOUR, FOUR), signal: over.signal});
    await delay(50);
    over.abort(new RangeError('enough'));
    expect(await ended).to.equal('RangeError');
    expect(await outcome(stalled.port, {...named(FOUR), signal: over.signal})).to.equal('RangeError');
  });
});
