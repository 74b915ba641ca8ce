import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import type {Experiment} from '../../../src/experiment/experiment.js';
import {parseExperiment, type ParseInput} from '../../../src/experiment/parse.js';
import type {Problem} from '../../../src/experiment/problem.js';

const FIXTURES = 'test/fixtures/experiments';

function parseFile(path: string, more: Partial<ParseInput> = {}) {
  const folder = join(FIXTURES, path, '..');
  return parseExperiment({
    file: path,
    content: readFileSync(join(FIXTURES, path)),
    environment: {},
    readInclude: name => ({file: name, content: readFileSync(join(folder, name))}),
    ...more,
  });
}

/** The experiment, or a failure that shows the problems. */
function experimentOf(parsed: ReturnType<typeof parseExperiment>): Experiment {
  expect(parsed.problems.map(({line, message}) => `${line}: ${message}`)).to.deep.equal([]);
  return parsed.experiment!;
}

const SMALLEST = readFileSync(join(FIXTURES, 'valid/smallest.yaml'), 'utf8');

function parseText(content: string | Uint8Array, more: Partial<ParseInput> = {}) {
  return parseExperiment({file: 'x.yaml', content, environment: {}, ...more});
}

function say(problems: readonly Problem[]): readonly string[] {
  return problems.map(({file, line, code, message}) => `${file}:${line} ${code} ${message}`);
}

describe('parseExperiment', () => {
  it('reads what depends on how another fault went, which is known at its end', () => {
    const second = (after: string) =>
      parseText(
        SMALLEST.replace(
          /faults: \[(.*)\]/,
          `faults: [ $1, { name: worse, pause: {}, targets: [inventory], for: 20s, after: ${after} } ]`,
        ),
      );
    const of = {from: 'fault', fault: 'freeze', edge: 'ends', onlyIf: 'held'};
    expect(experimentOf(second('{ fault: freeze, if: held }')).faults[1]?.after).to.deep.equal({...of, ms: 0});
    expect(experimentOf(second('{ fault: freeze, ends: 5s, if: held }')).faults[1]?.after).to.deep.equal({
      ...of,
      ms: 5_000,
    });
    expect(second('{ fault: freeze, starts: 5s, if: held }').problems[0]?.message).to.include(
      'expected `ends` beside `if`: what the other did is known once it has ended',
    );
    expect(second('{ fault: freeze, if: open }').problems[0]?.message).to.include('`held`');
  });

  it('reads times with limits of their own, and refuses those that cannot be seen', () => {
    const read = (times: string, tolerance = '{ below: 1% }') =>
      parseText(
        `${SMALLEST.replace('tolerance: { below: 1% }', `tolerance: ${tolerance}`)}windows: { recovery: 30s }\nexpect: { times: [${times}] }\n`,
      );
    const errors = 'metric: checkout errors';
    expect(
      experimentOf(
        read(
          `{ name: back, ${errors}, within: 20s }, { name: over, ${errors}, within: 9s, from: injection }, { name: out, ${errors}, outFor: 5s }, { name: undone, fault: freeze, undoneWithin: 3s }`,
        ),
      ).expect.times,
    ).to.deep.equal([
      {name: 'back', of: 'inside', metric: 'checkout errors', from: 'undo', limitMs: 20_000},
      {name: 'over', of: 'inside', metric: 'checkout errors', from: 'injection', limitMs: 9_000},
      {name: 'out', of: 'outside', metric: 'checkout errors', limitMs: 5_000},
      {name: 'undone', of: 'undo', fault: 'freeze', limitMs: 3_000},
    ]);
    const wrong = (times: string, tolerance?: string) =>
      read(times, tolerance).problems.map(({code, message}) => `${code} ${message}`);
    expect(wrong(`{ name: back, ${errors}, within: 40s }`)).to.deep.equal([
      'CONTRADICTION expected at most the recovery window (30s): nothing is measured after it',
    ]);
    expect(wrong(`{ name: back, ${errors}, within: 20s }`, '{ below: 1%, during: [baseline, fault] }')).to.deep.equal([
      'CONTRADICTION expected a metric that is judged in the recovery: nothing waits for `checkout errors` after the undo',
    ]);
    const inFault = '{ below: 1%, during: [fault] }';
    expect(wrong(`{ name: over, ${errors}, within: 15s, from: injection }`, inFault)).to.deep.equal([]);
    expect(wrong(`{ name: over, ${errors}, within: 16s, from: injection }`, inFault)[0]).to.match(
      /^TOO_SHORT expected a fault that lasts at least 21s: .* the longest `for` is 20s$/,
    );
    expect(wrong('{ name: back, metric: checkout error, within: 20s }')[0]).to.include('UNKNOWN_REFERENCE');
    expect(wrong('{ name: back, fault: thaw, undoneWithin: 20s }')[0]).to.include('UNKNOWN_REFERENCE');
    expect(wrong(`{ name: back, ${errors} }`)[0]).to.include('exactly one of `within`, `outFor`, `undoneWithin`');
    expect(wrong(`{ name: back, ${errors}, within: 2s, outFor: 3s }`)[0]).to.include('got `within` and `outFor`');
    expect(wrong('{ name: back, within: 2s }')[0]).to.include('`metric` beside `within`');
    expect(wrong(`{ name: out, ${errors}, outFor: 2s }`, '{ below: 1%, during: [baseline] }').join()).to.include(
      'a tolerance that applies from the injection on',
    );
  });

  it('reads the times of docs/times.md', () => {
    const [, example = ''] = /```yaml\n(expect:[\s\S]*?)```/.exec(readFileSync('docs/times.md', 'utf8')) ?? [];
    const metric = '{ command: { run: [x] }, tolerance: { below: 5 } }';
    const names = ['checkout errors', 'stand-by is primary', 'queue depth'].map(name => `${name}: ${metric}`);
    const file = `version: 1
title: Times
targets: { a: { docker: a } }
steadyState: { ${names.join(', ')} }
windows: { recovery: 2m }
faults: [ { name: drop the database, pause: {}, targets: [a], for: 20s } ]
`;
    expect(experimentOf(parseText(file + example)).expect.times?.map(({name}) => name)).to.deep.equal([
      'outage',
      'failed over',
      'drained',
      'restored',
    ]);
  });

  it('reads bounds that include the number, bands, and when they apply', () => {
    const read = (tolerance: string, more = '') =>
      parseText(SMALLEST.replace('tolerance: { below: 1% }', `tolerance: ${tolerance}${more}`));
    const metric = (tolerance: string) => experimentOf(read(tolerance)).steadyState[0];
    expect(metric('{ between: [40%, 60%], during: [fault] }')).to.deep.include({
      tolerance: {atLeast: 0.4, atMost: 0.6, settlesWithinMs: 0, during: ['fault']},
      judge: ['fault'],
      worse: 'higher',
    });
    expect(metric('{ atLeast: 1% }')).to.deep.include({worse: 'lower', judge: ['fault', 'recovery']});
    const wrong = (tolerance: string, more?: string) =>
      read(tolerance, more).problems.map(({code, message}) => `${code} ${message}`);
    const excluded = 'CONTRADICTION expected bounds that a value can keep to; got bounds that exclude each other';
    expect(wrong('{ between: [60%, 40%] }')).to.deep.equal([excluded]);
    expect(wrong('{ atLeast: 2%, below: 2% }')).to.deep.equal([excluded]);
    expect(wrong('{ atLeast: 2%, atMost: 2% }')).to.deep.equal([]);
    expect(wrong('{ between: [1%, 2%], atMost: 3% }')).to.deep.equal([
      'CONTRADICTION expected `between`, or `atLeast` and `atMost`; got both',
    ]);
    expect(wrong('{ between: [1%] }')[0]).to.include('expected two bounds, as in `[40%, 60%]`');
    expect(wrong('{ below: 1%, during: [fault] }', ', judge: [recovery]')).to.deep.equal([
      'CONTRADICTION expected times in which the tolerance applies (`fault`); got `recovery`',
    ]);
  });

  it('fills in the defaults of the smallest experiment', () => {
    expect(experimentOf(parseFile('valid/smallest.yaml'))).to.deep.equal({
      version: 1,
      title: 'Checkout survives a frozen inventory',
      tags: [],
      sources: {},
      targets: {inventory: {name: 'inventory', driver: 'docker', selector: {name: 'shop-inventory-1'}}},
      load: {
        checkout: {
          name: 'checkout',
          http: {method: 'GET', url: 'http://127.0.0.1:8080/checkout', headers: {}, success: [[200, 299]]},
          rate: 50,
          timeoutMs: 10_000,
          maxInFlight: 1000,
        },
      },
      steadyState: [
        {
          name: 'checkout errors',
          source: 'load',
          parameters: {of: 'checkout', measure: 'errors.ratio'},
          everyMs: 1000,
          timeoutMs: 10_000,
          unit: 'ratio',
          worse: 'higher',
          tolerance: {below: 0.01, settlesWithinMs: 0},
          judge: ['fault', 'recovery'],
        },
      ],
      windows: {warmupMs: 5000, baselineMs: 30_000, recoveryMs: 60_000},
      faults: [
        {
          name: 'freeze',
          fault: 'pause',
          parameters: {},
          targets: ['inventory'],
          forMs: 20_000,
          after: {from: 'baseline', ms: 0},
          heal: 'default',
          keep: false,
        },
      ],
      guards: [],
      expect: {recovery: {withinMs: 60_000}, checks: [], verdict: 'held'},
      safety: {maxTargets: 3, maxShare: 0.5, irreversible: 'refuse'},
    });
  });

  it('reads everything that this version can do', () => {
    const experiment = experimentOf(parseFile('valid/everything.yaml'));
    expect(experiment.sources).to.deep.equal({metrics: {prometheus: 'http://127.0.0.1:9090'}});
    expect(experiment.targets['store']?.select).to.deep.equal({mode: 'percent', share: 0.5, seed: 7});
    expect(experiment.load['checkout']?.http).to.deep.equal({
      method: 'POST',
      url: 'http://127.0.0.1:8080/checkout',
      headers: {'content-type': 'application/json'},
      body: '{"sku":"A1","quantity":1}',
      success: [[200, 299]],
    });
    const [slow, restart] = experiment.faults;
    expect(slow?.steps?.parameters.map(parameters => parameters['delay'])).to.deep.equal([50, 100, 400]);
    expect(slow?.steps?.labels).to.deep.equal(['delay 50ms', 'delay 100ms', 'delay 400ms']);
    expect(restart?.after).to.deep.equal({from: 'fault', fault: 'slow inventory', edge: 'ends', ms: 10_000});
    expect(restart?.heal).to.equal('platform');
    expect(experiment.steadyState.map(({name, judge}) => [name, judge])).to.deep.equal([
      ['checkout latency p95', ['fault', 'recovery']],
      ['checkout errors', ['fault', 'recovery']],
      ["visitors' orders", []],
      ['queue depth', ['recovery']],
      ['requests per second', []],
    ]);
    expect(experiment.expect.checks[0]?.change).to.deep.equal({equals: '${load:checkout.accepted}'});
    expect(experiment.guards).to.deep.equal([{metric: 'checkout errors', above: 0.25, forMs: 5000}]);
  });

  it('reads the full example of the design', () => {
    const {experiment, problems} = parseFile('later/full.yaml');
    expect(problems).to.deep.equal([]);
    expect(experiment?.expect.alerts?.[0]).to.include({alert: 'CheckoutSlow', receiver: 'payments', withinMs: 60_000});
    expect(experiment?.alertGuards).to.deep.equal([{alert: 'GlobalErrorBudgetCritical', from: 'metrics', labels: {}}]);
  });

  it('reads the library of experiments', () => {
    for (const name of readdirSync('experiments').filter(
      file => file.endsWith('.yaml') && !file.endsWith('.base.yaml'),
    )) {
      const parsed = parseExperiment({
        file: name,
        content: readFileSync(join('experiments', name)),
        environment: {},
        readInclude: path => ({file: path, content: readFileSync(join('experiments', path))}),
      });
      expect(say(parsed.problems), name).to.deep.equal([]);
    }
  });

  it('accepts a byte order mark, CRLF, and JSON', () => {
    const plain = experimentOf(parseText(SMALLEST));
    expect(experimentOf(parseText(`\uFEFF${SMALLEST}`))).to.deep.equal(plain);
    expect(experimentOf(parseText(SMALLEST.replaceAll('\n', '\r\n')))).to.deep.equal(plain);
    const {targets, load, ...rest} = {
      version: 1,
      title: plain.title,
      targets: {inventory: {docker: 'shop-inventory-1'}},
      load: {checkout: {http: 'http://127.0.0.1:8080/checkout', rate: '50/s'}},
      steadyState: {'checkout errors': {load: {of: 'checkout', measure: 'errors.ratio'}, tolerance: {below: '1%'}}},
      faults: [{name: 'freeze', pause: {}, targets: ['inventory'], for: '20s'}],
    };
    expect(experimentOf(parseText(JSON.stringify({...rest, targets, load}, null, '\t')))).to.deep.equal(plain);
  });

  it('names the place of a problem in a file with CRLF and a byte order mark', () => {
    const text = `\uFEFF${SMALLEST.replace('for: 20s', 'for: 20').replaceAll('\n', '\r\n')}`;
    const [problem] = parseText(new TextEncoder().encode(text)).problems;
    expect([problem?.line, problem?.column]).to.deep.equal([6, 65]);
    expect(problem?.sourceLine).to.not.include('\r');
  });

  it('refuses a file of more than 1 MiB without reading it', () => {
    const {problems} = parseText('#'.repeat(10 * 1024 * 1024));
    expect(say(problems)).to.deep.equal(['x.yaml:1 UNREADABLE expected a file of at most 1 MiB; got 10.0 MiB']);
  });

  it('follows anchors and aliases', () => {
    const text = SMALLEST.replace(
      'faults: [ { name: freeze, pause: {}, targets: [inventory]',
      'faults: [ { name: freeze, pause: {}, targets: &t [inventory]',
    );
    const twice = text.replace(
      'for: 20s } ]',
      'for: 20s }, { name: again, pause: {}, targets: *t, for: 5s, after: 1m } ]',
    );
    expect(experimentOf(parseText(twice)).faults[1]?.targets).to.deep.equal(['inventory']);
  });

  describe('steps', () => {
    const base = SMALLEST.replace('docker: shop-inventory-1', 'proxy: inventory');

    it('may give a parameter that the fault itself lacks', () => {
      const text = base.replace('pause: {}', 'network-latency: {}, steps: { delay: [5ms, 9ms] }');
      const [fault] = experimentOf(parseText(text)).faults;
      expect(fault?.parameters['delay']).to.equal(5);
      expect(fault?.steps?.parameters.map(parameters => parameters['delay'])).to.deep.equal([5, 9]);
      expect(fault?.steps?.stopOnDeviation).to.equal(false);
    });

    it('change several parameters together', () => {
      const text = base.replace(
        'pause: {}',
        'network-latency: {}, steps: { delay: [5ms, 9ms], jitter: [1ms, 2ms], stopOn: deviation }',
      );
      const [fault] = experimentOf(parseText(text)).faults;
      expect(fault?.steps?.labels).to.deep.equal(['delay 5ms, jitter 1ms', 'delay 9ms, jitter 2ms']);
      expect(fault?.steps?.stopOnDeviation).to.equal(true);
    });
  });

  it('takes a fault without targets where it hits the machine itself', () => {
    const text = SMALLEST.replace('pause: {}, targets: [inventory]', 'command: { do: [stop-it], undo: [start-it] }');
    expect(experimentOf(parseText(text)).faults[0]?.targets).to.deep.equal([]);
  });

  it('tells where a part of the document stands', () => {
    const parsed = parseText(SMALLEST);
    expect(parsed.experiment).to.not.equal(undefined);
    const {locate} = parsed as Extract<typeof parsed, {locate: unknown}>;
    expect(locate(['steadyState', 'checkout errors'])).to.deep.equal({file: 'x.yaml', line: 5, column: 16});
    expect(locate(['faults', 0, 'targets', 7])).to.deep.equal({file: 'x.yaml', line: 6, column: 38});
  });
});

describe('include', () => {
  const main = SMALLEST.replace(/targets: .*\n/, 'include: [base.yaml]\n');
  const including = (base: string) => parseText(main, {readInclude: () => ({file: 'base.yaml', content: base})});

  it('adds the parts of another file', () => {
    const parsed = including(
      'targets: { inventory: { docker: shop } }\nguards: [ { metric: checkout errors, above: 50% } ]\n',
    );
    const experiment = experimentOf(parsed);
    expect(experiment.targets['inventory']?.selector).to.deep.equal({name: 'shop'});
    expect(experiment.guards).to.have.length(1);
  });

  it('shares variables in both directions', () => {
    const text = main.replace('include', 'variables: { container: shop }\ninclude');
    const parsed = parseText(text, {
      readInclude: () => ({file: 'base.yaml', content: 'targets: { inventory: { docker: "${var:container}" } }'}),
    });
    expect(experimentOf(parsed).targets['inventory']?.selector).to.deep.equal({name: 'shop'});
  });

  it('refuses a name that exists already, with both places', () => {
    const {problems} = including(
      'targets: { inventory: { docker: shop } }\nload:\n  checkout: { http: "http://127.0.0.1", rate: 1/s }\n',
    );
    expect(say(problems)).to.deep.equal([
      'base.yaml:3 DUPLICATE_NAME expected each name once; `checkout` exists already (x.yaml:4)',
    ]);
  });

  it('shows problems of the included file in that file', () => {
    const {problems} = including('targets:\n  inventory: { dokcer: shop }\n');
    expect(say(problems)).to.deep.equal(['base.yaml:2 UNKNOWN_KEY expected a known key; got `dokcer`']);
  });

  it('shows problems of included guards at their own lines', () => {
    const text = `${main}guards: [ { metric: checkout errors, above: 50% } ]\n`;
    const parsed = parseText(text, {
      readInclude: () => ({
        file: 'base.yaml',
        content:
          'targets: { inventory: { docker: shop } }\nguards:\n  - { metric: checkout errors, above: 50% }\n  - { metric: nothing, above: 50% }\n',
      }),
    });
    expect(say(parsed.problems)).to.deep.equal([
      'base.yaml:4 UNKNOWN_REFERENCE expected the name of a metric; got `nothing`',
    ]);
  });

  it('refuses parts that cannot be shared, and an include inside an include', () => {
    const {problems} = including('targets: { inventory: { docker: shop } }\nfaults: []\ninclude: [more.yaml]\n');
    expect(problems.map(({line, code}) => [line, code])).to.deep.equal([
      [2, 'UNKNOWN_KEY'],
      [3, 'UNKNOWN_KEY'],
    ]);
  });

  it('says why a file could not be read', () => {
    const {problems} = parseText(main, {readInclude: () => ({why: 'no such file'})});
    expect(say(problems)[0]).to.equal(
      'x.yaml:3 UNREADABLE expected a file that can be read; `base.yaml`: no such file',
    );
  });
});
