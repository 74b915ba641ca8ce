import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {expect} from 'chai';
import type {Answer} from 'dns-packet';
import {source as dns} from '../../src/signals/probes/dns/index.js';
import {failing, startDnsServer, type TestDnsServer} from '../support/dns-server.js';
import {watchHandles} from '../support/http-server.js';
import {readProbe} from '../support/probe-reading.js';

const ZONE: readonly Answer[] = [
  {name: 'shop.test', type: 'A', ttl: 5, data: '10.0.0.1'},
  {name: 'shop.test', type: 'A', ttl: 5, data: '10.0.0.2'},
  {name: 'shop.test', type: 'AAAA', ttl: 5, data: 'fd00::1'},
  {name: 'www.shop.test', type: 'CNAME', ttl: 5, data: 'shop.test'},
  {name: 'shop.test', type: 'MX', ttl: 5, data: {preference: 10, exchange: 'mail.shop.test'}},
  {name: 'shop.test', type: 'NS', ttl: 5, data: 'ns.shop.test'},
  {name: 'shop.test', type: 'TXT', ttl: 5, data: ['v=1 ', 'All']},
  {
    name: '_sip._tcp.shop.test',
    type: 'SRV',
    ttl: 5,
    data: {priority: 0, weight: 5, port: 5060, target: 'sip.shop.test'},
  },
  {name: '1.0.0.10.in-addr.arpa', type: 'PTR', ttl: 5, data: 'shop.test'},
  {
    name: '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa',
    type: 'PTR',
    ttl: 5,
    data: 'shop.test',
  },
];

describe('the dns probe', () => {
  let server: TestDnsServer;
  let leftOpen: () => Promise<readonly string[]>;

  before(async () => {
    leftOpen = watchHandles();
    server = await startDnsServer();
  });
  beforeEach(() =>
    server.answer(({name, type}) => ({
      answers: ZONE.filter(record => record.name === name && (record.type as string) === type),
    })),
  );
  after(async () => {
    await server.close();
    expect(await leftOpen()).to.deep.equal([]);
  });

  const read = (written: object, timeoutMs?: number) =>
    readProbe(
      dns,
      {name: 'shop.test', server: `127.0.0.1:${server.port}`, ...written},
      timeoutMs === undefined ? {} : {timeoutMs},
    );

  it('measures the latency of an answer', async () => {
    expect(await read({})).to.be.within(0, 1000);
  });

  it('counts the records of every type, and takes them as they are written', async () => {
    const expected: readonly [string, string, readonly string[]][] = [
      ['shop.test', 'A', ['10.0.0.2', '10.0.0.1']],
      ['shop.test', 'AAAA', ['FD00:0:0::1']],
      ['www.shop.test', 'CNAME', ['shop.test.']],
      ['shop.test', 'MX', ['10 mail.shop.test']],
      ['shop.test', 'NS', ['NS.shop.test']],
      ['shop.test', 'TXT', ['v=1 All']],
      ['_sip._tcp.shop.test', 'SRV', ['0 5 5060 sip.shop.test']],
      ['10.0.0.1', 'PTR', ['shop.test']],
      ['fd00::1', 'PTR', ['shop.test']],
    ];
    for (const [name, type, answers] of expected) {
      expect(await read({name, type, measure: 'count'}), `${type} ${name}`).to.equal(answers.length);
      expect(await read({name, type, measure: 'up', answers}), `${type} ${name}`).to.equal(1);
      expect(await read({name, type, measure: 'up', answers: ['nothing']}), `${type} ${name}`).to.equal(0);
    }
  });

  it('names the records that came and those that were expected', async () => {
    expect(await read({answers: ['10.0.0.1']})).to.equal('answered 10.0.0.1, 10.0.0.2 (expected 10.0.0.1)');
  });

  it('tells the kinds of failure apart', async () => {
    const kinds = [
      ['NXDOMAIN', 'NXDOMAIN: the name does not exist'],
      ['SERVFAIL', 'SERVFAIL: the name server failed'],
      ['REFUSED', 'REFUSED: the name server refuses the question'],
    ] as const;
    for (const [rcode, why] of kinds) {
      server.answer(() => failing(rcode));
      expect(await read({})).to.equal(why);
      expect(await read({measure: 'count'})).to.equal(why);
      expect(await read({measure: 'up'})).to.equal(0);
    }
  });

  it('takes an answer without records of the type for an answer', async () => {
    server.answer(() => ({answers: []}));
    expect(await read({measure: 'count'})).to.equal(0);
    expect(await read({})).to.equal('no A record');
    expect(await read({measure: 'up'})).to.equal(0);
  });

  it('rejects with the reason of the signal when no answer comes, and is then down', async () => {
    server.answer(() => undefined);
    expect(await read({}, 100).catch(String)).to.contain('TimeoutError');
    expect(await read({measure: 'up'}, 100)).to.equal(0);
  });

  it('asks again by TCP when the answer does not fit a datagram', async () => {
    const many = Array.from({length: 80}, (_, i): Answer => ({name: 'shop.test', type: 'A', data: `10.0.1.${i}`}));
    server.answer(() => ({answers: many}));
    server.seen.length = 0;
    expect(await read({measure: 'count'})).to.equal(80);
    expect(server.seen.map(({over}) => over)).to.deep.equal(['udp', 'tcp']);
  });

  it('asks once per read, and does not remember', async () => {
    server.seen.length = 0;
    await read({});
    await read({});
    expect(server.seen).to.have.length(2);
  });

  it('says when nothing listens there', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const {port} = socket.address();
    await new Promise<void>(resolve => socket.close(resolve));
    expect(await read({server: `127.0.0.1:${port}`}, 3000)).to.equal('no name server listens there');
  });

  it('refuses a server that is no address, and `answers` where they would be ignored', async () => {
    const why = (written: object) =>
      dns
        .parameters()
        .safeParse({name: 'a', ...written})
        .error?.issues.map(({message}) => message)
        .join();
    for (const wrong of ['dns.test', '10.0.0.1:0', '10.0.0', '[::1']) expect(why({server: wrong})).to.contain(wrong);
    for (const right of ['10.0.0.1', '10.0.0.1:53', '::1', '[::1]', '[fe80::1]:5353'])
      expect(why({server: right})).to.equal(undefined);
    expect(why({measure: 'count', answers: ['a']})).to.contain('`measure: count`');
    expect(await read({server: '10.0.0.300'}).catch(String)).to.contain('10.0.0.300');
  });
});
