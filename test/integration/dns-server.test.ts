import {createSocket, type Socket as Datagrams} from 'node:dgram';
import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import {expect} from 'chai';
import {decode, encode} from 'dns-packet';
import {FrameReader, frame} from '../../src/dns/frames.js';
import {nameServer} from '../../src/dns/resolver.js';
import {DnsServer} from '../../src/dns/server.js';
import type {DnsFault} from '../../src/quantities/dns.js';
import {startDnsServer, type TestDnsServer} from '../support/dns-server.js';
import {closedPort, watchHandles} from '../support/http-server.js';
import {until} from '../support/processes.js';
import {watchLateness} from '../support/lateness.js';

const question = (name: string, id = 1) => encode({type: 'query', id, flags: 0x0100, questions: [{name, type: 'A'}]});

const rcodeOf = (message: Buffer) => message.readUInt16BE(2) & 0xf;

describe('a name server that stands in for another', () => {
  const late = watchLateness();
  let upstream: TestDnsServer;
  let server: DnsServer;
  let datagrams: Datagrams;
  let leftOpen: () => Promise<readonly string[]>;
  const heard: Buffer[] = [];

  before(async () => {
    leftOpen = watchHandles();
    upstream = await startDnsServer();
    datagrams = createSocket('udp4').bind(0, '127.0.0.1');
    await once(datagrams, 'listening');
    datagrams.on('message', message => heard.push(message));
  });
  after(async () => {
    await upstream.close();
    await new Promise<void>(resolve => datagrams.close(resolve));
    expect(await leftOpen()).to.deep.equal([]);
  });
  beforeEach(() => {
    heard.length = 0;
    upstream.seen.length = 0;
    upstream.answer(({name}) => ({answers: [{name, type: 'A', ttl: 60, data: '10.0.0.1'}]}));
  });
  afterEach(() => server.close());

  const stand = async (fault: Partial<DnsFault> = {}, port = upstream.port) => {
    const all: DnsFault = {answer: 'nxdomain', delayMs: 0, names: ['bad*'], types: [], share: 1, seed: 1, ...fault};
    server = await DnsServer.open([nameServer('127.0.0.1', port)], all);
  };
  const send = (message: Buffer) => datagrams.send(message, server.entries[0]!.udp, '127.0.0.1');
  const answers = (count: number) => until(`${count} answers`, () => heard.length >= count);

  async function converse(): Promise<{socket: Socket; came: Buffer[]}> {
    const socket = connect(server.entries[0]!.tcp, '127.0.0.1');
    const [reader, came] = [new FrameReader(), [] as Buffer[]];
    socket.on('data', (chunk: Buffer) => came.push(...reader.push(chunk)));
    await once(socket, 'connect');
    return {socket, came};
  }

  it('gives questions and answers on byte for byte, whatever they are', async () => {
    await stand();
    const odd = [question('GooD.Test', 7), encode({type: 'query', id: 8, opcode: 'STATUS'} as never)];
    upstream.answer(() => undefined);
    for (const message of odd) send(message);
    await until('both came', () => upstream.seen.length === 2);
    expect(upstream.seen.map(({message}) => message)).to.have.deep.members(odd);
    upstream.answer(({name}) => ({flags: 0x0400, answers: [{name, type: 'A', ttl: 1234, data: '10.0.0.9'}]}));
    send(odd[0]!);
    await answers(1);
    expect(decode(heard[0]!)).to.deep.include({id: 7, flag_aa: true});
    expect(decode(heard[0]!).answers?.[0]).to.deep.include({name: 'GooD.Test', ttl: 1234, data: '10.0.0.9'});
  });

  it('answers what it is told to itself, and the upstream never hears of it', async () => {
    await stand();
    send(question('bad.test', 9));
    await answers(1);
    expect([heard[0]!.readUInt16BE(0), rcodeOf(heard[0]!)]).to.deep.equal([9, 3]);
    expect(upstream.seen).to.be.empty;
  });

  it('keeps many questions apart', async () => {
    await stand();
    for (let id = 0; id < 300; id++) {
      send(question(id % 3 === 0 ? 'bad.test' : `n${id}.test`, id));
      // The kernel drops what does not fit the buffer of a socket, and nobody reads while we write.
      if (id % 100 === 99) await answers(id + 1);
    }
    expect(new Set(heard.map(message => message.readUInt16BE(0))).size).to.equal(300);
    for (const message of heard) expect(rcodeOf(message)).to.equal(message.readUInt16BE(0) % 3 === 0 ? 3 : 0);
    expect(server.counts).to.deep.equal({seen: 300, matched: 100, hit: 100});
  });

  it('mixes its own answers and those of the upstream on one connection, without cutting a message', async () => {
    await stand();
    const {socket, came} = await converse();
    const names = Array.from({length: 40}, (_, id) => (id % 2 === 0 ? 'bad.test' : 'good.test'));
    const stream = Buffer.concat(names.map((name, id) => frame(question(name, id))));
    for (let at = 0; at < stream.length; at += 33) socket.write(stream.subarray(at, at + 33));
    await until('all answers', () => came.length === 40);
    for (const message of came) expect(rcodeOf(message)).to.equal(message.readUInt16BE(0) % 2 === 0 ? 3 : 0);
    socket.destroy();
  });

  it('answers a client that has said all it has to say, and hangs up then', async () => {
    await stand({delayMs: 100});
    const {socket, came} = await converse();
    socket.end(Buffer.concat([frame(question('bad.test')), frame(question('good.test'))]));
    await once(socket, 'end');
    expect(came.map(rcodeOf).sort()).to.deep.equal([0, 3]);
    socket.destroy();
  });

  it('hangs up on a client whose questions nobody takes', async () => {
    await stand({}, await closedPort());
    const {socket} = await converse();
    socket.write(frame(question('good.test')));
    await once(socket, 'close');
    send(question('good.test'));
    await delay(50);
    expect(heard).to.be.empty;
  });

  it('gives up its faults when it drains: what was held back gets the true answer at once', async () => {
    await stand({delayMs: 60_000});
    send(question('bad.test', 5));
    await until('it came', () => server.counts.hit === 1);
    const started = performance.now();
    await server.drain(2_000);
    await answers(1);
    expect(performance.now() - started).to.be.below(1_000 + late());
    expect([heard[0]!.readUInt16BE(0), rcodeOf(heard[0]!)]).to.deep.equal([5, 0]);
    send(question('bad.test', 6));
    await answers(2);
    expect(rcodeOf(heard[1]!)).to.equal(0);
  });

  it('waits for answers that are under way when it drains, but not for ever', async () => {
    await stand();
    upstream.answer(() => undefined);
    send(question('good.test'));
    await until('it came', () => upstream.seen.length === 1);
    const started = performance.now();
    await server.drain(200);
    expect(performance.now() - started).to.be.within(190, 1_000 + late());
  });
});
