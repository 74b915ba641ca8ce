import {expect} from 'chai';
import {once} from 'node:events';
import type {Socket} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {echo, endOf, openProxyStage, roundTrip, serveTcp, type ProxyStage} from '../support/proxy-stage.js';
import {quickest, watchLateness} from '../support/lateness.js';

/** What arrives within this time. */
async function arriving(socket: Socket, ms: number): Promise<number> {
  let bytes = 0;
  const count = (chunk: Buffer) => (bytes += chunk.length);
  socket.on('data', count);
  await sleep(ms);
  socket.off('data', count);
  return bytes;
}

describe('proxy: toxics that hold back, cut and end real connections', () => {
  const late = watchLateness();
  let upstream: Awaited<ReturnType<typeof serveTcp>>;
  let stage: ProxyStage;

  /** Replaces the default echo upstream. */
  const serve = async (body: (socket: Socket) => void) => {
    await stage.close();
    await upstream.close();
    upstream = await serveTcp(body);
    stage = await openProxyStage(upstream.server);
  };
  const exercised = async () => (await stage.view()).toxics[0]?.exercised;
  /** Every connection that a test is done with is gone from the proxy too. */
  const noneOpen = async () => {
    for (let i = 0; i < 40 && (await stage.view()).open > 0; i++) await sleep(25);
    expect((await stage.view()).open).to.equal(0);
  };
  beforeEach(async () => {
    upstream = await serveTcp(echo);
    stage = await openProxyStage(upstream.server);
  });
  afterEach(async () => {
    await stage.close();
    await upstream.close();
  });

  describe('slow-close', () => {
    it('hands data on at once and the close later, which it counts', async () => {
      await serve(socket => socket.end('bye'));
      await stage.add('s', {type: 'slow-close', attributes: {delayMs: 200}});
      const from = performance.now();
      const client = await stage.client();
      await once(client, 'data');
      const data = performance.now() - from;
      await once(client, 'end');
      const end = performance.now() - from;
      expect(data).to.be.below(100 + late());
      expect(end).to.be.within(195, 350 + late());
      expect(await exercised()).to.equal(1);
      client.end();
      await noneOpen();
    });

    it('lets closes that it holds go on at once when it is removed', async () => {
      await serve(socket => socket.end('bye'));
      await stage.add('s', {type: 'slow-close', attributes: {delayMs: 60_000}});
      const client = await stage.client();
      client.resume();
      await sleep(60);
      expect(client.readableEnded).to.equal(false);
      const end = once(client, 'end');
      await stage.remove('s');
      await end;
    });
  });

  describe('timeout', () => {
    it('swallows what is answered and closes the connection, existing or new, after its time', async () => {
      const existing = await stage.client();
      await roundTrip(existing);
      await stage.add('t', {type: 'timeout', attributes: {afterMs: 200}});
      const from = performance.now();
      const fresh = await stage.client();
      for (const client of [existing, fresh]) client.write('x');
      const received = arriving(existing, 100);
      expect(await Promise.all([endOf(existing), endOf(fresh)])).to.deep.equal(['FIN', 'FIN']);
      expect(performance.now() - from).to.be.within(150, 350 + late());
      expect(await received).to.equal(0);
      expect(await exercised()).to.equal(2);
      await noneOpen();
    });

    it('holds a connection without an end when no time is given, and resets it when it is removed: bytes are missing', async () => {
      await stage.add('t', {type: 'timeout', attributes: {afterMs: null}});
      const [used, idle] = [await stage.client(), await stage.client()];
      used.write('x');
      expect(await arriving(used, 300)).to.equal(0);
      expect(used.destroyed).to.equal(false);
      const end = endOf(used);
      await stage.remove('t');
      expect(await end).to.equal('ECONNRESET');
      const goesOn = await quickest(() => roundTrip(idle), 50);
      expect(goesOn, 'one of which nothing was swallowed').to.be.below(50);
    });

    it('keeps the server in the dark when it swallows what is sent', async () => {
      let received = 0;
      await serve(socket => socket.on('data', (chunk: Buffer) => (received += chunk.length)));
      await stage.add('t', {type: 'timeout', attributes: {afterMs: null}, direction: 'upstream'});
      const client = await stage.client();
      client.write('x');
      await sleep(80);
      expect(received).to.equal(0);
    });

    it('lets a client go that gives up, also when the server closed before', async () => {
      await serve(socket => socket.once('data', () => socket.end('an answer')));
      await stage.add('t', {type: 'timeout', attributes: {afterMs: null}});
      const client = await stage.client();
      client.write('x');
      await sleep(50);
      expect((await stage.view()).open).to.equal(1);
      client.end();
      await noneOpen();
    });
  });

  describe('loss', () => {
    it('stalls existing and new connections, and delivers everything once it is removed', async () => {
      const existing = await stage.client();
      await roundTrip(existing);
      await stage.add('l', {type: 'loss'});
      const fresh = await stage.client();
      for (const client of [existing, fresh]) client.write('hello');
      expect(await Promise.all([arriving(existing, 200), arriving(fresh, 200)])).to.deep.equal([0, 0]);
      expect(await exercised()).to.equal(2);
      const both = Promise.all([arriving(existing, 1000), arriving(fresh, 1000)]);
      await stage.remove('l');
      expect(await both).to.deep.equal([5, 5]);
    });

    it('loses the share, and leaves the others alone', async () => {
      await stage.add('l', {type: 'loss', share: 0.5, seed: 3});
      const clients = await Promise.all(Array.from({length: 20}, () => stage.client()));
      for (const client of clients) client.write('x');
      const received = await Promise.all(clients.map(client => arriving(client, 1000)));
      expect(received.filter(bytes => bytes === 0).length).to.be.within(9, 11);
    });

    it('makes a sender wait rather than hold all that it sends', async () => {
      await stage.add('l', {type: 'loss'});
      const client = await stage.client();
      client.write(Buffer.alloc(32 << 20));
      await sleep(300);
      expect(client.writableLength).to.be.above(16 << 20);
    });

    it('lets clients go that give up, so that retries do not pile up', async () => {
      await stage.add('l', {type: 'loss'});
      for (let i = 0; i < 10; i++) {
        const client = await stage.client();
        client.write('x');
        await sleep(5);
        client.end();
      }
      await noneOpen();
    });
  });

  describe('slicer', () => {
    it('cuts what is answered into small packets, so far apart', async () => {
      const sent = 'x'.repeat(200);
      await serve(socket => socket.end(sent));
      await stage.add('s', {type: 'slicer', attributes: {averageBytes: 10, variationBytes: 5, delayMs: 10}});
      const client = await stage.client();
      const sizes: number[] = [];
      const from = performance.now();
      client.on('data', (chunk: Buffer) => sizes.push(chunk.length));
      await once(client, 'end');
      const took = performance.now() - from;
      expect(sizes.reduce((sum, size) => sum + size, 0)).to.equal(200);
      // Who comes late reads several at a time.
      expect(sizes.length, 'reads').to.be.within(Math.max(2, 8 - late() / 10), 42);
      expect(took).to.be.within(120, 450 + late());
      expect(await exercised()).to.equal(200);
    });
  });

  describe('limit-data', () => {
    it('closes a connection in an orderly way after exactly so many bytes, and new ones too', async () => {
      await serve(socket => socket.end(Buffer.alloc(5 << 20)));
      await stage.add('d', {type: 'limit-data', attributes: {bytes: 1_000_000}});
      for (const _client of [1, 2]) {
        const client = await stage.client();
        let received = 0;
        client.on('data', (chunk: Buffer) => (received += chunk.length));
        await once(client, 'end');
        expect(received).to.equal(1_000_000);
      }
      expect(await exercised()).to.equal(2);
      await noneOpen();
    });

    it('lets every byte arrive that it let through, also behind a latency', async () => {
      await stage.add('d', {type: 'limit-data', attributes: {bytes: 10}});
      await stage.add('l', {type: 'latency', attributes: {delayMs: 80, jitterMs: 0}});
      const client = await stage.client();
      const from = performance.now();
      client.write('0123456789abc');
      let text = '';
      client.on('data', (chunk: Buffer) => (text += chunk.toString()));
      await once(client, 'end');
      expect(text).to.equal('0123456789');
      expect(performance.now() - from).to.be.within(78, 250 + late());
    });

    it('counts from when it takes hold of an existing connection', async () => {
      const client = await stage.client();
      for (let i = 0; i < 5; i++) await roundTrip(client);
      await stage.add('d', {type: 'limit-data', attributes: {bytes: 3}});
      const end = endOf(client);
      client.write('xxxxx');
      expect(await end).to.equal('FIN');
    });
  });

  for (const [type, attributes] of [
    ['slow-close', {delayMs: 60_000}],
    ['timeout', {afterMs: 60_000}],
    ['loss', {}],
    ['slicer', {averageBytes: 1, variationBytes: 0, delayMs: 1000}],
    ['limit-data', {bytes: 3}],
  ] as const) {
    it(`${type} ends by itself when its time to live runs out, and new connections are well again`, async () => {
      await stage.add('x', {type, attributes, ttlMs: 150});
      const during = await stage.client();
      during.write('xxxx');
      await sleep(250);
      const {toxics, ended} = await stage.view();
      expect(toxics).to.deep.equal([]);
      expect(ended.map(({id, why}) => `${id} ${why}`)).to.deep.equal(['x expired']);
      const client = await stage.client();
      const answer = arriving(client, 60);
      client.write('0123456789');
      expect(await answer).to.equal(10);
      const end = once(client, 'end');
      client.resume().end();
      await end;
    });
  }

  for (const [type, attributes] of [
    ['slow-close', {delayMs: 0}],
    ['slow-close', {delay: 100}],
    ['timeout', {}],
    ['loss', {share: 1}],
    ['slicer', {averageBytes: 10, variationBytes: 10, delayMs: 0}],
    ['limit-data', {bytes: -1}],
  ] as const) {
    it(`refuses ${type} with ${JSON.stringify(attributes)}, and adds nothing`, async () => {
      const path = '/v1/connections/inventory/toxics/x';
      expect((await stage.ask('PUT', path, {type, attributes, ttlMs: 1000})).status).to.equal(400);
      expect((await stage.view()).toxics).to.deep.equal([]);
    });
  }
});
