import {expect} from 'chai';
import {decode, encode, type Answer, type DecodedPacket} from 'dns-packet';
import fc from 'fast-check';
import {FrameReader, frame} from '../../../src/dns/frames.js';
import {nameServersIn} from '../../../src/dns/resolver.js';
import {Treatments, type MessageTreatment} from '../../../src/dns/treatment.js';
import type {DnsFault} from '../../../src/quantities/dns.js';

const fault = (more: Partial<DnsFault> = {}): DnsFault => ({
  answer: 'nxdomain',
  delayMs: 0,
  names: [],
  types: [],
  share: 1,
  seed: 7,
  ...more,
});

const OPT: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 4096,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0x8000,
  flag_do: true,
  options: [],
};

function question(
  name: string,
  {type = 'A', id = 4242, edns = false}: {type?: string; id?: number; edns?: boolean} = {},
) {
  return encode({
    type: 'query',
    id,
    flags: 0x0100,
    questions: [{name, type: type as 'A'}],
    additionals: edns ? [OPT] : [],
  });
}

function answered(treatment: MessageTreatment): DecodedPacket {
  if (treatment.kind !== 'answer') throw new Error(`expected an answer; got ${treatment.kind}`);
  return decode(treatment.message);
}

const rcode = (packet: DecodedPacket) => (packet.flags ?? 0) & 0xf;

describe('the name server that answers wrongly', () => {
  it('answers with the code that is asked for, under the id and question of the client', () => {
    const codes = {nxdomain: 3, servfail: 2, refused: 5} as const;
    for (const [answer, code] of Object.entries(codes)) {
      const packet = answered(new Treatments(fault({answer: answer as 'nxdomain'})).treat(question('Db.Shop'), 'udp'));
      expect([packet.type, packet.id, rcode(packet)]).to.deep.equal(['response', 4242, code]);
      expect(packet.questions).to.deep.equal([{name: 'Db.Shop', type: 'A', class: 'IN'}]);
      expect([packet.flag_rd, packet.flag_ra, packet.flag_tc]).to.deep.equal([true, true, false]);
      expect(packet.answers).to.deep.equal([]);
    }
  });

  it('says nothing at all, or passes the question on later', () => {
    expect(new Treatments(fault({answer: 'timeout'})).treat(question('a'), 'udp')).to.deep.equal({kind: 'swallow'});
    expect(new Treatments(fault({answer: undefined, delayMs: 50})).treat(question('a'), 'udp')).to.deep.equal({
      kind: 'pass',
      afterMs: 50,
    });
  });

  it('gives the wrong address of the family that is asked for, none of the other, and no time to keep it', () => {
    const wrong = fault({answer: {address: ['192.0.2.1', '192.0.2.2', '2001:db8::1']}, types: ['A', 'AAAA']});
    const ask = (type: string) => answered(new Treatments(wrong).treat(question('shop', {type}), 'udp')).answers ?? [];
    expect(ask('A')).to.deep.include.members([
      {name: 'shop', type: 'A', ttl: 0, class: 'IN', flush: false, data: '192.0.2.1'},
      {name: 'shop', type: 'A', ttl: 0, class: 'IN', flush: false, data: '192.0.2.2'},
    ]);
    expect(ask('AAAA').map(record => 'data' in record && record.data)).to.deep.equal(['2001:db8::1']);
    const four = fault({answer: {address: ['192.0.2.1']}, types: ['A', 'AAAA']});
    const none = answered(new Treatments(four).treat(question('shop', {type: 'AAAA'}), 'udp'));
    expect([rcode(none), none.answers]).to.deep.equal([0, []]);
    expect(new Treatments(four).treat(question('shop', {type: 'MX'}), 'udp').kind).to.equal('pass');
  });

  it('hits names and types that match, passes the rest at once, and counts', () => {
    const treatments = new Treatments(fault({names: ['*.shop', 'db'], types: ['A', 'HTTPS']}));
    const kinds = [
      question('a.shop'),
      question('shop'),
      question('db'),
      question('db', {type: 'AAAA'}),
      question('db', {type: 'UNKNOWN_65'}),
    ].map(message => treatments.treat(message, 'udp').kind);
    expect(kinds).to.deep.equal(['answer', 'pass', 'answer', 'pass', 'answer']);
    expect(treatments.counts).to.deep.equal({seen: 5, matched: 3, hit: 3});
  });

  it('takes a share of the matching questions, the same ones with the same seed', () => {
    const draw = (seed: number) => {
      const treatments = new Treatments(fault({share: 0.3, seed, names: ['db']}));
      return Array.from({length: 1000}, () => {
        // What does not match is no part of the draw.
        treatments.treat(question('other'), 'udp');
        return treatments.treat(question('db'), 'udp').kind === 'answer';
      });
    };
    expect(draw(1)).to.deep.equal(draw(1));
    expect(draw(1)).to.not.deep.equal(draw(2));
    expect(draw(3).filter(Boolean)).to.have.length.within(250, 350);
  });

  it('speaks EDNS with those who do, and with nobody else', () => {
    const treatments = new Treatments(fault());
    const [opt, ...others] = answered(treatments.treat(question('a', {edns: true}), 'udp')).additionals ?? [];
    expect(others).to.be.empty;
    expect(opt).to.deep.include({type: 'OPT', name: '.', udpPayloadSize: 1232, flag_do: true});
    expect(answered(treatments.treat(question('a'), 'udp')).additionals).to.deep.equal([]);
  });

  it('cuts what does not fit a datagram of the client, and sends it whole by TCP', () => {
    const address = Array.from({length: 60}, (_, i) => `192.0.2.${i}`);
    const treatments = new Treatments(fault({answer: {address}, types: ['A']}));
    const cut = answered(treatments.treat(question('a'), 'udp'));
    expect([cut.flag_tc, cut.answers]).to.deep.equal([true, []]);
    expect(answered(treatments.treat(question('a', {edns: true}), 'udp')).answers).to.have.length(60);
    expect(answered(treatments.treat(question('a'), 'tcp')).answers).to.have.length(60);
  });

  it('passes on whatever is no plain question, and counts none of it', () => {
    const treatments = new Treatments(fault());
    const answer = encode({type: 'response', id: 1, questions: [{name: 'a', type: 'A'}]});
    const update = question('a');
    update.writeUInt16BE(5 << 11, 2);
    const two = encode({type: 'query', questions: [1, 2].map(n => ({name: `q${n}`, type: 'A' as const}))});
    const chaos = encode({type: 'query', questions: [{name: 'version.bind', type: 'TXT', class: 'CH'}]});
    const messages = [answer, update, two, chaos, Buffer.alloc(0), Buffer.alloc(12), question('a').subarray(0, 14)];
    for (const message of messages) expect(treatments.treat(message, 'udp').kind).to.equal('pass');
    expect(treatments.counts.seen).to.equal(0);
  });

  it('passes everything on once it has retired', () => {
    const treatments = new Treatments(fault());
    treatments.retire();
    expect(treatments.treat(question('a'), 'udp')).to.deep.equal({kind: 'pass', afterMs: 0});
  });

  it('survives any bytes, and answers every question with that very question', () => {
    const bytes = fc.uint8Array({maxLength: 80}).map(data => Buffer.from(data));
    fc.assert(fc.property(bytes, data => void new Treatments(fault()).treat(data, 'udp')));
    const label = fc.uint8Array({minLength: 1, maxLength: 20}).map(data => Buffer.from(data));
    fc.assert(
      fc.property(fc.array(label, {maxLength: 5}), fc.integer({min: 0, max: 0xffff}), (labels, id) => {
        const plain = question('a', {id});
        const name = Buffer.concat([...labels.flatMap(one => [Buffer.from([one.length]), one]), Buffer.from([0])]);
        const asked = Buffer.concat([plain.subarray(0, 12), name, plain.subarray(-4)]);
        const treatment = new Treatments(fault({answer: 'servfail'})).treat(asked, 'udp');
        if (treatment.kind !== 'answer') throw new Error('not answered');
        expect(treatment.message.subarray(0, 2)).to.deep.equal(asked.subarray(0, 2));
        expect(treatment.message.subarray(12)).to.deep.equal(asked.subarray(12));
      }),
    );
  });
});

describe('messages over TCP', () => {
  it('are found however the stream is cut', () => {
    const message = fc.uint8Array({maxLength: 300}).map(data => Buffer.from(data));
    fc.assert(
      fc.property(fc.array(message, {maxLength: 5}), fc.integer({min: 1, max: 400}), (messages, size) => {
        const stream = Buffer.concat(messages.map(frame));
        const reader = new FrameReader();
        const found: Buffer[] = [];
        for (let at = 0; at < stream.length; at += size) found.push(...reader.push(stream.subarray(at, at + size)));
        expect(found.map(String)).to.deep.equal(messages.map(String));
      }),
    );
  });
});

describe('the name servers of a target', () => {
  it('are those of its resolv.conf, each once, in order', () => {
    const text = `# nameserver 9.9.9.9
search example.com
nameserver 127.0.0.11
 nameserver  fe80::1%eth0
nameserver 127.0.0.11
nameserver
options ndots:0`;
    expect(nameServersIn(text)).to.deep.equal(['127.0.0.11', 'fe80::1%eth0']);
  });
});
