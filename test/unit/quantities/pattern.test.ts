import {expect} from 'chai';
import {compilePattern, patternProblem} from '../../../src/quantities/pattern.js';
import {parseExperiment} from '../../../src/experiment/parse.js';

const SAME: readonly (readonly [string, readonly string[]])[] = [
  ['^active', ['active', 'inactive', 'a\nactive', 'a\r\nactive']],
  ['^ok$', ['ok', 'ok\r\nx', 'x\nok\n', 'oks']],
  ['rate=(\\d+(?:\\.\\d+)?)', ['rate=1', 'x rate=12.5 y', 'rate=']],
  ['(?<n>[a-z]+)-(\\d{1,3})', ['shop-12', 'shop-', 'a-1234']],
  ['\\u{1F600}|\\u00e9|\\x41', ['😀', 'é', 'A', 'B']],
  ['\\/v[12]\\/.*\\.json$', ['/v1/a.json', '/v3/a.json']],
  ['(a|ab)(c|bcd)(d*)', ['abcd', 'acd']],
  ['[^\\]\\s]+\\b', ['a]b', ' ']],
  ['(\\w+)?x', ['abx', 'x', '']],
  ['\\p{Lu}\\w+', ['Überlast', 'x']],
  ['a\\r\\nb', ['a\r\nb', 'a\nb']],
];

describe('a pattern', () => {
  for (const [source, texts] of SAME) {
    it(`finds what JavaScript finds: ${source}`, () => {
      for (const text of texts) {
        const found = new RegExp(source, 'mu').exec(text);
        const ours = compilePattern(source, {lines: true}).exec(text);
        expect(ours === null ? null : [...ours], text).to.deep.equal(found === null ? null : [...found]);
      }
    });
  }

  it('replaces as JavaScript does', () => {
    const [text, by] = ['{"a": 1, "b": 22}', '$2:$1;$&;$$'];
    expect(compilePattern('"(\\w)": (\\d+)').replaceAll(text, by)).to.equal(text.replace(/"(\w)": (\d+)/g, by));
  });

  it('fits the whole text where that is asked', () => {
    const whole = compilePattern('a|ab', {whole: true});
    expect(['a', 'ab', 'abc', 'xa'].map(text => whole.test(text))).to.deep.equal([true, true, false, false]);
  });

  it('takes its time from the length of the text, not from what it is', () => {
    const evil = compilePattern('^/(a+)+$');
    const bare = compilePattern('^/a+$');
    const [bad, good] = [`/${'a'.repeat(200_000)}!`, `/${'a'.repeat(200_000)}`];
    const took = (run: () => unknown) => {
      const started = performance.now();
      run();
      return performance.now() - started;
    };
    const least = (run: () => unknown) => Math.min(...Array.from({length: 5}, () => took(run)));
    expect(least(() => evil.test(bad))).to.be.below(20 * least(() => bare.test(good)) + 50);
    expect(least(() => evil.exec(bad))).to.be.below(20 * least(() => bare.exec(good)) + 500);
  });
});

describe('a pattern that cannot be used', () => {
  const why = (source: string) => patternProblem(source)?.why;

  it('is refused with the reason', () => {
    for (const source of ['a(?=b)', 'a(?!b)', '(?<=a)b', '(?<!a)b']) expect(why(source)).to.include('look-around');
    for (const source of ['(a)\\1', '(?<n>a)\\k<n>']) expect(why(source)).to.include('back-references');
    expect(why('(a')).to.include('missing closing )');
    expect(why('[a-z]{1,400}x[a-z]{1,400}')).to.include('at most 500');
    expect(why('a{2000}')).to.include('{2000}');
    for (const source of ['\\\\1', 'a\\.b', '(?:a|b)+', '^[0-9a-f]{64}$']) expect(why(source)).to.equal(undefined);
  });

  it('is refused where it stands in the file, with what to do', () => {
    const content = `version: 1
title: x
targets:
  a: {docker: {name: a}, where: {command: [x], matches: "a(?=b)"}}
  p: {process: {name: "^a(?!b)$"}}
  c: {proxy: {name: c}}
load:
  l: {http: {url: "http://127.0.0.1:1/", checks: {n: {matches: '(a)\\1'}}}, rate: 1/s}
steadyState:
  m: {http: {url: "http://127.0.0.1:1/", measure: up, expect: {bodyMatches: "(?<!a)b"}}, tolerance: {below: 2}}
  n: {command: {run: [x], read: {regex: "x(?=y)"}}, tolerance: {below: 2}}
faults:
  - {name: f, http-latency: {delay: 1ms, path: {regexp: "a(?!b)"}}, targets: [c], for: 20s}
  - {name: k, process-kill: {match: "a(?=b)"}, targets: [a], for: 20s}
  - {name: d, file-descriptor-exhaustion: {processes: "a(?=b)"}, targets: [a], for: 20s}
`;
    const {problems} = parseExperiment({file: 'f.yaml', content, environment: {}});
    const refused = problems.filter(({message}) => /look-around|back-references/.test(message));
    expect(refused.map(({line}) => line).sort((a, b) => a - b)).to.deep.equal([4, 5, 8, 10, 11, 13, 14, 15]);
    for (const {hint, column} of refused) {
      expect(hint).to.include('RE2');
      expect(column).to.be.above(10);
    }
  });
});
