import {expect} from 'chai';
import {parseExperiment} from '../../../src/experiment/parse.js';
import {designWarnings} from '../../../src/plan/design-warnings.js';

const URL = '"http://127.0.0.1:8080/"';
const WRITING = `{ http: { method: POST, url: ${URL}, id: { json: $.id } }, rate: 10/s }`;
const LIST = '{ command: { run: [list-orders] } }';

function parse(writes: string, load = WRITING) {
  const content = `version: 1
title: Orders stay
targets: { store: { docker: store-1 } }
load: { orders: ${load} }
steadyState: { errors: { load: { of: orders, measure: errors.ratio }, tolerance: { below: 1% } } }
faults: [{ name: freeze, pause: {}, targets: [store], for: 20s }]
expect: { writes: ${writes} }
`;
  return parseExperiment({file: 'f.yaml', content, environment: {}});
}

const problems = (writes: string, load?: string) =>
  parse(writes, load).problems.map(({path, message}) => `${path.join('.')}: ${message}`);

describe('a check of writes in an experiment file', () => {
  it('has defaults for everything but its name, its load and its list', () => {
    const {experiment, problems: none} = parse(`[{ name: all there, load: orders, stored: ${LIST} }]`);
    expect(none).to.deep.equal([]);
    expect(experiment?.expect.writes).to.deep.equal([
      {
        name: 'all there',
        load: 'orders',
        stored: {
          source: 'command',
          parameters: {run: ['list-orders'], shell: false, environment: {}},
          timeoutMs: 30_000,
          againMs: 2000,
        },
        lost: {equals: 0},
      },
    ]);
    expect(experiment?.load['orders']?.http?.id).to.deep.equal({json: '$.id'});
  });

  it('reads bounds, lists of a database or of Redis, and where the id stands', () => {
    const sql = '{ sql: { url: "postgres://reader@127.0.0.1/shop", query: select id from orders }, timeout: 1m }';
    const redis = '{ redis: { url: "redis://127.0.0.1", keys: "order:*" }, id: { matches: "[0-9]+" }, again: 5s }';
    const written = parse(`[
      { name: a, load: orders, stored: ${sql}, lost: { atMost: 3 }, doubled: { between: [0, 2] } },
      { name: b, load: orders, stored: ${redis}, unacknowledged: { below: 5 } } ]`);
    expect(written.problems).to.deep.equal([]);
    const [a, b] = written.experiment?.expect.writes ?? [];
    expect(a).to.deep.include({lost: {atMost: 3}, doubled: {atLeast: 0, atMost: 2}});
    expect(a?.stored.parameters).to.deep.include({query: 'select id from orders', statementTimeout: 30_000});
    expect(a?.stored.timeoutMs).to.equal(60_000);
    expect(b?.stored).to.deep.include({source: 'redis', id: {matches: '[0-9]+'}, againMs: 5000});
    expect(b?.stored.parameters).to.deep.equal({urls: ['redis://127.0.0.1'], ask: 'any', keys: 'order:*'});
  });

  it('is refused where it cannot work, at its place', () => {
    const check = (more: string, stored = LIST) => `[{ name: a, load: orders, stored: ${stored}${more} }]`;
    const scenarios = (steps: string) => `{ scenarios: { buy: { steps: [${steps}] } }, rate: 10/s }`;
    const step = (name: string) => `{ request: ${name}, http: { url: ${URL}, id: { header: location } } }`;
    expect(problems('[{ name: a, load: others, stored: { command: { run: [x] } } }]')[0]).to.match(
      /^expect\.writes\.0\.load: .*`others`/,
    );
    expect(problems(check(''), `{ http: ${URL}, rate: 10/s }`)).to.deep.equal([
      'expect.writes.0.load: expected a load whose request says where its answers name the write; no request of `orders` has an `id`',
    ]);
    expect(problems(check(', request: buy'))).to.deep.equal([
      'expect.writes.0.request: expected no `request`: `orders` has one only',
    ]);
    expect(problems(check(''), scenarios(`${step('order')}, ${step('pay')}`))).to.deep.equal([
      'expect.writes.0: expected `request`: several requests of `orders` have an `id` (`order`, `pay`)',
    ]);
    expect(
      problems(check(', request: look'), scenarios(`${step('order')}, { request: look, http: ${URL} }`))[0],
    ).to.match(/^expect\.writes\.0\.request: /);
    expect(
      parse(check(''), scenarios(`${step('order')}, { request: look, http: ${URL} }`)).experiment?.expect.writes?.[0],
    ).to.include({
      request: 'order',
    });
    expect(problems(check('', '{ timeout: 3s }'))[0]).to.include(
      'expected exactly one of `command`, `redis` and `sql`',
    );
    expect(problems(check('', '{ redis: { url: "redis://127.0.0.1" } }'))).to.deep.equal([
      'expect.writes.0.stored.redis.entries: expected `entries` or `keys`; got neither',
    ]);
    expect(problems(check('', '{ redis: { url: "redis://127.0.0.1", keys: "order*:*" } }'))[0]).to.include('one `*`');
    expect(problems(check('', '{ command: { run: ls } }'))[0]).to.include('add `shell: true`');
    expect(problems(check(', lost: { below: 0 }'))[0]).to.match(/^expect\.writes\.0\.lost\.below: /);
    expect(problems(check(', lost: { above: 3, below: 2 }'))[0]).to.include('bounds that exclude each other');
    expect(problems(check(', lost: {}'))[0]).to.include('got none of them');
    expect(
      problems(`[{ name: a, load: orders, stored: ${LIST} }, { name: a, load: orders, stored: ${LIST} }]`)[0],
    ).to.match(/^expect\.writes\.1\.name: /);
    expect(problems(check(''), `{ http: { url: ${URL}, id: {} }, rate: 10/s }`)[0]).to.include('where the id stands');
    expect(
      problems(
        check(''),
        `{ http: { url: ${URL}, id: { json: $.id }, checks: { id: { json: $.id } } }, rate: 10/s }`,
      )[0],
    ).to.include('`check-id`');
  });

  it('takes an id that is sent, where its placeholders differ from write to write', () => {
    const check = `[{ name: a, load: orders, stored: ${LIST} }]`;
    const sending = (id: string, more = '') =>
      `{ http: { method: PUT, url: "http://127.0.0.1:8080/orders/\${seq:100}", id: ${id} }, rate: 10/s${more} }`;
    expect(parse(check, sending('"order-${seq:100}"')).experiment?.load['orders']?.http?.id).to.deep.equal({
      sent: 'order-${seq:100}',
    });
    for (const id of ['order', '"${pick:1..9}"', '"${seq}-${pick:a|b}"'])
      expect(problems(check, sending(id))[0], id).to.match(/^load\.orders\.http\.id: expected/);
    expect(problems(check, sending('"${csv:customer}"'))[0]).to.include('expected `csv` at the load');
    expect(problems(check, sending('"${seq}"'))).to.deep.equal([
      'load.orders.http.id: expected placeholders that stand in the request, too; `${seq}` is not sent',
    ]);
  });

  it('is warned of where more is written than can be kept', () => {
    const many = parse(`[{ name: a, load: orders, stored: ${LIST} }]`, WRITING.replace('10/s', '20000/s'));
    expect(designWarnings(many.experiment!).join()).to.include('the ids of 2,000,000 writes are kept at most');
    const few = parse(`[{ name: a, load: orders, stored: ${LIST} }]`);
    expect(designWarnings(few.experiment!)).to.deep.equal([]);
  });
});
