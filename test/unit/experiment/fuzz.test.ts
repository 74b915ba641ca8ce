import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import fc from 'fast-check';
import {parseExperiment} from '../../../src/experiment/parse.js';
import {parsePolicy} from '../../../src/experiment/policy.js';

const FIXTURES = 'test/fixtures/experiments';
const SEEDS = [
  'valid/smallest.yaml',
  'valid/everything.yaml',
  'later/full.yaml',
  ...readdirSync(join(FIXTURES, 'wrong')).map(name => `wrong/${name}`),
].map(name => readFileSync(join(FIXTURES, name), 'utf8'));

/** Pieces that mean something to YAML or to us. */
const TOKENS = [
  '\n',
  '  ',
  '\t',
  ': ',
  '- ',
  '[',
  ']',
  '{',
  '}',
  '&a ',
  '*a',
  '<<: ',
  '"',
  "'",
  '|\n',
  '>-\n',
  '#',
  '!!str ',
  '---\n',
  '...\n',
  '%YAML 1.2\n',
  '? ',
  '\r',
  '\uFEFF',
  '\0',
  '__proto__',
  'constructor',
  '${',
  '${var:a}',
  '$${',
  '${secret:',
  '${load:',
  '.nan',
  '1e999',
  '~',
  'null',
  '\u2028',
  '\uD800',
];

const LIMIT_MS = 15_000;

/** Parses within bounded time and answers problems with places or an experiment. */
function check(content: string | Uint8Array): void {
  const started = performance.now();
  const parsed = parseExperiment({file: 'x', content, environment: {}, readInclude: () => ({why: 'no files here'})});
  expect(performance.now() - started).to.be.below(LIMIT_MS);
  expect(parsed.problems.length === 0).to.equal(parsed.experiment !== undefined);
  for (const problem of parsed.problems) {
    expect(problem.message).to.match(/\S/);
    expect(problem.line).to.be.at.least(1);
    expect(problem.column).to.be.at.least(1);
    expect(problem.column).to.be.at.most(problem.sourceLine.length + 1);
  }
  parsePolicy({file: 'x', content});
}

const mutation = fc.record({
  at: fc.double({min: 0, max: 1, noNaN: true}),
  cut: fc.nat(12),
  insert: fc.oneof(fc.constantFrom(...TOKENS), fc.string({maxLength: 4})),
});

describe('parseExperiment on anything', function () {
  it('never throws on random text', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...TOKENS), fc.string({maxLength: 6})), {maxLength: 60}), parts =>
        check(parts.join('')),
      ),
      {numRuns: 250},
    );
  });

  it('never throws on random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({maxLength: 300}), check), {numRuns: 300});
  });

  it('never throws on files with random mutations', function () {
    const text = fc
      .record({seed: fc.constantFrom(...SEEDS), changes: fc.array(mutation, {minLength: 1, maxLength: 5})})
      .map(({seed, changes}) =>
        changes.reduce((now, {at, cut, insert}) => {
          const from = Math.floor(at * now.length);
          return now.slice(0, from) + insert + now.slice(from + cut);
        }, seed),
      );
    fc.assert(fc.property(text, check), {numRuns: 300});
  });

  it('never throws on documents of any shape', () => {
    const keys = fc.constantFrom(
      'version',
      'title',
      'targets',
      'load',
      'steadyState',
      'faults',
      'guards',
      'expect',
      'checks',
      'safety',
      'windows',
      'name',
      'pause',
      'docker',
      'tolerance',
      'after',
      'steps',
      'repeat',
      'include',
      'variables',
      'sources',
      'x',
    );
    const {tree} = fc.letrec(tie => ({
      tree: fc.oneof(
        {depthSize: 'small'},
        fc.constantFrom(null, 1, -1, 0.5, true, '', 'a', '5s', '1%', '${var:x}'),
        fc.array(tie('tree'), {maxLength: 4}),
        fc.dictionary(keys, tie('tree'), {maxKeys: 6}),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(keys, tree, {maxKeys: 12}), value => check(JSON.stringify(value))),
      {numRuns: 250},
    );
  });

  const hostile: Readonly<Record<string, string>> = {
    'a hundred thousand keys': Array.from({length: 100_000}, (_, i) => `k${i}: 1`).join('\n'),
    'a hundred thousand equal keys': 'a: 1\n'.repeat(100_000),
    'half a million dashes in one line': '- '.repeat(500_000),
    'half a million brackets': '['.repeat(500_000),
    'brackets in separate lines': '[\n'.repeat(200_000),
    'half a million colons': 'a: '.repeat(300_000),
    'question marks': '? '.repeat(400_000),
    'one very long line': `title: ${'x'.repeat(1_000_000)}`,
    'an open quote over many lines': `title: "${'x\n'.repeat(300_000)}`,
    'many anchors': Array.from({length: 40_000}, (_, i) => `k${i}: &a${i} 1`).join('\n'),
    'many aliases': `a: &a 1\n${Array.from({length: 60_000}, (_, i) => `k${i}: *a`).join('\n')}`,
    'deep indentation': Array.from({length: 1000}, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    'many references': `title: "${'${var:x}'.repeat(100_000)}"`,
    'unfinished references': `title: "${'${'.repeat(200_000)}"`,
    'many documents': '---\n'.repeat(200_000),
    'many comments': '#\n'.repeat(400_000),
    'many tags': '!a '.repeat(200_000),
    'a long number': `version: ${'9'.repeat(500_000)}`,
    'a long duration': `version: 1\ntitle: a\nwindows: { warmup: ${'1'.repeat(500_000)}s }`,
    'many tabs': '\t'.repeat(500_000),
    'unknown keys that look alike': `faults:\n${Array.from({length: 9000}, (_, i) => `  - { name: n, puase${i}: {} }`).join('\n')}`,
  };
  for (const [name, text] of Object.entries(hostile)) {
    it(`answers in bounded time for ${name}`, function () {
      check(text.slice(0, 1024 * 1024));
    });
  }
});
