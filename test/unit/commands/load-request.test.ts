import {expect} from 'chai';
import {loadRequest, type LoadFlags} from '../../../src/commands/load/request.js';
import {parseExperiment} from '../../../src/experiment/parse.js';
import {FiredrillError} from '../../../src/system/error.js';

function experimentWith(...loads: readonly string[]) {
  const content = `
version: 1
title: A file with loads
targets: { inventory: { docker: inventory } }
${loads.length === 0 ? '' : `load:\n${loads.map(line => `  ${line}`).join('\n')}`}
steadyState:
  answers:
    http: { url: http://127.0.0.1:9/ }
    tolerance: { below: 1s }
faults:
  - { name: freeze, pause: {}, targets: [inventory], for: 20s }
`;
  const {experiment, problems} = parseExperiment({file: 'test.yaml', content, environment: {}});
  if (experiment === undefined) throw new Error(JSON.stringify(problems));
  return experiment;
}

const ONE = 'checkout: { http: http://127.0.0.1:9/, rate: 30/s }';
const TWO = 'search: { http: http://127.0.0.1:9/search, rate: 5/s }';
const flags = (given: Partial<LoadFlags> = {}): LoadFlags => ({'find-saturation': false, quiet: true, ...given});

function refusal(loads: readonly string[], given: Partial<LoadFlags>): string {
  try {
    loadRequest(experimentWith(...loads), flags(given));
  } catch (error) {
    if (error instanceof FiredrillError && error.code === 'BAD_USAGE') return error.message;
    throw error;
  }
  return 'not refused';
}

describe('what firedrill load is asked for', () => {
  it('is every load of the file for 30 s, or the one that is named for as long as is said', () => {
    const all = loadRequest(experimentWith(ONE, TWO), flags());
    expect(all.kind === 'measure' ? all.loads.map(({name}) => name) : all.kind).to.deep.equal(['checkout', 'search']);
    expect(all.forMs).to.equal(30_000);
    const one = loadRequest(experimentWith(ONE, TWO), flags({load: 'search', for: '1m'}));
    expect(one.kind === 'measure' ? one.loads.map(({name}) => name) : one.kind).to.deep.equal(['search']);
    expect(one.forMs).to.equal(60_000);
  });

  it('is a search from the rate of the file that has an end', () => {
    const search = loadRequest(experimentWith(ONE), flags({'find-saturation': true}));
    expect(search).to.include({kind: 'search', from: 30, to: 3000, stepMs: 5000, forMs: 300_000});
    const bounded = loadRequest(
      experimentWith(ONE),
      flags({'find-saturation': true, from: '500/s', to: '600/s', step: '10s', for: '2m'}),
    );
    expect(bounded).to.include({kind: 'search', from: 500, to: 600, stepMs: 10_000, forMs: 120_000});
    const far = loadRequest(experimentWith(ONE), flags({'find-saturation': true, from: '200/s'}));
    expect(far).to.include({kind: 'search', to: 10_000});
  });

  it('is refused in words that say what was expected', () => {
    const search = {'find-saturation': true};
    expect(refusal([], {})).to.equal('Expected a file with a `load`; this one has none.');
    expect(refusal([ONE, TWO], {load: 'chekout'})).to.include('one of `checkout`, `search`; got `chekout`');
    expect(refusal([ONE, TWO], search)).to.include('to name the one load to search with: `checkout`, `search`');
    expect(refusal([ONE], {for: '30'})).to.include('`--for` with a duration of 2s to 24h; got `30`');
    expect(refusal([ONE], {...search, step: '1s'})).to.include('`--step` with a duration of 2s to 2m; got `1s`');
    expect(refusal([ONE], {...search, from: '30'})).to.include('a rate such as `100/s`, at most 50000/s; got `30`');
    expect(refusal([ONE], {...search, to: '60000/s'})).to.include('got `60000/s`');
    expect(refusal([ONE], {...search, to: '20/s'})).to.include('not to be below the first rate, 30/s; got `20/s`');
  });
});
