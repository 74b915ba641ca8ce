import {expect} from 'chai';
import {spawn} from 'node:child_process';
import {createHash, randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {Agent, createServer as createHttpServer, get, request} from 'node:http';
import {connect, type AddressInfo, type Socket} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {echo, endOf, openProxyStage, roundTrip, serveTcp, type ProxyStage} from '../support/proxy-stage.js';
import {quickest, watchLateness} from '../support/lateness.js';

/** Listens and never accepts: once its queue is full, connecting to it takes until somebody gives up. */
async function startDeafServer(): Promise<{port: number; close(): Promise<void>}> {
  const source = `
    const server = require('node:net').createServer();
    server.listen({port: 0, host: '127.0.0.1', backlog: 1}, () => {
      require('node:fs').writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ['-e', source], {stdio: ['ignore', 'pipe', 'inherit']});
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(text.toString());
  const fillers = Array.from({length: 4}, () => connect(port, '127.0.0.1').on('error', () => undefined));
  await sleep(100);
  return {
    port,
    close: async () => {
      for (const socket of fillers) socket.destroy();
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe('proxy: the data path', () => {
  const late = watchLateness();
  const closers: (() => Promise<void>)[] = [];
  const stageFor = async (serve: (socket: Socket) => void): Promise<ProxyStage> => {
    const upstream = await serveTcp(serve);
    const stage = await openProxyStage(upstream.server);
    closers.push(() => upstream.close());
    closers.push(() => stage.close());
    return stage;
  };
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  it('passes a half-closed connection on: the upstream answers after the client has ended', async () => {
    const stage = await stageFor(socket => {
      let size = 0;
      socket.on('data', (chunk: Buffer) => (size += chunk.length));
      socket.on('end', () => socket.end(`got ${size}`));
    });
    const client = await stage.client();
    let text = '';
    client.on('data', (chunk: Buffer) => (text += chunk.toString()));
    client.end(Buffer.alloc(100_000));
    await once(client, 'end');
    expect(text).to.equal('got 100000');
  });

  for (const [title, act, seen] of [
    ['a FIN as a FIN', (socket: Socket): unknown => socket.end(), 'FIN'],
    ['an RST as an RST', (socket: Socket): unknown => socket.resetAndDestroy(), 'ECONNRESET'],
  ] as const) {
    it(`passes ${title} on from the upstream to the client`, async () => {
      const stage = await stageFor(socket => socket.once('data', () => act(socket)));
      const client = await stage.client();
      const end = endOf(client);
      client.write('x');
      expect(await end).to.equal(seen);
    });

    it(`passes ${title} on from the client to the upstream`, async () => {
      let ended: Promise<string> | undefined;
      const stage = await stageFor(socket => {
        ended = endOf(socket);
        socket.write('x');
      });
      const client = await stage.client();
      await once(client, 'data');
      act(client);
      expect(await ended).to.equal(seen);
    });
  }

  it('resets the client when the upstream refuses, and counts it', async () => {
    const nobody = await serveTcp(echo);
    const {port} = nobody.server.address() as AddressInfo;
    await nobody.close();
    const stage = await openProxyStage(port);
    closers.push(() => stage.close());
    expect(await endOf(connect(stage.port, '127.0.0.1'))).to.equal('ECONNRESET');
    expect(await stage.view()).to.include({unreachable: 1, open: 0, accepted: 1});
  });

  it('gives up on an upstream that does not answer in time without holding up others', async () => {
    const deaf = await startDeafServer();
    closers.push(() => deaf.close());
    const stage = await openProxyStage(deaf.port, {connectTimeoutMs: 2000});
    closers.push(() => stage.close());
    const from = performance.now();
    const clients = await Promise.all(Array.from({length: 3}, () => stage.client()));
    const ends = Promise.all(clients.map(client => endOf(client)));
    expect((await stage.view()).open, 'the control API answers meanwhile').to.equal(3);
    expect(await ends).to.deep.equal(['ECONNRESET', 'ECONNRESET', 'ECONNRESET']);
    expect(performance.now() - from).to.be.within(1980, 3500 + late());
    expect(await stage.view()).to.include({unreachable: 3});
  });

  it('keeps 200 connections apart', async () => {
    const stage = await stageFor(echo);
    await stage.add('l', {type: 'latency', attributes: {delayMs: 30, jitterMs: 20}, direction: 'both'});
    const answers = await Promise.all(
      Array.from({length: 200}, async (_, i) => {
        const client = await stage.client();
        let text = '';
        client.on('data', (chunk: Buffer) => (text += chunk.toString()));
        client.write(`hello ${i} `);
        client.end(`from ${i}`);
        await once(client, 'end');
        return text === `hello ${i} from ${i}`;
      }),
    );
    expect(answers.filter(Boolean).length).to.equal(200);
    await sleep(50);
    expect(await stage.view()).to.include({accepted: 200, open: 0});
  });

  it('delivers a large transfer byte for byte while stream toxics come and go, in both directions', async function () {
    const stage = await stageFor(echo);
    const client = await stage.client();
    const block = randomBytes(1 << 20);
    const [sent, received] = [createHash('sha256'), createHash('sha256')];
    let bytes = 0;
    client.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      received.update(chunk);
    });
    const ended = once(client, 'end');
    const toxics = (async () => {
      for (let round = 0; round < 12; round++) {
        await stage.add('l', {type: 'latency', attributes: {delayMs: 20, jitterMs: 15}, direction: 'both'});
        await sleep(15);
        await stage.add('b', {type: 'bandwidth', attributes: {bytesPerSecond: 3e7}, direction: 'both'});
        await sleep(40);
        await stage.remove('l');
        await sleep(15);
        await stage.remove('b');
      }
    })();
    for (let i = 0; i < 96; i++) {
      sent.update(block);
      if (!client.write(block)) await once(client, 'drain');
    }
    client.end();
    await Promise.all([ended, toxics]);
    expect(bytes).to.equal(96 << 20);
    expect(received.digest('hex')).to.equal(sent.digest('hex'));
  });

  it('releases what a toxic held as soon as it is removed', async () => {
    const stage = await stageFor(echo);
    const client = await stage.client();
    await stage.add('l', {type: 'latency', attributes: {delayMs: 60_000, jitterMs: 0}});
    await stage.add('b', {type: 'bandwidth', attributes: {bytesPerSecond: 1}});
    let bytes = 0;
    const all = new Promise<void>(resolve => {
      client.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes === 500_000) resolve();
      });
    });
    client.write(Buffer.alloc(500_000));
    await sleep(100);
    const from = performance.now();
    await stage.remove('l');
    await stage.remove('b');
    await all;
    expect(performance.now() - from).to.be.below(1000 + late());
  });

  it('answers the control API and undoes while a client reads nothing at all', async () => {
    const stage = await stageFor(socket => {
      const block = Buffer.alloc(1 << 20);
      const send = () => {
        while (socket.write(block));
      };
      socket.on('drain', send);
      send();
    });
    const client = await stage.client();
    client.pause();
    await stage.add('l', {type: 'latency', attributes: {delayMs: 50, jitterMs: 0}});
    await stage.add('b', {type: 'bandwidth', attributes: {bytesPerSecond: 1e8}});
    await sleep(300);
    const before = process.memoryUsage().rss;
    const from = performance.now();
    await stage.remove('l');
    await stage.remove('b');
    expect((await stage.view()).toxics).to.deep.equal([]);
    expect(performance.now() - from).to.be.below(500 + late());
    await sleep(300);
    expect(process.memoryUsage().rss - before).to.be.below(64 << 20);
  });

  it('passes HTTP keep-alive and a WebSocket upgrade untouched', async () => {
    const web = createHttpServer((request, response) => response.end(`answer to ${request.url ?? ''}`));
    web.on('upgrade', (_request, socket: Socket) => {
      socket.on('error', () => socket.destroy());
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
      socket.pipe(socket);
    });
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    const stage = await openProxyStage(web);
    closers.push(async () => {
      web.close();
      web.closeAllConnections();
      await stage.close();
    });
    const agent = new Agent({keepAlive: true, maxSockets: 1});
    for (const path of ['/a', '/b', '/c']) {
      const [response] = (await once(get({port: stage.port, host: '127.0.0.1', path, agent}), 'response')) as [
        NodeJS.ReadableStream,
      ];
      let text = '';
      for await (const chunk of response) text += String(chunk);
      expect(text).to.equal(`answer to ${path}`);
    }
    expect((await stage.view()).accepted, 'one connection served all three').to.equal(1);
    agent.destroy();
    const upgrade = request({
      port: stage.port,
      host: '127.0.0.1',
      headers: {connection: 'Upgrade', upgrade: 'websocket'},
    });
    upgrade.end();
    const [, socket] = (await once(upgrade, 'upgrade')) as [unknown, Socket];
    expect(await quickest(() => roundTrip(socket), 100)).to.be.below(100);
    socket.destroy();
  });

  it('leaves no timer and no socket behind when it closes', async () => {
    const active = () => process.getActiveResourcesInfo().filter(kind => /TCP|Timeout/.test(kind)).length;
    await sleep(20);
    const before = active();
    const upstream = await serveTcp(echo);
    const stage = await openProxyStage(upstream.server);
    const client = await stage.client();
    await stage.add('l', {type: 'latency', attributes: {delayMs: 50_000, jitterMs: 0}, direction: 'both'});
    await stage.add('b', {type: 'bandwidth', attributes: {bytesPerSecond: 1}, direction: 'both'});
    client.write(Buffer.alloc(100_000));
    await sleep(50);
    await stage.close();
    await upstream.close();
    // The test's own HTTP client keeps a timer for a moment.
    let left = Infinity;
    for (let i = 0; i < 50 && left > before; i++) {
      await sleep(100);
      left = active();
    }
    expect(left).to.be.at.most(before);
  });
});
