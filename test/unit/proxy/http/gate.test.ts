import {expect} from 'chai';
import fc from 'fast-check';
import {HttpGate} from '../../../../src/proxy/http/gate.js';
import type {HttpRule} from '../../../../src/proxy/http/treatment.js';
import type {Stage, StageContext} from '../../../../src/proxy/toxics/toxic.js';
import {seededRandom} from '../../../../src/quantities/random.js';

const NEVER: HttpRule = {matches: () => false, treatment: () => ({kind: 'delay', ms: 0})};

/** Both stages of a gate, and what came out of them. */
function open(rule: HttpRule, fresh = true) {
  const out = {up: '', down: '', acts: [] as string[], hits: 0};
  const counters = {requests: 0, matched: 0, tls: 0, http2: 0, other: 0};
  const gate = new HttpGate({
    rule,
    random: seededRandom(1),
    draw: () => true,
    hit: () => (out.hits += 1),
    counters,
    fresh,
  });
  const context = (side: 'up' | 'down'): StageContext => ({
    now: () => 0,
    random: seededRandom(1),
    budget: () => 1 << 20,
    emit: chunk => (out[side] += chunk.toString('latin1')),
    emitEnd: () => out.acts.push(`${side} end`),
    close: () => out.acts.push('close'),
    reset: () => out.acts.push('reset'),
    congested: () => false,
    hit: () => undefined,
  });
  const [up, down] = [gate.up(context('up')), gate.down(context('down'))];
  return {gate, up, down, out, counters};
}

function feed(stage: Stage, text: string, cuts: readonly number[]): void {
  let from = 0;
  for (const cut of [...cuts, text.length].map(at => Math.min(at, text.length)).sort((a, b) => a - b)) {
    if (cut > from) stage.write(Buffer.from(text.slice(from, cut), 'latin1'));
    from = Math.max(from, cut);
  }
}

const token = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/)
  .filter(name => !/^(content-length|transfer-encoding|connection|upgrade|expect)$/i.test(name));
const headers = fc.array(fc.tuple(token, fc.stringMatching(/^[ -~]{0,12}$/)), {maxLength: 3});
const payload = fc.stringMatching(/^[ -~\r\n]{0,40}$/);
const render = (start: string, fields: readonly (readonly [string, string])[], framed: string) =>
  `${start}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}${framed}`;
const framed = fc.oneof(
  payload.map(text => `Content-Length: ${text.length}\r\n\r\n${text}`),
  fc
    .array(
      payload.filter(text => text !== ''),
      {maxLength: 3},
    )
    .map(
      parts =>
        `transfer-encoding: chunked\r\n\r\n${parts.map(p => `${p.length.toString(16)};x=y\r\n${p}\r\n`).join('')}0\r\nt: 1\r\n\r\n`,
    ),
);
const requests = fc.array(
  fc
    .tuple(fc.constantFrom('GET', 'POST', 'PROPFIND'), token, headers, framed)
    .map(([method, path, fields, rest]) => render(`${method} /${path} HTTP/1.1`, fields, rest)),
  {minLength: 1, maxLength: 4},
);
const response = fc
  .tuple(fc.constantFrom('200 OK', '404 Not  Found', '503'), headers, framed)
  .map(([status, fields, rest]) => render(`HTTP/1.1 ${status}`, fields, rest));
const cuts = fc.array(fc.nat({max: 400}), {maxLength: 8});

describe('the HTTP stage', () => {
  it('passes what it does not hit byte for byte, however it is cut into pieces', () => {
    fc.assert(
      fc.property(
        requests,
        fc.array(response, {minLength: 4, maxLength: 4}),
        cuts,
        cuts,
        (asked, answers, upCuts, downCuts) => {
          const {up, down, out, counters} = open(NEVER);
          const responses = answers.slice(0, asked.length);
          feed(up, asked.join(''), upCuts);
          feed(down, responses.join(''), downCuts);
          expect(out).to.deep.equal({up: asked.join(''), down: responses.join(''), acts: [], hits: 0});
          expect(counters).to.include({requests: asked.length, other: 0});
        },
      ),
      {numRuns: 200},
    );
  });

  it('knows HTTP/2 by whoever speaks first, and other services that speak first as what they are', () => {
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
    const settings = '\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64';
    const told = (...said: readonly (readonly ['up' | 'down', string])[]) => {
      const stage = open(NEVER);
      for (const [side, text] of said) stage[side].write(Buffer.from(text, 'latin1'));
      for (const side of ['up', 'down'] as const)
        expect(stage.out[side]).to.equal(said.flatMap(([by, text]) => (by === side ? [text] : [])).join(''));
      return stage.counters;
    };
    expect(told(['up', preface], ['down', settings])).to.include({http2: 1, other: 0});
    expect(told(['down', settings], ['up', preface])).to.include({http2: 1, other: 0});
    expect(told(['down', '220 mail.test ESMTP\r\n'], ['up', 'EHLO me\r\n'])).to.include({http2: 0, other: 1});
  });

  it('answers the same requests with the same bytes, however they are cut into pieces', () => {
    const rule: HttpRule = {
      matches: request => request.method === 'POST',
      treatment: () => ({kind: 'answer', answer: {status: 503, headers: {date: 'now'}, body: 'no'}, ask: false}),
    };
    fc.assert(
      fc.property(requests, cuts, (asked, where) => {
        const [whole, cut] = [open(rule), open(rule)];
        feed(whole.up, asked.join(''), []);
        feed(cut.up, asked.join(''), where);
        expect(cut.out).to.deep.equal(whole.out);
        const wanted = asked.filter(text => !text.startsWith('POST'));
        expect(whole.out.up).to.equal(wanted.join(''));
      }),
      {numRuns: 100},
    );
  });

  it('never changes what is no HTTP, from the first byte to the last', () => {
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 300}), fc.uint8Array({maxLength: 300}), fc.boolean(), (a, b, fresh) => {
        const [asked, answered] = [Buffer.from(a).toString('latin1'), Buffer.from(b).toString('latin1')];
        const {up, down, out} = open(NEVER, fresh);
        feed(up, asked, [1, 2, 50]);
        feed(down, answered, [1, 2, 50]);
        up.end();
        down.end();
        expect([out.up, out.down]).to.deep.equal([asked, answered]);
      }),
      {numRuns: 200},
    );
  });

  it('waits for the next request on a connection that it meets in its middle', () => {
    const {up, down, out, counters} = open(NEVER, false);
    feed(up, 'the rest of a body', []);
    feed(down, 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok', []);
    feed(up, 'GET / HTTP/1.1\r\n\r\n', []);
    expect(counters).to.include({requests: 1, other: 0});
    expect(out.up).to.equal('the rest of a bodyGET / HTTP/1.1\r\n\r\n');
  });

  it('passes everything after an error of its own', () => {
    const broken: HttpRule = {
      matches: () => {
        throw new Error('a bug');
      },
      treatment: () => ({kind: 'delay', ms: 0}),
    };
    const {up, down, out} = open(broken);
    const asked = 'GET / HTTP/1.1\r\n\r\n';
    feed(up, asked + asked, [5]);
    feed(down, 'whatever', [3]);
    expect([out.up, out.down]).to.deep.equal([asked + asked, 'whatever']);
  });

  it('can be left out at once when nothing is under way, and at the end of what is', () => {
    const rule: HttpRule = {
      matches: () => true,
      treatment: () => ({kind: 'answer', answer: {status: 503, headers: {}, body: ''}, ask: false}),
    };
    const {up, out} = open(rule);
    const left: string[] = [];
    feed(up, 'POST / HTTP/1.1\r\ncontent-length: 4\r\n\r\nab', []);
    up.drain?.(() => left.push('up'));
    expect(left).to.deep.equal([]);
    feed(up, 'cd', []);
    expect(left).to.deep.equal(['up']);
    expect(out.up).to.equal('');
    expect(out.down).to.match(/^HTTP\/1\.1 503/);
  });
});
