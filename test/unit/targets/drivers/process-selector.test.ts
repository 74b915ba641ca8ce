import {expect} from 'chai';
import {anchored, selector} from '../../../../src/targets/drivers/process/selector.js';

const problems = (written: unknown) =>
  (selector().safeParse(written).error?.issues ?? []).map(({path, message}) => `${path.join('.')}: ${message}`);

describe('Selector of processes', () => {
  it('takes a command to start, with defaults', () => {
    expect(selector().parse({start: ['node', 'server.js']})).to.deep.equal({
      start: ['node', 'server.js'],
      supervised: false,
      readyWithinMs: 15_000,
    });
  });

  it('takes a pid file or a port, with or without the command that starts it again', () => {
    expect(selector().parse({pidFile: 'a.pid'})).to.include({pidFile: 'a.pid'});
    expect(selector().parse({port: 8080, start: ['a'], supervised: true})).to.include({port: 8080, supervised: true});
  });

  it('takes a name pattern that is anchored at both ends', () => {
    expect(problems({name: '^node server\\.js$'})).to.deep.equal([]);
    for (const name of ['node', '^node', 'node$', '^costs 5\\$'])
      expect(problems({name})[0], name).to.match(/^name: expected a pattern anchored at both ends, such as .*; got `/);
    expect(problems({name: '^($'})[0]).to.include('expected a regular expression');
  });

  it('anchors every alternative, not only the first and the last', () => {
    const answer = anchored('^a|b$');
    expect(answer).to.deep.equal({inner: 'a|b'});
  });

  it('takes an escaped backslash before the end as what it is', () => {
    expect(anchored('^C:\\\\$')).to.deep.equal({inner: 'C:\\\\'});
  });

  it('refuses none of the ways, two of them, and what belongs to another way', () => {
    expect(problems({})[0]).to.include('expected one of `start`, `pidFile`, `port`, `name`; got none of them');
    expect(problems({pidFile: 'a', port: 1})[0]).to.equal(
      'port: expected one of `pidFile`, `port`, `name`; got `pidFile` and `port`',
    );
    expect(problems({name: '^a$', start: ['a']})[0]).to.include('expected no `start` beside `name`');
    expect(problems({name: '^a$', supervised: true})[0]).to.include('expected no `supervised` beside `name`');
    expect(problems({port: 80, cwd: '/tmp'})[0]).to.equal('cwd: expected `start` beside `cwd`');
  });

  it('refuses a readiness that is neither a port nor a URL', () => {
    expect(problems({start: ['a'], ready: {tcp: 0}})).to.have.length(1);
    expect(problems({start: ['a'], ready: {http: 'ftp://x'}})).to.have.length(1);
    expect(problems({start: ['a'], ready: {http: 'http://127.0.0.1:1/health'}})).to.deep.equal([]);
  });
});
