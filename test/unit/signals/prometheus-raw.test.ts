import {expect} from 'chai';
import {noValue} from '../../../src/signals/missing.js';
import type {Reading} from '../../../src/signals/contract.js';
import type {HttpAnswer, HttpRequester} from '../../../src/signals/network/requester.js';
import {formOf} from '../../../src/signals/probes/prometheus/forms.js';
import {parameters} from '../../../src/signals/probes/prometheus/parameters.js';
import {QueryProbe} from '../../../src/signals/probes/prometheus/query-probe.js';
import {RawProbe} from '../../../src/signals/probes/prometheus/raw-probe.js';
import {PrometheusServer} from '../../../src/signals/probes/prometheus/server.js';

type Series = readonly [labels: Readonly<Record<string, string>>, value: (second: number) => number | undefined];

/** The clock of the server is an hour ahead of ours, which began with the test. */
const AHEAD_MS = 3_600_000;
const signal = new AbortController().signal;

/** A server whose series are functions of the time, scraped every so often; its answers take no time. */
class FakeServer implements HttpRequester {
  nowMs = 0;
  /** By how much its clock is off since the test began. */
  stepMs = 0;
  failure: string | undefined;
  readonly asked: string[] = [];

  constructor(
    private readonly series: Readonly<Record<string, readonly Series[]>>,
    private readonly everyMs: number,
  ) {}

  readonly mono = () => this.nowMs * 1000;

  send({url}: {readonly url: URL}): Promise<HttpAnswer> {
    const query = url.searchParams.get('query') ?? '';
    this.asked.push(query);
    if (this.failure !== undefined) return Promise.resolve({why: this.failure, reason: 'refused'});
    const ok = (data: unknown) =>
      Promise.resolve({status: 200, body: JSON.stringify({status: 'success', data}), date: undefined, ms: 1});
    const nowSeconds = (this.nowMs + AHEAD_MS + this.stepMs) / 1000;
    if (query === 'time()') return ok({resultType: 'scalar', result: [nowSeconds, String(nowSeconds)]});
    const [, selector = '', ms = '0'] = /^(.*)\[(\d+)ms\]$/.exec(query) ?? [];
    const toMs = Number(url.searchParams.get('time')) * 1000;
    const times: number[] = [];
    for (let at = Math.ceil((toMs - Number(ms)) / this.everyMs) * this.everyMs; at <= toMs; at += this.everyMs)
      times.push(at);
    const result = (this.series[selector] ?? []).map(([metric, value]) => ({
      metric,
      values: times.flatMap(at => {
        const number = value((at - AHEAD_MS) / 1000);
        return number === undefined ? [] : [[at / 1000, String(number)]];
      }),
    }));
    return ok({resultType: 'matrix', result: result.filter(({values}) => values.length > 0)});
  }

  close(): Promise<void> {
    this.failure = 'closed';
    return Promise.resolve();
  }
}

function open(server: FakeServer, written: object, everyMs: number | undefined = 1000): RawProbe {
  const given = parameters().parse({from: 'm', ...written});
  const form = formOf(given);
  if (form === undefined) throw new Error('no raw form');
  return new RawProbe({
    server: new PrometheusServer(server, new URL('http://prometheus/api/v1/'), {}),
    form,
    subject: given.subject,
    everyMs,
    absentIsZero: () => false,
    mono: server.mono,
  });
}

async function over(server: FakeServer, probe: RawProbe, seconds: number): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (let i = 0; i < seconds; i++) {
    readings.push(...(await probe.read(signal)));
    server.nowMs += 1000;
  }
  return readings;
}

const counter: Series = [{__name__: 'a', job: 'j', instance: 'i'}, second => second * 10];

describe('the raw samples of Prometheus', () => {
  it('become bins as long as the scrapes are apart where `every` is shorter, at times of our own clock', async () => {
    const server = new FakeServer({a: [counter]}, 15_000);
    server.nowMs = 600_000;
    const readings = await over(server, open(server, {rate: 'a'}), 60);
    expect(readings.length).to.be.within(4, 6);
    for (const [i, {value, at, lasts}] of readings.entries()) {
      expect([value, lasts]).to.deep.equal([10, 15_000_000]);
      expect(at).to.equal((readings[0]?.at ?? 0) + i * 15_000_000);
      expect((at ?? 1) % 15_000_000).to.equal(0);
    }
  });

  it('become bins of `every` where that is longer', async () => {
    const server = new FakeServer({a: [counter]}, 1000);
    server.nowMs = 600_000;
    const readings = await over(server, open(server, {rate: 'a'}, 5000), 30);
    expect(readings.map(({value, lasts}) => [value, lasts])).to.deep.equal(readings.map(() => [10, 5_000_000]));
    expect(readings.length).to.be.within(6, 7);
  });

  it('are waited for, and missing where they stay away', async () => {
    const gone: Series = [{job: 'j', instance: 'i'}, second => (second > 610 && second < 640 ? undefined : second)];
    const server = new FakeServer({a: [gone]}, 1000);
    server.nowMs = 600_000;
    const readings = await over(server, open(server, {rate: 'a'}), 60);
    const at = (second: number) => readings.find(reading => reading.at === second * 1e6);
    expect(at(605)?.value).to.equal(1);
    expect(at(620)).to.include({value: null, why: '{job="j", instance="i"} cannot be scraped'});
    expect(at(650)?.value).to.equal(1);
  });

  it('are missing with the reason while the server does not answer, and go on where they were afterwards', async () => {
    const server = new FakeServer({a: [counter]}, 1000);
    server.nowMs = 600_000;
    const probe = open(server, {rate: 'a'});
    const before = await over(server, probe, 3);
    server.failure = 'connection refused';
    expect(await over(server, probe, 2)).to.deep.equal([
      noValue('between', 'Prometheus: connection refused'),
      noValue('between', 'Prometheus: connection refused'),
    ]);
    server.failure = undefined;
    const [next] = await probe.read(signal);
    expect(next?.at).to.equal((before.at(-1)?.at ?? 0) + 1e6);
  });

  it('are mapped anew, and say so, when the clock of the server is set', async () => {
    const server = new FakeServer({a: [counter]}, 1000);
    server.nowMs = 600_000;
    const probe = open(server, {rate: 'a'});
    await over(server, probe, 2);
    server.stepMs = 5000;
    expect(await probe.read(signal)).to.deep.equal([noValue('between', 'Prometheus: its clock was set by 5s')]);
    expect((await over(server, probe, 3)).length).to.be.above(0);
  });

  it('are read by subject, and need its label', async () => {
    const of = (queue: string, value: number): Series => [{queue}, () => value];
    const server = new FakeServer({q: [of('a', 1), of('b', 2)], p: [of('a', 1), [{}, () => 2]]}, 1000);
    server.nowMs = 600_000;
    const readings = await open(server, {value: 'q', subject: 'queue'}).read(signal);
    expect(readings.map(({subject, value}) => [subject, value])).to.deep.equal([
      ['a', 1],
      ['b', 2],
    ]);
    const [why] = await open(server, {value: 'p', subject: 'queue'}).read(signal);
    expect(why).to.include({value: null, why: '{} has no label `queue`'});
    const [several] = await open(server, {value: 'q'}).read(signal);
    expect(several?.value === null && several.why).to.match(/^expected one series; got 2 /);
  });

  it('are not there yet, or too few, in words', async () => {
    const server = new FakeServer({}, 1000);
    const [reading] = await open(server, {rate: 'a'}).read(signal);
    expect(reading).to.include({why: 'there are too few scrapes of `a` yet: it takes two'});
  });

  it('count errors and their ratio; without traffic there is no value, but what was counted', async () => {
    const total: Series = [{code: '200'}, second => Math.min(second, 605) * 20];
    const bad: Series = [{code: '500'}, second => Math.min(second, 605) * 5];
    const server = new FakeServer({total: [total], bad: [bad]}, 1000);
    server.nowMs = 600_000;
    const readings = await over(server, open(server, {bad: 'bad', total: 'total'}), 15);
    expect(readings[0]).to.include({value: 0.25}).and.to.have.deep.property('counted', {bad: 5, total: 20});
    expect(readings.at(-1)).to.include({value: null, why: 'no traffic: nothing was counted'});
    expect(readings.at(-1)).to.have.deep.property('counted', {bad: 0, total: 0});
  });

  it('are read back from the past in pieces, and go on from there', async () => {
    const server = new FakeServer({a: [counter]}, 1000);
    server.nowMs = 3_000_000;
    const probe = open(server, {rate: 'a'});
    const past = await probe.history({fromUs: 2_000_000_000, toUs: 3_000_000_000}, signal);
    expect(past.map(({value}) => value)).to.deep.equal(past.map(() => 10));
    expect(past.length).to.be.within(997, 1001);
    expect(past[0]?.at).to.be.within(2_000_000_000, 2_001_000_000);
    server.nowMs += 1000;
    const [next] = await probe.read(signal);
    expect(next?.at).to.equal((past.at(-1)?.at ?? 0) + 1e6);
  });
});

describe('a query of Prometheus', () => {
  it('is read back from the past step by step', async () => {
    const answers: HttpRequester = {
      send: ({url}) => {
        const start = Number(url.searchParams.get('start'));
        const values = [0, 2].map(i => [start + i, String(i)]);
        const data = url.pathname.endsWith('query_range')
          ? {resultType: 'matrix', result: [{metric: {}, values}]}
          : {resultType: 'scalar', result: [5000, '5000']};
        return Promise.resolve({status: 200, body: JSON.stringify({status: 'success', data}), date: undefined, ms: 1});
      },
      close: () => Promise.resolve(),
    };
    const server = new PrometheusServer(answers, new URL('http://prometheus/api/v1/'), {});
    const probe = new QueryProbe({server, query: 'up', subject: undefined, everyMs: 1000, mono: () => 100_000_000});
    expect(await probe.history({fromUs: 97_000_000, toUs: 100_000_000}, signal)).to.deep.equal([
      {at: 97_000_000, value: 0},
      {at: 98_000_000, ...noValue('silent', 'the query had no answer then')},
      {at: 99_000_000, value: 2},
    ]);
  });
});
