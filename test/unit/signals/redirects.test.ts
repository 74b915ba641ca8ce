import {expect} from 'chai';
import type {Prepared} from '../../../src/signals/http/exchange.js';
import {leadsTo, redirected} from '../../../src/signals/http/redirects.js';

const request = (overrides: Partial<Prepared> = {}): Prepared => ({
  url: new URL('http://shop.test:8080/a/b?c'),
  method: 'GET',
  headers: {host: 'x', authorization: 'Basic a', cookie: 'a=1', 'x-api-key': 'k', accept: '*/*', 'content-type': 't'},
  body: undefined,
  http2: false,
  check: {rejectUnauthorized: true},
  keptBytes: 0,
  mostBytes: 0,
  ...overrides,
});
const answer = (status: number, location?: string) => ({
  status,
  fields: (name: string) => (name === 'location' && location !== undefined ? [location] : []),
});
const toOf = (status: number, location?: string) => leadsTo(request(), answer(status, location))?.href;

describe('a redirect', () => {
  it('leads to a place, by a whole URL or from where it came', () => {
    for (const status of [301, 302, 303, 307, 308])
      expect(toOf(status, '/login'), String(status)).to.equal('http://shop.test:8080/login');
    expect(toOf(302, 'c')).to.equal('http://shop.test:8080/a/c');
    expect(toOf(302, '//other.test/')).to.equal('http://other.test/');
    expect(toOf(302, 'https://eve:pw@other.test/')).to.equal('https://other.test/');
  });

  it('leads nowhere without a place, with another status, or to what is no HTTP', () => {
    expect([
      toOf(302),
      toOf(200, '/x'),
      toOf(304, '/x'),
      toOf(302, 'file:///etc/passwd'),
      toOf(302, 'http://'),
    ]).to.deep.equal(Array(5).fill(undefined));
  });

  it('keeps the headers on the same server, and only harmless ones on another', () => {
    const headersTo = (to: string) => redirected(request(), 302, new URL(to)).headers;
    expect(headersTo('http://shop.test:8080/login')).to.deep.equal(request().headers);
    for (const other of ['http://other.test/', 'http://shop.test/', 'https://shop.test:8080/'])
      expect(headersTo(other), other).to.deep.equal({accept: '*/*', 'content-type': 't'});
  });

  it('repeats the method and the body, or asks with GET, as its status says', () => {
    const post = request({method: 'POST', body: Buffer.from('x')});
    const to = new URL('http://shop.test:8080/login');
    const asked = (before: Prepared, status: number) => {
      const {method, body, headers} = redirected(before, status, to);
      return [method, body?.toString(), headers['content-type']];
    };
    for (const status of [301, 302, 303]) expect(asked(post, status)).to.deep.equal(['GET', undefined, undefined]);
    for (const status of [307, 308]) expect(asked(post, status)).to.deep.equal(['POST', 'x', 't']);
    expect(asked(request({method: 'HEAD'}), 303)[0]).to.equal('HEAD');
    expect(asked(request({method: 'PUT', body: Buffer.from('x')}), 302)).to.deep.equal(['PUT', 'x', 't']);
  });
});
