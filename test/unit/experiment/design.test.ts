import {expect} from 'chai';
import {parseExperiment} from '../../../src/experiment/parse.js';

/** A file with what a design needs, and more lines. */
function read(metric: string, more: string) {
  const content = `version: 1
title: A store is slow
targets:
  store: { docker: store-1 }
  spare: { docker: store-2 }
load: { orders: { http: "http://127.0.0.1:8080/orders", rate: 50/s } }
steadyState:
  order latency: { load: { of: orders, measure: latency.p95 }, ${metric} }
  order errors: { load: { of: orders, measure: errors.ratio }, deviation: { by: 1% }, judge: [] }
  memory: { docker: { of: store, measure: memory } }
  speed of spare: { load: { of: orders, measure: latency.p95 } }
faults: [ { name: freeze, pause: {}, targets: [store]${more}`;
  const {experiment, problems} = parseExperiment({file: 'x.yaml', content, environment: {}});
  expect(problems.map(({line, message}) => `${line}: ${message}`)).to.deep.equal([]);
  return experiment!;
}

const AFTERWARDS = ', for: 30s } ]\n';

describe('The design of an experiment', () => {
  it('takes a deviation as ground for a verdict, and measures a longer baseline then', () => {
    const {steadyState, windows} = read('deviation: { by: 10%, worse: higher }', AFTERWARDS);
    const [latency, errors] = steadyState;
    expect(latency).to.deep.include({
      deviation: {by: 0.1, critical: 0.5},
      worse: 'higher',
      judge: ['fault', 'recovery'],
    });
    expect(errors).to.deep.include({deviation: {by: 0.01, critical: 0.05}, judge: []});
    expect(windows.baselineMs).to.equal(120_000);
    expect(read('tolerance: { below: 1s }', AFTERWARDS).windows.baselineMs).to.equal(30_000);
  });

  it('takes a change in the unit of the metric', () => {
    const [latency] = read('deviation: { by: 20ms, worse: higher }', AFTERWARDS).steadyState;
    expect(latency?.deviation).to.deep.equal({by: 20, critical: 100, absolute: true});
  });

  it('lets both a tolerance and a deviation stand, with a critical change of its own', () => {
    const [latency] = read('tolerance: { below: 1s }, deviation: { by: 20%, critical: 200% }', AFTERWARDS).steadyState;
    expect(latency?.deviation).to.deep.equal({by: 0.2, critical: 2});
    expect(latency?.tolerance?.below).to.equal(1000);
  });

  it('gives the blocks of a switchback their length, and the fault that of a block', () => {
    const blocks = ' } ]\ndesign: { switchback: { blocks: 12, block: 10s, washout: 2s } }\n';
    const {switchback, faults} = read('deviation: { by: 10% }', blocks);
    expect(switchback).to.deep.equal({blocks: 12, blockMs: 10_000, washoutMs: 2000});
    expect(faults[0]?.forMs).to.equal(10_000);
  });

  it('measures on the control what names a target that is hit, and what the file pairs', () => {
    const pairs = `${AFTERWARDS}control: { targets: [spare], metrics: { order latency: speed of spare } }\n`;
    const {steadyState, control} = read('deviation: { by: 10% }', pairs);
    expect(control?.targets).to.deep.equal(['spare']);
    expect(steadyState.map(({name, control: twin, parameters}) => [name, twin, parameters['of']])).to.deep.equal([
      ['order latency', 'speed of spare', 'orders'],
      ['order errors', undefined, 'orders'],
      ['memory', 'memory (control)', 'store'],
      ['memory (control)', undefined, 'spare'],
      ['speed of spare', undefined, 'orders'],
    ]);
  });

  it('reads an objective', () => {
    const objective = `${AFTERWARDS}objective: { of: order errors, target: 99.9%, window: 30d }\n`;
    expect(read('tolerance: { below: 1s }', objective).objective).to.deep.equal({
      metric: 'order errors',
      target: 0.999,
      windowMs: 30 * 86_400_000,
    });
  });
});
