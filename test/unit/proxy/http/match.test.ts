import {expect} from 'chai';
import {parseRequest} from '../../../../src/proxy/http/head.js';
import {matcher, pathOf, type HttpMatch} from '../../../../src/proxy/http/match.js';

function fits(match: HttpMatch, line: string, ...fields: readonly string[]): boolean {
  const head = parseRequest(Buffer.from([line, ...fields, '', ''].join('\r\n')));
  if (head === undefined) throw new Error(`no request: ${line}`);
  return matcher(match)(head);
}

describe('which requests are meant', () => {
  it('reads a glob: `*` stays within one part of the path, `**` does not', () => {
    const get = (path: string) => `GET ${path} HTTP/1.1`;
    const table: readonly (readonly [string, string, boolean])[] = [
      ['/a/*', '/a/b', true],
      ['/a/*', '/a/b/c', false],
      ['/a/**', '/a/b/c', true],
      ['/a', '/a?b=c', true],
      ['/a', '/ab', false],
      ['/a.b', '/axb', false],
      ['*.html', '/x.html', false],
      ['**.html', '/x/y.html', true],
      ['/v(1)', '/v(1)', true],
    ];
    for (const [path, target, wanted] of table) expect(fits({path}, get(target)), `${path} ${target}`).to.equal(wanted);
  });

  it('takes a regular expression where it says so, and finds it anywhere', () => {
    expect(fits({path: {regexp: 'b'}}, 'GET /abc HTTP/1.1')).to.equal(true);
    expect(fits({path: {regexp: '^b'}}, 'GET /abc HTTP/1.1')).to.equal(false);
  });

  it('ends in time, whatever the pattern and the path are', () => {
    const path = `/${'a'.repeat(30_000)}!`;
    for (const evil of [{regexp: '^/(a+)+$'}, '/*a*a*a*a*a*a*a*b']) {
      expect(fits({path: evil}, `GET ${path} HTTP/1.1`)).to.equal(false);
    }
  });

  it('demands all that is given', () => {
    const match = {method: ['GET', 'PUT'], path: '/a', header: {'X-User': 'b*'}};
    expect(fits(match, 'PUT /a HTTP/1.1', 'x-user: bob')).to.equal(true);
    expect(fits(match, 'PUT /a HTTP/1.1', 'x-user: alice', 'X-USER: b')).to.equal(true);
    expect(fits(match, 'POST /a HTTP/1.1', 'x-user: bob')).to.equal(false);
    expect(fits(match, 'GET /a HTTP/1.1')).to.equal(false);
  });

  it('sees the path of every form of a target', () => {
    expect(['/a/b?c', 'http://h:80/a/b?c', 'http://h', '*'].map(pathOf)).to.deep.equal(['/a/b', '/a/b', '/', '*']);
  });
});
