import {expect} from 'chai';
import {parseExperiment} from '../../../src/experiment/parse.js';

interface Parts {
  readonly metrics?: string;
  readonly windows?: string;
  readonly faults?: string;
  readonly load?: string;
  readonly more?: string;
}

const ONE = 'one: { command: { run: [echo, "1"] }, tolerance: { equals: 1 } }';
const BY_CHANGE = 'speed: { load: { of: orders, measure: latency.p95 }, deviation: { by: 20% } }';

/** What is too short in a file, with its place. */
function problems(
  {metrics = ONE, windows = '{}', faults, load = 'rate: 20/s', more = ''}: Parts,
  goOnMs?: number,
): readonly string[] {
  const content = `version: 1
title: Times
targets: { app: { process: { start: [sleep, "60"] } } }
load: { orders: { http: "http://127.0.0.1:9/", ${load} } }
steadyState: { ${metrics} }
windows: ${windows}
faults: [ ${faults ?? '{ name: freeze, pause: {}, targets: [app], for: 30s }'} ]
${more}`;
  return parseExperiment({file: 'x.yaml', content, environment: {}, goOnMs}).problems.map(
    ({line, column, code, message}) => `${line}:${column} ${code} ${message}`,
  );
}

describe('times in which a run could not answer', () => {
  it('are no times that are long enough', () => {
    expect(problems({})).to.deep.equal([]);
    expect(
      problems({windows: '{ baseline: 3s, recovery: 7s }', faults: '{ name: f, pause: {}, targets: [app], for: 3s }'}),
    ).to.deep.equal([]);
    expect(problems({metrics: BY_CHANGE, windows: '{ recovery: 16s }'})).to.deep.equal([]);
  });

  it('are a recovery in which nothing can be seen to stay back, with the least that would do', () => {
    expect(problems({windows: '{ recovery: 6999ms }'})).to.deep.equal([
      '6:22 TOO_SHORT expected at least 7s: `one` is back once it has been inside its tolerance for 5s; got 6.999s',
    ]);
    const slow = ONE.replace('run:', 'every: 10s, run:');
    expect(problems({metrics: slow, windows: '{ recovery: 20s }'})[0]).to.match(
      /^6:22 TOO_SHORT expected at least 25s/,
    );
    expect(
      problems({metrics: ONE.replace('tolerance', 'judge: [fault], tolerance'), windows: '{ recovery: 1s }'}),
    ).to.deep.equal([]);
  });

  it('are a recovery in which no change can be proven to be over', () => {
    expect(problems({metrics: BY_CHANGE, windows: '{ recovery: 15s }'})).to.deep.equal([
      '6:22 TOO_SHORT expected at least 16s: `speed` is proven to be back by 15 values; got 15s',
    ]);
  });

  it('are a limit of the recovery that is finer than the moment is known', () => {
    expect(problems({more: 'expect: { recovery: { within: 1s } }'})).to.deep.equal([
      '8:31 TOO_SHORT expected at least 2s: when `one` is back is not known more exactly than that; got 1s',
    ]);
    expect(problems({more: 'expect: { recovery: { within: 2s } }'})).to.deep.equal([]);
  });

  it('are a baseline with too few samples, or without a whole second of a load', () => {
    expect(problems({windows: '{ baseline: 2s }'})).to.deep.equal([
      '6:22 TOO_SHORT expected at least 3s: `one` is judged by 3 samples, one every 1s; got 2s',
    ]);
    const errors = 'errors: { load: { of: orders, measure: errors.ratio }, tolerance: { below: 1% } }';
    expect(problems({metrics: errors, windows: '{ baseline: 1s }'})[0]).to.match(
      /expected at least 2s: `errors` is judged by whole seconds/,
    );
    expect(problems({metrics: errors, windows: '{ baseline: 5s }', load: 'rate: 0.1/s'})[0]).to.match(
      /expected at least 11s/,
    );
  });

  it('are an injection that is over before it could be judged, each at its place', () => {
    const faults = (first: string, second: string) =>
      `{ name: a, pause: {}, targets: [app], for: ${first} },
  { name: b, pause: {}, targets: [app], for: ${second}, after: { fault: a, ends: 1s } }`;
    expect(problems({faults: faults('30s', '2s')})).to.deep.equal([
      '8:46 TOO_SHORT expected at least 3s: `one` is judged by 3 samples, one every 1s; got 2s',
    ]);
    const settling = ONE.replace('equals: 1', 'equals: 1, settlesWithin: 10s');
    expect(problems({metrics: settling, faults: faults('12s', '30s')})).to.deep.equal([
      '7:54 TOO_SHORT expected at least 13s: `one` is judged by 3 samples, one every 1s, after the 10s in which it may settle; got 12s',
    ]);
    expect(
      problems({metrics: ONE.replace('tolerance', 'judge: [recovery], tolerance'), faults: faults('1s', '1s')}),
    ).to.deep.equal([]);
  });

  it('are a baseline or an injection with too few values of what is decided by its change, with the least that would do', () => {
    const fault = (lasts: string) => `{ name: f, pause: {}, targets: [app], for: ${lasts} }`;
    expect(problems({metrics: BY_CHANGE, windows: '{ baseline: 24s }', faults: fault('24s')})).to.deep.equal([
      '6:22 TOO_SHORT expected at least 25s: `speed` is decided by at least 24 values of the baseline and of the fault, one a second; got 24s',
      '7:54 TOO_SHORT expected at least 25s: `speed` is decided by at least 24 values of the baseline and of the fault, one a second; got 24s',
    ]);
    expect(problems({metrics: BY_CHANGE, windows: '{ baseline: 25s }', faults: fault('25s')})).to.deep.equal([]);
    const slow = (deviation: string) => `queue: { command: { run: [echo, "1"], every: 5s }, ${deviation} }`;
    expect(
      problems({
        metrics: slow('deviation: { by: 20% }'),
        windows: '{ baseline: 119s, recovery: 10m }',
        faults: fault('2m'),
      }),
    ).to.deep.equal([
      '6:22 TOO_SHORT expected at least 2m: `queue` is decided by at least 24 values of the baseline and of the fault, one every 5s; got 1m59s',
    ]);
    expect(
      problems({
        metrics: `${ONE}, ${slow('judge: [], deviation: { by: 20% }')}`,
        windows: '{ baseline: 20s }',
        faults: fault('20s'),
      }),
    ).to.deep.equal([]);
  });

  it('are long enough where the run may make them longer', () => {
    const faults = '{ name: f, pause: {}, targets: [app], for: 5s }';
    expect(problems({metrics: BY_CHANGE, windows: '{ baseline: 5s, goOn: 1m }', faults})).to.deep.equal([]);
    expect(problems({metrics: BY_CHANGE, windows: '{ baseline: 5s, goOn: 20s }', faults})).to.have.length(2);
  });

  it('are long enough where the command line lets the run make them longer, which wins over the file', () => {
    const faults = '{ name: f, pause: {}, targets: [app], for: 5s }';
    expect(problems({metrics: BY_CHANGE, windows: '{ baseline: 5s }', faults})).to.have.length(2);
    expect(problems({metrics: BY_CHANGE, windows: '{ baseline: 5s }', faults}, 60_000)).to.deep.equal([]);
    expect(problems({metrics: BY_CHANGE, windows: '{ baseline: 5s, goOn: 1m }', faults}, 20_000)).to.have.length(2);
  });

  it('are blocks in which no whole value fits', () => {
    const design = (block: string) => `design: { switchback: { blocks: 12, block: ${block}, washout: 2500ms } }`;
    const blocks = (block: string) =>
      problems({metrics: BY_CHANGE, faults: '{ name: f, pause: {}, targets: [app] }', more: design(block)});
    expect(blocks('3s')).to.deep.equal([
      '8:44 TOO_SHORT expected at least 3.5s: a block must hold a whole value of `speed` after the 2.5s that are left out; got 3s',
    ]);
    expect(blocks('3500ms')).to.deep.equal([]);
  });
});
