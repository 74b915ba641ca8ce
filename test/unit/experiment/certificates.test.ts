import {expect} from 'chai';
import {parseExperiment} from '../../../src/experiment/parse.js';

const FILE = `version: 1
title: Files of certificates
targets:
  web: { docker: { name: web, host: "tcp://127.0.0.1:2376", tls: { ca: 1.pem } } }
load:
  buy: { http: { url: "https://x/", json: { tls: { ca: data.pem } }, tls: { ca: 2.pem } }, rate: 5/s }
  visit:
    rate: 5/s
    scenarios: { a: { steps: [{ think: 1s }, { request: b, http: { url: "https://x/", tls: { cert: 3.pem, key: 4.pem } } }] } }
steadyState:
  errors: { load: { of: buy, measure: errors.ratio }, tolerance: { below: 1% } }
  web: { http: { url: "https://x/", tls: { ca: 5.pem } }, tolerance: { below: 1s } }
  days: { tls: { address: "x:443", measure: expiry, ca: 6.pem } }
faults: [{ name: freeze, pause: {}, targets: [web], for: 20s }]
expect:
  checks: [{ name: up, http: { url: "https://x/", measure: up, tls: { ca: 7.pem } }, value: { equals: 1 } }]
`;

describe('files of certificates that an experiment names', () => {
  const parse = (bad: readonly string[]) =>
    parseExperiment({
      file: 'x',
      content: FILE,
      environment: {},
      checkPem: paths =>
        (['ca', 'cert', 'key'] as const).flatMap(part =>
          bad.includes(paths[part] ?? '') ? [{part, what: `PEM in ${paths[part] ?? ''}`, why: 'ENOENT'}] : [],
        ),
    });

  it('are looked at wherever a connection needs them, and nowhere else', () => {
    const all = ['1.pem', '2.pem', '3.pem', '4.pem', '5.pem', '6.pem', '7.pem', 'data.pem'];
    const found = parse(all).problems.map(({code, message, hint, sourceLine, column, length}) => {
      expect({code, hint}).to.deep.equal({code: 'UNREADABLE', hint: 'ENOENT'});
      const shown = sourceLine.slice(column - 1, column - 1 + length);
      expect(message).to.equal(`expected PEM in ${shown}; it cannot be read as that`);
      return shown;
    });
    expect(found).to.deep.equal(all.slice(0, 7));
  });

  it('are fine where nothing is wrong with them', () => {
    expect(parse([]).problems).to.deep.equal([]);
  });
});
