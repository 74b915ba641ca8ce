import {expect} from 'chai';
import {parseExperiment} from '../../../src/experiment/parse.js';
import type {CsvLook} from '../../../src/experiment/sections/csv.js';
import type {LoadSpec} from '../../../src/signals/load/spec.js';

const HEAD = `version: 1
title: Users differ
targets: { inventory: { docker: shop-inventory-1 } }
faults: [{ name: freeze, pause: {}, targets: [inventory], for: 20s }]
steadyState: { errors: { load: { of: shop, measure: errors.ratio }, tolerance: { below: 1% } } }
variables: { base: "http://127.0.0.1:8080" }
load:
  shop:
    rate: 5/s
`;
const CSV: CsvLook = {
  path: '/work/customers.csv',
  sha256: 'abc',
  columns: ['email', 'note', 'id'],
  rows: [
    ['a@example.org', 'fine', '7'],
    ['b@example.org', 'two\nlines', '..'],
  ],
};

function read(load: string, look: CsvLook | undefined = CSV) {
  const asked: string[][] = [];
  const readCsv = (file: string, by: string) => {
    asked.push([file, by]);
    return look;
  };
  const content = `${HEAD}${load.replaceAll(/^/gm, '    ')}\n`;
  return {...parseExperiment({file: 'users.yaml', content, environment: {}, readCsv}), asked};
}

function specOf(load: string): LoadSpec | undefined {
  const {experiment, problems} = read(load);
  expect(problems).to.deep.equal([]);
  return experiment?.load['shop'];
}

const said = (load: string, look?: CsvLook) =>
  read(load, look).problems.map(({line, column, code, message}) => `${line}:${column} ${code} ${message}`);

describe('placeholders in the requests of a load', () => {
  it('stay where users send them, beside variables that are filled at once', () => {
    const spec = specOf('http: "${var:base}/orders/${seq:1000}?sku=${pick:A1|B2}&n=${pick:1..500}"');
    expect(spec?.http?.url).to.equal('http://127.0.0.1:8080/orders/${seq:1000}?sku=${pick:A1|B2}&n=${pick:1..500}');
  });

  it('lose the quotes of JSON where the file has none around them', () => {
    const body = (json: string) => specOf(`http: { url: "\${var:base}/", json: ${json} }`)?.http?.body;
    expect(body('{ id: ${seq}, sku: "${seq}", both: "n-${seq}", all: [ ${pick:1..5} ] }')).to.equal(
      '{"id":${seq},"sku":"${seq}","both":"n-${seq}","all":[${pick:1..5}]}',
    );
    const block = 'http:\n  url: ${var:base}/\n  json:\n    say: ${pick:"a"|b}\n    quiet: \'"${seq}"\'';
    expect(specOf(block)?.http?.body).to.equal('{"say":${pick:"a"|b},"quiet":"\\"${seq}\\""}');
  });

  it('name columns of a CSV, of which the load keeps the digest and not the rows', () => {
    const spec = specOf('csv: customers.csv\nhttp: { url: "${var:base}/?who=${csv:email}" }');
    expect(spec?.csv).to.deep.equal({
      file: 'customers.csv',
      path: '/work/customers.csv',
      order: 'sequential',
      sha256: 'abc',
    });
    expect(read('csv: { file: customers.csv, order: random }\nhttp: "${var:base}/"').asked).to.deep.equal([
      ['customers.csv', 'users.yaml'],
    ]);
  });

  it('carry values from an answer to the steps after it', () => {
    const spec = specOf(`scenarios:
  order:
    steps:
      - request: create
        http: { url: "\${var:base}/orders", method: POST, carry: { id: { json: $.id }, where: { header: Location, matches: "/orders/(\\\\d+)" }, token: { matches: "token=(\\\\w+)" } } }
      - request: read
        http: { url: "\${var:base}/orders/\${carry:id}", headers: { authorization: "Bearer \${carry:token}" } }`);
    const [first] = spec?.scenarios?.[0]?.steps ?? [];
    expect(first && 'http' in first ? first.http.carry : undefined).to.deep.equal([
      {name: 'id', json: '$.id'},
      {name: 'where', header: 'location', matches: '/orders/(\\d+)'},
      {name: 'token', matches: 'token=(\\w+)'},
    ]);
  });
});

describe('placeholders that cannot work', () => {
  it('are refused in the host, and where the file has begun an escape', () => {
    for (const url of [
      'http://shop-${seq}.test/',
      'http://${pick:a|b}',
      'http://u${seq}@h/',
      '${secret:env:URL}${seq}',
    ])
      expect(said(`http: "${url}"`)[0], url).to.match(/^10:11 BAD_REFERENCE expected `.*` in the path or the query; /);
    expect(said('http: "http://h/a%2${pick:e|f}"')).to.deep.equal([
      '10:11 BAD_REFERENCE expected `${pick:e|f}` after a whole `%`-escape; it stands after `http://h/a%2`',
    ]);
    expect(said('http: "${secret:env:URL}/${seq}"')).to.deep.equal([]);
  });

  it('are refused in headers that say where a request goes or how it is read', () => {
    expect(said('http: { url: "${var:base}/", headers: { Host: "t${seq}.test" } }')).to.deep.equal([
      '10:51 BAD_REFERENCE expected `Host` without a placeholder: it is the same for all users',
    ]);
  });

  it('are refused with what they should be', () => {
    const wrong = (text: string) =>
      read(`http: "\${var:base}/${text}"`).problems.map(({message, hint}) => [message, hint]);
    expect(wrong('${sqe}')).to.deep.equal([
      [
        'expected `${var:…}`, `${env:…}` or `${secret:…}`; got `${sqe}`',
        'did you mean `seq`? Write `$${sqe}` for a literal `${sqe}`',
      ],
    ]);
    expect(wrong('${pick:1-5}')[0]![0]).to.equal(
      'expected `${pick:a|b|c}`, or `${pick:1..500}` for a whole number; got `${pick:1-5}`',
    );
    expect(wrong('${pick:5..1}')[0]![0]).to.match(/the lower end first/);
    expect(wrong('${pick:0..9007199254740991}')[0]![0]).to.match(/of at most 2³² numbers/);
    expect(wrong('${seq:-1}')[0]![0]).to.match(/^expected `\$\{seq\}`, or/);
    expect(wrong('${csv:}')[0]![0]).to.match(/^expected `\$\{csv:COLUMN\}`/);
    expect(wrong('$${seq}')[0]![0]).to.match(/^expected a placeholder; /);
    expect(wrong('$${other}')).to.deep.equal([]);
  });

  it('are refused where nothing is made for each user, with the reason', () => {
    const reason =
      /differs from user to user, and of a request of `load` only `url`, `headers`, `json`, `body` and `id`/;
    expect(said('http: { url: "${var:base}/", checks: { sold: { matches: "${seq}" } } }')[0]).to.match(reason);
    const probe = `${HEAD.replace('steadyState: {', 'steadyState: { up: { http: { url: "http://h/${pick:1..5}" } },')}    http: "http://h/"`;
    const {problems} = parseExperiment({file: 'users.yaml', content: probe, environment: {}});
    expect(problems.map(({line, message}) => [line, reason.test(message)])).to.deep.equal([[5, true]]);
    const fault = HEAD.replace('pause: {}', 'command: { do: [echo, "${seq}"] }');
    const found = parseExperiment({
      file: 'users.yaml',
      content: `${fault}    http: "http://h/"`,
      environment: {},
    }).problems;
    expect(found.some(({message}) => reason.test(message))).to.equal(true);
  });

  it('are refused when no earlier step carries them', () => {
    const steps = (first: string, second: string) =>
      said(`scenarios: { a: { steps: [ { request: x, http: ${first} }, { request: y, http: ${second} } ] } }`);
    const carrying = '{ url: "http://h/", carry: { token: { json: $.t } } }';
    expect(steps(carrying, '"http://h/${carry:token}"')).to.deep.equal([]);
    expect(steps(carrying, '"http://h/${carry:tokn}"')[0]).to.match(
      /^10:\d+ UNKNOWN_REFERENCE expected the name of a value that an earlier step carries; got `tokn`$/,
    );
    expect(steps('"http://h/${carry:token}"', carrying)).to.have.length(1);
    expect(steps('{ url: "http://h/${carry:t}", carry: { t: { json: $.t } } }', '"http://h/"')).to.have.length(1);
    expect(said('http: { url: "http://h/", carry: { t: { json: $.t } } }')).to.deep.equal([
      '10:31 CONTRADICTION expected `carry` in a step of `scenarios`; there is no later request here',
    ]);
  });

  it('are refused when what they carry cannot be told', () => {
    const carry = (what: string) =>
      said(
        `scenarios: { a: { steps: [ { request: x, http: { url: "http://h/", checks: { ok: { status: 200 } }, carry: { ${what} } } } ] } }`,
      );
    expect(carry('t: { matches: "a.c" }')[0]).to.match(/it has no group, one is needed$/);
    expect(carry('t: { matches: "(a)(c)" }')[0]).to.match(/it has 2 groups, one is needed$/);
    expect(carry('t: {}')[0]).to.match(/expected `header`, `json` or `matches`/);
    expect(carry('t: { header: a, json: $.b }')[0]).to.match(/expected `header` or `json`; got both/);
    expect(carry('ok: { json: $.b }')[0]).to.match(/DUPLICATE_NAME expected another name than that of a check/);
  });

  it('are refused when the CSV has no such column, no such file, or values that do not fit there', () => {
    const url = (text: string) => `csv: customers.csv\nhttp: { url: "http://h/${text}" }`;
    expect(said('http: "http://h/${csv:email}"')).to.deep.equal([
      '10:11 MISSING expected `csv` at the load for `${csv:email}`; it is missing',
    ]);
    expect(said(url('${csv:mail}'))).to.deep.equal([
      '11:18 UNKNOWN_REFERENCE expected the name of a column of `customers.csv`; got `mail`',
    ]);
    expect(said(url('${csv:id}'))).to.deep.equal([
      '11:18 WRONG_VALUE expected values that fit here in column `id` of `customers.csv`; row 2 has one that does not: it is a step in a path',
    ]);
    expect(said('csv: customers.csv\nhttp: { url: "http://h/", headers: { x: "${csv:note}" } }')[0]).to.match(
      /row 2 .* line break/,
    );
    expect(said('csv: customers.csv\nhttp: { url: "http://h/", json: { a: "${csv:note}" } }')).to.deep.equal([]);
    expect(said(url('${csv:email}'), {why: 'it is empty'})).to.deep.equal([
      '10:10 UNREADABLE expected a CSV file that can be read; `customers.csv`: it is empty',
    ]);
  });

  it('are refused when they pick what does not fit', () => {
    expect(said('http: "http://h/a/${pick:..|b}"')[0]).to.match(
      /WRONG_VALUE expected values that fit here; .*: it is a step in a path$/,
    );
    expect(said('http: "http://h/a/${pick:|b}"')[0]).to.match(/: it is empty$/);
    expect(said('http: { url: "http://h/", headers: { x: "${pick:a|\\u4e00}" } }')[0]).to.match(/no header may have$/);
  });
});
