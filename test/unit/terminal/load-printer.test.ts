import {Chalk} from 'chalk';
import {expect} from 'chai';
import {loadLines, saturationJson, saturationLines, stepLine} from '../../../src/terminal/load-printer.js';
import {searchResult, type SearchEnd, type SearchStep} from '../../../src/statistics/index.js';
import {searchStep, summaryOf} from '../../../src/verdict/loads/summary.js';
import {second, seconds} from '../../support/signals.js';

const SPEC = {
  name: 'checkout',
  http: {method: 'GET', url: 'http://shop.test/checkout', headers: {}, success: [[200, 399] as const]},
  rate: 50,
  timeoutMs: 1000,
  maxInFlight: 100,
};
const PRINTING = {style: new Chalk({level: 0}), columns: 100};

const step = (rate: number, throughput = rate, inFlight = rate / 50): SearchStep => ({
  rate,
  offered: rate,
  throughput,
  concurrency: inFlight,
  p99: (3000 * inFlight) / throughput,
  errors: 0,
  limited: false,
  points: [1, 2, 3].map(n => ({concurrency: (inFlight * (n + 1)) / 3, throughput})),
});

const text = (steps: readonly SearchStep[], end: SearchEnd) =>
  saturationLines(SPEC, searchResult(steps, end, 1), PRINTING).join('\n');

describe('what firedrill load prints', () => {
  it('says in words why TLS failed', () => {
    const failed = seconds(0, 10, {failed: 50}).map(one => ({
      ...one,
      outcomes: {'tls-ERR_TLS_CERT_ALTNAME_INVALID': [[0, 50]] as const},
    }));
    const all = loadLines(SPEC, summaryOf(failed), PRINTING).join('\n');
    expect(all).to.include('500 tls: the certificate is for another host name');
  });

  it('is rate, latency, failures and how well the generator kept its pace', () => {
    const lines = loadLines(SPEC, summaryOf(seconds(0, 10, {ok: 45, failed: 5, latencyMs: 20})), PRINTING);
    expect(lines[0]).to.equal('Load checkout: GET http://shop.test/checkout at 50/s');
    const all = lines.join('\n');
    expect(all).to.match(/Rate +44\.\d\/s answered of 50\/s, for 10 s/);
    expect(all).to.match(/Failed +10% \(450 ok, 50 status-503\)/);
    expect(all).to.match(/p99 20\.\dms/);
    expect(all).not.to.include('generator-limited');
  });

  it('says that what was measured is the generator when it could not hold the load', () => {
    const late = loadLines(SPEC, summaryOf(seconds(0, 10, {ok: 50, latencyMs: 20, lagMs: 15})), PRINTING).join(' ');
    expect(late).to.include('generator-limited: 1% of the requests left 15ms late');
    const short = loadLines(SPEC, summaryOf(seconds(0, 10, {ok: 25, unsent: 25})), PRINTING).join(' ');
    expect(short).to.include('sent 250 of 500 intended requests');
  });

  it('is a table of the steps, the knee, the capacity with its limits, and at what rate to run experiments', () => {
    const steps = [40, 60, 90, 135].map(rate => step(rate));
    const found = [...steps, step(203, 160, 120), step(305, 158, 380), step(166, 159, 20), step(150)];
    const said = text(found, 'found');
    expect(said).to.match(/✔ +40\/s +40\/s/);
    expect(said).to.match(/✖ +203\/s +160\/s .*too much/);
    expect(said).to.include('between 150/s, answered in time, and 166/s, which is not');
    expect(said).to.match(/Capacity +1[5-9]\d\/s \(surely 1[4-9]\d\/s to \d{3}\/s\)/);
    expect(said).to.include('run experiments at 50 to 70 % of the knee: 75/s to 110/s');
    expect(stepLine(step(40), 1)).to.equal('step 1: 40/s, 40/s answered, 0.8 in flight, p99 60ms');
  });

  it('is a lower bound when the generator or the highest allowed rate was the end', () => {
    const fine = [40, 60, 90].map(rate => step(rate));
    expect(text(fine, 'not-reached')).to.include('not reached: 90/s is answered in time; it is at least 90/s');
    const limited = text([...fine, {...step(135, 100), limited: true}], 'limited');
    expect(limited).to.include('generator-limited: the generator could not hold more; at least 90/s, a lower bound');
    expect(limited).to.match(/\? +135\/s .*the generator could not hold it/);
    expect(limited).to.include('at least 90/s: the system was not saturated');
    const never = text([step(40, 20)], 'never-fine');
    expect(never).to.include('even the lowest rate was not answered in time');
  });

  it('is data without infinities with --json', () => {
    const json = saturationJson('checkout', searchResult([step(40)], 'not-reached', 1));
    expect(JSON.parse(JSON.stringify(json))).to.deep.include({
      load: 'checkout',
      end: 'not-reached',
      knee: {below: 40, above: null},
      capacity: null,
      generatorLimited: false,
    });
  });
});

describe('a step of the search', () => {
  const steps = [second(0, {ok: 50}), second(1, {ok: 50}), second(2, {ok: 50})];

  it('leaves out the seconds before it, but not what of them is still in flight', () => {
    const of = searchStep(steps.slice(1), {rate: 50, maxInFlight: 100}, steps.slice(0, 1));
    expect(of.offered).to.equal(50);
    expect(of.throughput).to.be.closeTo(50, 0.01);
    expect(of.points).to.have.length(2);
    expect(of.limited).to.equal(false);
  });

  it('blames the generator for what is late or was not sent, unless the system is full', () => {
    const of = (how: Parameters<typeof seconds>[2]) =>
      searchStep(seconds(0, 5, how), {rate: 50, maxInFlight: 100}, []).limited;
    expect(of({ok: 50, lagMs: 50})).to.equal(true);
    expect(of({ok: 20, unsent: 30, latencyMs: 20})).to.equal(true);
    expect(of({ok: 50, unsent: 30, latencyMs: 3000})).to.equal(false);
  });
});
