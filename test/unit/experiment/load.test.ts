import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import type {LoadSpec} from '../../../src/signals/load/spec.js';
import {parseExperiment} from '../../../src/experiment/parse.js';
import {describeLoad} from '../../../src/verdict/loads/loads.js';

const REST = `
version: 1
title: Visitors are served
targets: { inventory: { docker: shop-inventory-1 } }
faults: [{ name: freeze, pause: {}, targets: [inventory], for: 20s }]
`;
const METRIC = `
steadyState: { errors: { load: { of: checkout, measure: errors.ratio }, tolerance: { below: 1% } } }
`;
const BASE = 'http://127.0.0.1:8080';

function loadOf(load: string): LoadSpec | undefined {
  const content = `${REST}${METRIC}load: { checkout: ${load} }\n`;
  const {experiment, problems} = parseExperiment({file: 'load.yaml', content, environment: {}});
  expect(problems).to.deep.equal([]);
  return experiment?.load['checkout'];
}

describe('a load in an experiment file', () => {
  it('reads the short form as it always did', () => {
    expect(loadOf(`{ http: "${BASE}/", rate: 100/s }`)).to.deep.equal({
      name: 'checkout',
      http: {method: 'GET', url: `${BASE}/`, headers: {}, success: [[200, 299]]},
      rate: 100,
      timeoutMs: 10_000,
      maxInFlight: 1000,
    });
  });

  it('reads ramps, steps and holds as stretches of a straight line', () => {
    const stages = '[{ to: 50/s, over: 10s }, { hold: 5s }, { to: 80/s, hold: 1s }, { to: 0/s, over: 2s, hold: 3s }]';
    const load = loadOf(
      `{ http: "${BASE}/", rate: 10/s, stages: ${stages}, repeat: true, arrivals: poisson, seed: 7 }`,
    );
    expect(load).to.deep.include({rate: 10, repeat: true, arrivals: 'poisson', seed: 7});
    expect(load?.stages).to.deep.equal([
      {fromRate: 10, toRate: 50, forMs: 10_000},
      {fromRate: 50, toRate: 50, forMs: 5000},
      {fromRate: 80, toRate: 80, forMs: 1000},
      {fromRate: 80, toRate: 0, forMs: 2000},
      {fromRate: 0, toRate: 0, forMs: 3000},
    ]);
    expect(describeLoad(load!)).to.equal(`GET ${BASE}/ at 0 to 80/s at random moments`);
  });

  it('begins at zero where there are stages and no rate', () => {
    const load = loadOf(`{ http: "${BASE}/", stages: [{ to: 50/s, over: 10s }] }`);
    expect(load).to.deep.include({rate: 0, stages: [{fromRate: 0, toRate: 50, forMs: 10_000}]});
  });

  it('reads scenarios with their requests, pauses and checks', () => {
    const steps = `[
      { request: home, http: "${BASE}/" }, { think: 500ms }, { think: { from: 1s, to: 2s } },
      { request: buy, http: { url: "${BASE}/buy", http2: true, json: { a: 1 }, checks: {
          created: { status: 201 }, small: { maxSize: 1KiB }, typed: { header: Content-Type, contains: json },
          sold: { json: $.state, equals: sold }, any: { json: $.id }, said: { matches: "so.d" } } } }]`;
    const load = loadOf(`{ rate: 5/s, scenarios: { order: { weight: 2.5, steps: ${steps} } } }`);
    expect(load?.http).to.equal(undefined);
    expect(load?.scenarios).to.deep.equal([
      {
        name: 'order',
        weight: 2.5,
        steps: [
          {name: 'home', http: {method: 'GET', url: `${BASE}/`, headers: {}, success: [[200, 299]]}},
          {thinkMs: [500, 500]},
          {thinkMs: [1000, 2000]},
          {
            name: 'buy',
            http: {
              method: 'POST',
              url: `${BASE}/buy`,
              headers: {'content-type': 'application/json'},
              body: '{"a":1}',
              success: [[200, 299]],
              http2: true,
              checks: [
                {name: 'created', status: [[201, 201]]},
                {name: 'small', maxSize: 1024},
                {name: 'typed', header: 'content-type', is: {contains: 'json'}},
                {name: 'sold', json: '$.state', is: {equals: 'sold'}},
                {name: 'any', json: '$.id'},
                {name: 'said', body: {matches: 'so.d'}},
              ],
            },
          },
        ],
      },
    ]);
    expect(describeLoad(load!)).to.equal(`GET ${BASE}/, POST ${BASE}/buy at 5/s starts of a scenario`);
  });

  it('is shown in docs/load.md as it can be written', () => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'load.md'), 'utf8');
    const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml);
    expect(examples).to.have.length.greaterThan(1);
    for (const content of examples) {
      expect(parseExperiment({file: 'load.md', content, environment: {}}).problems).to.deep.equal([]);
    }
  });
});
