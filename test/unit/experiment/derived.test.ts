import {expect} from 'chai';
import {parseExperiment} from '../../../src/experiment/parse.js';

const HEAD = `version: 1
title: Checkout survives a frozen inventory
targets: { inventory: { docker: shop-inventory-1 } }
load: { checkout: { http: "http://127.0.0.1:8080/checkout", rate: 50/s } }
faults: [{ name: freeze, pause: {}, targets: [inventory], for: 20s }]
steadyState:
`;

const METRICS = `
  failed: { load: { of: checkout, measure: errors.rate } }
  orders: { load: { of: checkout, measure: throughput }, tolerance: { above: 10/s } }
  slow: { http: { url: "http://127.0.0.1:8080/", every: 5s, timeout: 3s } }
  depth: { command: { run: [echo, "1"], unit: count } }
`;

/** What the metric is read as, where it stands before those that it is made of. */
function derived(block: string) {
  const text = `${HEAD}  made: { metric: ${block} }${METRICS}`;
  const {experiment, problems} = parseExperiment({file: 'x.yaml', content: text, environment: {}});
  expect(problems.map(({message}) => message)).to.deep.equal([]);
  return experiment!.steadyState[0]!;
}

describe('a metric that is made of others', () => {
  it('has the unit, the rhythm and the bad direction that follow from them', () => {
    expect(derived('{ ratio: [failed, orders] }')).to.deep.include({
      name: 'made',
      source: 'metric',
      parameters: {form: 'ratio', metrics: ['failed', 'orders']},
      unit: 'ratio',
      worse: 'higher',
      everyMs: 1000,
      timeoutMs: 10_000,
    });
    expect(derived('{ share: failed, of: orders }')).to.deep.include({
      parameters: {form: 'share', metrics: ['failed', 'orders']},
      unit: 'ratio',
      worse: 'higher',
    });
    expect(derived('{ sum: [failed, failed] }')).to.include({unit: 'per-second', worse: 'higher'});
    expect(derived('{ sum: [failed, orders] }')).to.include({unit: 'per-second', worse: 'either'});
    expect(derived('{ difference: [orders, failed] }')).to.include({unit: 'per-second', worse: 'lower'});
    expect(derived('{ difference: [orders, orders] }')).to.include({worse: 'either'});
    expect(derived('{ ratio: [slow, depth] }')).to.include({unit: 'number', worse: 'either', everyMs: 5000});
    expect(derived('{ ratio: [depth, orders], every: 10s }')).to.include({everyMs: 10_000});
  });

  it('may be made of others that are made themselves', () => {
    const text = `${HEAD}  top: { metric: { ratio: [all, orders] } }
  all: { metric: { sum: [failed, orders], every: 2s } }${METRICS}`;
    const {experiment} = parseExperiment({file: 'x.yaml', content: text, environment: {}});
    const [top, all] = experiment!.steadyState;
    expect([top!.everyMs, all!.everyMs]).to.deep.equal([2000, 2000]);
    expect(experiment!.steadyState.map(({name}) => name).slice(0, 3)).to.deep.equal(['top', 'all', 'failed']);
  });
});
