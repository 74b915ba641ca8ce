import {expect} from 'chai';
import {parameters as command} from '../../../src/signals/probes/command/parameters.js';
import * as http from '../../../src/signals/probes/http/parameters.js';
import {parameters as processes, unitOf as processUnit} from '../../../src/signals/probes/process/parameters.js';
import {parameters as prometheus} from '../../../src/signals/probes/prometheus/parameters.js';
import * as tcp from '../../../src/signals/probes/tcp/parameters.js';

interface Parses {
  safeParse(value: unknown): {error?: {issues: {message: string}[]} | undefined};
}
const problems = (schema: Parses, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({message}) => message) ?? [];

describe('the parameters of the http probe', () => {
  it('measure latency by default, and the number where a path names one', () => {
    expect(http.parameters().parse({url: 'http://a/'})).to.include({measure: 'latency', method: 'GET', redirects: 0});
    expect(http.parameters().parse({url: 'http://a/', jsonPath: '$.n'})).to.include({measure: 'number'});
  });

  it('make a JSON body a text with its content type, and the method POST', () => {
    const parsed = http.parameters().parse({url: 'http://a/', json: {sku: 'A1'}, headers: {'x-a': 'b'}});
    expect(parsed).to.deep.include({
      method: 'POST',
      body: '{"sku":"A1"}',
      headers: {'content-type': 'application/json', 'x-a': 'b'},
    });
  });

  it('take statuses as ranges', () => {
    const parsed = http.parameters().parse({url: 'http://a/', expect: {status: ['2xx', 404, '301-303']}});
    expect(parsed.expect.status).to.deep.equal([
      [200, 299],
      [404, 404],
      [301, 303],
    ]);
    expect(problems(http.parameters(), {url: 'http://a/', expect: {status: '9xx'}}).join()).to.contain('`9xx`');
  });

  it('refuse what would be ignored', () => {
    expect(problems(http.parameters(), {url: 'http://a/', measure: 'up', jsonPath: '$.a'})).to.deep.equal([
      'expected `jsonPath` only with `measure: number`; got `measure: up`',
    ]);
    expect(problems(http.parameters(), {url: 'http://a/', unit: 'ms'})).to.have.length(1);
    expect(problems(http.parameters(), {url: 'http://a/', json: {}, body: 'x'})).to.have.length(1);
    expect(problems(http.parameters(), {url: 'localhost:8080'})[0]).to.contain('expected a URL');
    expect(problems(http.parameters(), {url: 'http://a/', jsonPath: '$..a'})[0]).to.contain('`$..a`');
  });

  it('give the unit and the bad direction', () => {
    const facts = (given: object) => {
      const parsed = http.parameters().parse({url: 'http://a/', ...given}) as never;
      return [http.unitOf(parsed), http.worseOf(parsed)];
    };
    expect(facts({})).to.deep.equal(['ms', 'higher']);
    expect(facts({measure: 'up'})).to.deep.equal(['number', 'lower']);
    expect(facts({measure: 'number', unit: 'bytes'})).to.deep.equal(['bytes', 'either']);
  });
});

describe('the parameters of the other probes', () => {
  it('take a TCP address in one or two parts, never both', () => {
    expect(tcp.parameters().parse({address: '[::1]:5432'})).to.deep.equal({host: '::1', port: 5432, measure: 'up'});
    expect(tcp.parameters().parse({port: 5432})).to.deep.equal({host: '127.0.0.1', port: 5432, measure: 'up'});
    expect(problems(tcp.parameters(), {address: 'a:1', port: 2})).to.have.length(1);
    expect(problems(tcp.parameters(), {})).to.deep.equal(['expected `address` or `port`; got neither']);
    for (const address of ['a', 'a:0', 'a:70000', '::1:80'])
      expect(problems(tcp.parameters(), {address})).to.have.length(1);
  });

  it('run a shell only where the author asks for one', () => {
    expect(command().parse({run: ['a', 'b c']})).to.deep.include({run: ['a', 'b c'], shell: false, read: 'number'});
    expect(problems(command(), {run: 'a | b'})[0]).to.contain('shell: true');
    expect(problems(command(), {run: ['a'], shell: true})[0]).to.contain('got a list');
    expect(problems(command(), {run: ['a'], read: {regex: '('}})).to.not.be.empty;
  });

  it('want a query that is not empty and a label that could be one', () => {
    expect(problems(prometheus(), {from: 'm', query: ' '})).to.have.length(1);
    expect(problems(prometheus(), {from: 'm', query: 'up', subject: 'a-b'})).to.have.length(1);
    expect(problems(prometheus(), {from: 'm', query: 'up', subject: 'pod'})).to.be.empty;
  });

  it('give the unit of what is measured on a process', () => {
    for (const [measure, unit] of [
      ['cpu', 'ratio'],
      ['memory', 'bytes'],
      ['running', 'number'],
    ] as const)
      expect(processUnit(processes().parse({of: 'a', measure}))).to.equal(unit);
  });
});
