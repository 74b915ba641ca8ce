import {expect} from 'chai';
import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {echo, endOf, openProxyStage, roundTrip, serveTcp, type ProxyStage} from '../support/proxy-stage.js';
import {quickest, watchLateness} from '../support/lateness.js';
import {until} from '../support/processes.js';

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

describe('proxy: what each toxic does to real connections', () => {
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
  beforeEach(async () => {
    upstream = await serveTcp(echo);
    stage = await openProxyStage(upstream.server);
  });
  afterEach(async () => {
    await stage.close();
    await upstream.close();
  });

  describe('latency', () => {
    for (const [direction, times] of [
      ['downstream', 1],
      ['upstream', 1],
      ['both', 2],
    ] as const) {
      it(`delays a round trip by ${times} × the delay when the direction is ${direction}, on an existing connection`, async () => {
        const client = await stage.client();
        const before = await quickest(() => roundTrip(client), 40);
        await stage.add('l', {type: 'latency', attributes: {delayMs: 60, jitterMs: 0}, direction});
        const during = [await roundTrip(client), await roundTrip(client), await roundTrip(client)];
        const least = await quickest(() => roundTrip(client), 60 * times + 40);
        await stage.remove('l');
        expect(before).to.be.below(40);
        expect(median(during)).to.be.at.least(60 * times);
        expect(least).to.be.below(60 * times + 40);
        expect(await quickest(() => roundTrip(client), 40)).to.be.below(40);
      });
    }

    it('delays chunks that follow each other by the delay once, not once each', async () => {
      const client = await stage.client();
      await stage.add('l', {type: 'latency', attributes: {delayMs: 100, jitterMs: 0}});
      const from = performance.now();
      let received = 0;
      const all = new Promise<void>(resolve => {
        client.on('data', (chunk: Buffer) => {
          received += chunk.length;
          if (received === 20) resolve();
        });
      });
      for (let i = 0; i < 20; i++) {
        client.write('x');
        await sleep(5);
      }
      const sent = performance.now();
      await all;
      expect(performance.now() - from).to.be.at.least(190);
      expect(performance.now() - sent).to.be.below(250 + late());
    });

    it('varies the delay by the jitter and keeps the order of the bytes', async () => {
      const client = await stage.client();
      await stage.add('l', {type: 'latency', attributes: {delayMs: 40, jitterMs: 30}, seed: 7});
      const times: number[] = [];
      for (let i = 0; i < 12; i++) times.push(await roundTrip(client));
      expect(Math.min(...times)).to.be.within(10, 38 + late());
      expect(Math.max(...times)).to.be.within(45, 110 + late());
      let text = '';
      client.on('data', (chunk: Buffer) => (text += chunk.toString()));
      const sent = Array.from({length: 200}, (_, i) => `${i},`).join('');
      for (const part of sent.match(/.{1,3}/g)!) client.write(part);
      client.end();
      await once(client, 'end');
      expect(text).to.equal(sent);
    });

    it('lets a fast transfer stay fast: the bytes in flight are held, not sent one by one', async () => {
      const size = 8 << 20;
      await serve(socket => socket.end(Buffer.alloc(size)));
      await stage.add('l', {type: 'latency', attributes: {delayMs: 50, jitterMs: 0}});
      const client = await stage.client();
      const from = performance.now();
      let received = 0;
      client.on('data', (chunk: Buffer) => (received += chunk.length));
      await once(client, 'end');
      expect(received).to.equal(size);
      expect(performance.now() - from).to.be.below(1500 + late());
    });
  });

  describe('bandwidth', () => {
    it('limits what is answered to the rate, within a tenth', async () => {
      await serve(socket => socket.end(Buffer.alloc(300_000)));
      await stage.add('b', {type: 'bandwidth', attributes: {bytesPerSecond: 200_000}});
      const client = await stage.client();
      const from = performance.now();
      let received = 0;
      client.on('data', (chunk: Buffer) => (received += chunk.length));
      await once(client, 'end');
      expect(received).to.equal(300_000);
      expect(performance.now() - from).to.be.within(1e6 * (0.3 / 215), 1e6 * (0.3 / 180) + late());
    });

    it('limits what is sent by itself, and makes the sender wait', async () => {
      let received = 0;
      await serve(socket => socket.on('data', (chunk: Buffer) => (received += chunk.length)));
      await stage.add('b', {type: 'bandwidth', attributes: {bytesPerSecond: 100_000}, direction: 'upstream'});
      const client = await stage.client();
      client.write(Buffer.alloc(64 << 20));
      const from = performance.now();
      await sleep(1000);
      expect(received).to.be.within(75_000 - 100 * late(), 125 * (performance.now() - from));
      expect(client.writableLength, 'the sender still holds most of it').to.be.above(32 << 20);
    });
  });

  describe('down', () => {
    it('cuts existing connections, refuses new ones, and lets them through again afterwards', async () => {
      const existing = await stage.client();
      await roundTrip(existing);
      const cut = endOf(existing);
      await stage.add('d', {type: 'down'});
      expect(await cut).to.equal('ECONNRESET');
      const refused = connect(stage.port, '127.0.0.1');
      expect(await endOf(refused)).to.be.oneOf(['ECONNRESET', 'ECONNREFUSED']);
      expect((await stage.view()).toxics[0]!.exercised).to.equal(2);
      await stage.remove('d');
      const again = await stage.client();
      expect(await quickest(() => roundTrip(again), 50)).to.be.below(50);
    });
  });

  describe('reset', () => {
    it('ends an existing connection with an RST, not a FIN, towards client and upstream', async () => {
      const ends: Promise<string>[] = [];
      await serve(socket => {
        ends.push(endOf(socket));
        socket.write('hello');
      });
      const client = await stage.client();
      await once(client, 'data');
      const end = endOf(client);
      await stage.add('r', {type: 'reset'});
      expect(await end).to.equal('ECONNRESET');
      expect(await ends[0]).to.equal('ECONNRESET');
    });

    it('resets new connections while it is in force', async () => {
      await stage.add('r', {type: 'reset'});
      expect(await endOf(connect(stage.port, '127.0.0.1'))).to.equal('ECONNRESET');
      await stage.remove('r');
      await roundTrip(await stage.client());
    });
  });

  describe('share', () => {
    const slowOnes = async (seed: number) => {
      await stage.add('l', {type: 'latency', attributes: {delayMs: 1000, jitterMs: 0}, share: 0.3, seed});
      const clients: Socket[] = [];
      for (let i = 0; i < 20; i++) clients.push(await stage.client());
      const slow = await Promise.all(clients.map(async client => (await roundTrip(client)) >= 990));
      for (const client of clients) client.destroy();
      await stage.remove('l');
      return slow;
    };

    it('hits that share of the connections, the same ones for the same seed', async function () {
      const first = await slowOnes(11);
      expect(first.filter(Boolean).length).to.be.within(5, 7);
      expect(await slowOnes(11)).to.deep.equal(first);
      expect(await slowOnes(12345)).to.not.deep.equal(first);
    });

    it('hits that share of the existing connections too', async () => {
      const clients = await Promise.all(Array.from({length: 20}, () => stage.client()));
      await Promise.all(clients.map(client => roundTrip(client)));
      await stage.add('r', {type: 'reset', share: 0.5});
      const cut = () => clients.filter(client => client.destroyed).length;
      await until('half of them are cut', () => cut() >= 9);
      await sleep(50);
      expect(cut()).to.be.within(9, 11);
    });
  });

  it('ends a toxic when its time to live runs out, reports it, and counts a renewed one from then', async () => {
    const client = await stage.client();
    await stage.add('l', {type: 'latency', attributes: {delayMs: 100, jitterMs: 0}, ttlMs: 1500});
    await stage.add('m', {type: 'latency', attributes: {delayMs: 1, jitterMs: 0}, ttlMs: 1500});
    const renewed = await stage.ask('POST', '/v1/connections/inventory/toxics/m/renew', {ttlMs: 60_000});
    expect(renewed.status).to.equal(200);
    expect(await roundTrip(client)).to.be.above(95);
    await until('one is over', async () => (await stage.view()).toxics.length === 1);
    expect(await quickest(() => roundTrip(client), 60)).to.be.below(60);
    const {toxics, ended} = await stage.view();
    expect(toxics.map(toxic => toxic.id)).to.deep.equal(['m']);
    expect(ended.map(({id, why}) => `${id} ${why}`)).to.deep.equal(['l expired']);
    expect(stage.log.join('\n')).to.include('inventory: toxic l expired');
  });

  it('removes a toxic once only, and says so', async () => {
    await stage.add('l', {type: 'latency', attributes: {delayMs: 5, jitterMs: 0}});
    const path = '/v1/connections/inventory/toxics/l';
    expect((await stage.ask('DELETE', path)).body).to.deep.equal({removed: true});
    expect((await stage.ask('DELETE', path)).body).to.deep.equal({removed: false});
  });
});
