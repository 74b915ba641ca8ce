import {expect} from 'chai';
import {PROBES} from '../../../src/experiment/catalogue.generated.js';
import {parseExperiment} from '../../../src/experiment/parse.js';

interface Parts {
  readonly metrics?: string;
  readonly guards?: string;
  readonly faults?: string;
  readonly load?: string;
  readonly checks?: string;
}

const PAUSE = '{ name: freeze, pause: {}, targets: [app], for: 20s }';

function problems({metrics = '', guards = '', faults = PAUSE, load = 'rate: 20/s', checks = ''}: Parts) {
  const content = `version: 1
title: Limits
targets: { app: { process: { start: [sleep, "60"] } } }
load: { orders: { http: "http://127.0.0.1:9/", ${load} } }
steadyState:
  errors: { load: { of: orders, measure: errors.ratio }, tolerance: { below: 1% } }
  up: { tcp: { address: "127.0.0.1:9" }, tolerance: { equals: 1 } }
${metrics === '' ? '' : `  m: ${metrics}`}
faults: [ ${faults} ]
guards: [ ${guards} ]
${checks === '' ? '' : `expect: { checks: [ ${checks} ] }`}`;
  return parseExperiment({file: 'x.yaml', content, environment: {}}).problems.map(
    ({line, code, message}) => `${line} ${code} ${message}`,
  );
}

const ofLoad = (measure: string, rest: string) => `{ load: { of: orders, measure: ${measure} }, ${rest} }`;
const said = (metrics: string, load?: string) => problems({metrics, ...(load === undefined ? {} : {load})});

describe('limits that decide nothing', () => {
  it('are those that no share can miss or meet', () => {
    const share = (tolerance: string) => said(ofLoad('errors.ratio', `tolerance: { ${tolerance} }`));
    expect(share('below: 200%')).to.deep.equal([
      '8 POINTLESS expected a limit that can be missed: `m` is always 0% to 100%; got 200%',
    ]);
    expect(share('below: 0%')).to.deep.equal([
      '8 POINTLESS expected a limit that can be met: `m` is always 0% to 100%; got 0%',
    ]);
    expect(share('above: 100%')[0]).to.include('can be met');
    expect(share('below: 100%')).to.deep.equal([]);
    expect(share('equals: 0%')).to.deep.equal([]);
  });

  it('are latencies beyond the time-out, of a load and of a probe', () => {
    const p95 = (below: string, timeout: string) =>
      said(ofLoad('latency.p95', `tolerance: { below: ${below} }`), `rate: 20/s, timeout: ${timeout}`);
    expect(p95('11s', '10s')).to.deep.equal([
      '8 POINTLESS expected a limit that can be missed: `m` is always 0s to 10s; got 11s',
    ]);
    // What times out took that long: it can be missed.
    expect(p95('10s', '10s')).to.deep.equal([]);
    const probe = (below: string) =>
      said(`{ http: { url: "http://127.0.0.1:9/", timeout: 2s }, tolerance: { below: ${below} } }`);
    expect(probe('2s')[0]).to.match(/can be missed: `m` is always 0s to 2s; got 2s$/);
    expect(probe('1999ms')).to.deep.equal([]);
  });

  it('are those of yes or no, and of what is counted', () => {
    const up = (tolerance: string) => said(`{ tcp: { address: "127.0.0.1:9" }, tolerance: { ${tolerance} } }`);
    expect(up('equals: 2')[0]).to.include('can be met');
    expect(up('above: 1')[0]).to.include('can be met');
    expect(up('below: 2')[0]).to.include('can be missed');
    expect(up('above: 0')).to.deep.equal([]);
    const restarts = (tolerance: string) =>
      said(`{ process: { of: app, measure: memory }, tolerance: { ${tolerance} } }`);
    expect(restarts('below: 0B')[0]).to.include('can be met: `m` is always 0B or more');
    expect(restarts('below: 1MiB')).to.deep.equal([]);
  });

  it('are rates that the load never asks for', () => {
    const answered = (above: string, load: string) =>
      said(ofLoad('throughput', `tolerance: { above: ${above} }`), load);
    expect(answered('60/s', 'rate: 50/s')[0]).to.include('can be met');
    expect(answered('45/s', 'rate: 50/s')).to.deep.equal([]);
    expect(answered('60/s', 'rate: 50/s, arrivals: poisson')).to.deep.equal([]);
    expect(answered('60/s', 'rate: 50/s, stages: [ { to: 100/s, over: 30s } ]')).to.deep.equal([]);
  });

  it('are changes of more than all', () => {
    expect(said(ofLoad('errors.ratio', 'deviation: { by: 100% }'))[0]).to.include(
      'expected a change that can be exceeded',
    );
    expect(said(ofLoad('throughput', 'deviation: { by: 100% }'))[0]).to.include('cannot get worse by more than 100%');
    expect(said(ofLoad('latency.p95', 'judge: [recovery], deviation: { by: 200% }'))).to.deep.equal([]);
  });

  it('are changes in another unit than that of the metric, or in two', () => {
    const change = (measure: string, deviation: string) =>
      said(ofLoad(measure, `judge: [recovery], deviation: ${deviation}`));
    expect(change('latency.p95', '{ by: 20ms }')).to.deep.equal([]);
    expect(change('throughput', '{ by: 5/s, critical: 1200/m }')).to.deep.equal([]);
    expect(change('latency.p95', '{ by: 20 }')).to.deep.equal([
      '8 WRONG_UNIT `m` is a duration: expected a share of it such as `20%`, or a duration such as `200ms`, `5s`, `2m`; got `20`',
    ]);
    expect(change('throughput', '{ by: 20ms }')[0]).to.include(
      '`m` is a rate: expected a share of it such as `20%`, or a rate',
    );
    expect(change('errors.ratio', '{ by: 5 }')).to.deep.equal([
      '8 WRONG_UNIT `m` is a share: expected a share such as `20%`, `0.5%`; got `5`',
    ]);
    expect(change('errors.rate', '{ by: 5/s }')[0]).to.include(
      '`m` is compared as a share of the requests: expected a share',
    );
    expect(change('latency.p95', '{ by: 20ms, critical: 50% }')[0]).to.include(
      'CONTRADICTION expected `critical` in the same terms as `by`',
    );
    expect(change('latency.p95', '{ by: 20ms, critical: 10ms }')[0]).to.include(
      'expected `critical` to be more than `by`',
    );
    expect(change('latency.p95', '{ by: 0ms }')[0]).to.include('WRONG_VALUE expected more than zero; got `0ms`');
    expect(change('latency.p95', '{ by: 1001% }')[0]).to.include('WRONG_VALUE expected at most 1000%; got `1001%`');
    expect(change('latency.p95', '{ by: [1] }')[0]).to.include(
      "expected a share such as `20%`, or a difference in the metric's unit",
    );
  });

  it('are guards that are never reached, or always', () => {
    const guard = (limit: string, metric = 'errors') => problems({guards: `{ metric: ${metric}, ${limit} }`});
    expect(guard('above: 150%')[0]).to.include('10 POINTLESS expected a limit that can be reached');
    expect(guard('above: 100%')[0]).to.include('can be reached');
    expect(guard('below: 0', 'up')[0]).to.include('can be reached');
    expect(guard('below: 2', 'up')[0]).to.include('can be kept');
    expect(guard('above: 99%, for: 5s')).to.deep.equal([]);
    expect(guard('below: 1', 'up')).to.deep.equal([]);
  });

  it('are guards that wait for longer than anything is injected', () => {
    const guard = (forText: string, faults?: string) =>
      problems({guards: `{ metric: errors, above: 50%, for: ${forText} }`, ...(faults === undefined ? {} : {faults})});
    expect(guard('20s')).to.deep.equal([
      '10 POINTLESS expected less than 20s, the time in which something is injected: the guard would never end it; got 20s',
    ]);
    expect(guard('19s')).to.deep.equal([]);
    expect(guard('60s', PAUSE.replace('for: 20s', 'for: 20s, repeat: { every: 50s, times: 2 }'))).to.deep.equal([]);
    // What happens once goes on hurting until it is healed.
    expect(guard('40s', '{ name: die, kill: {}, targets: [app], for: 20s }')).to.deep.equal([]);
  });

  it('are values of checks that cannot be', () => {
    const check = (value: string) =>
      problems({checks: `{ name: answers, tcp: { address: "127.0.0.1:9" }, value: { ${value} } }`});
    expect(check('equals: 3')[0]).to.include('can be met');
    expect(check('equals: 1')).to.deep.equal([]);
  });

  it('are known of every probe: each declares what its numbers can be', () => {
    const latency = ['http', 'tcp', 'dns', 'tls', 'sql'].map(name => PROBES[name]?.rangeOf({measure: 'latency'}, 700));
    for (const range of latency) expect(range).to.deep.equal({least: 0, below: 700});
    for (const name of ['http', 'tcp', 'dns', 'tls', 'sql'])
      expect(PROBES[name]?.rangeOf({measure: 'up'}, 700), name).to.deep.equal({least: 0, most: 1});
    expect(PROBES['tls']?.rangeOf({measure: 'expiry'}, 700)).to.deep.equal({});
    expect(PROBES['prometheus']?.rangeOf({bad: 'a', total: 'b'}, 700)).to.deep.equal({least: 0, most: 1});
    expect(PROBES['docker']?.rangeOf({measure: 'health'}, 700)).to.deep.equal({least: 0, most: 1});
    expect(PROBES['kubernetes']?.rangeOf({measure: 'restarts'}, 700)).to.deep.equal({least: 0});
  });
});
