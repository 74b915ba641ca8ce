import {readFileSync} from 'node:fs';
import {expect} from 'chai';
import fc from 'fast-check';
import {parseExperiment} from '../../../src/experiment/parse.js';

const SMALLEST = readFileSync('test/fixtures/experiments/valid/smallest.yaml', 'utf8');

function withTitle(
  title: string,
  more: {variables?: string; environment?: Record<string, string>; overrides?: Record<string, string>} = {},
) {
  const text =
    SMALLEST.replace(/title: .*/, () => `title: ${title}`) +
    (more.variables === undefined ? '' : `variables: ${more.variables}\n`);
  const parsed = parseExperiment({
    file: 'x',
    content: text,
    environment: more.environment ?? {},
    variables: more.overrides ?? {},
  });
  return (
    parsed.experiment?.title ??
    parsed.problems.map(problem => `${problem.line}:${problem.column} ${problem.code}`).join(', ')
  );
}

describe('substitution', () => {
  it('replaces variables and environment references, also inside one another', () => {
    const more = {variables: '{ a: "x${var:b}", b: "${env:B}" }', environment: {B: 'y'}};
    expect(withTitle('"${var:a} and ${env:B}"', more)).to.equal('xy and y');
  });

  it('takes a default where the environment variable is missing or empty', () => {
    expect(withTitle('"${env:NONE:-http://127.0.0.1:80}"')).to.equal('http://127.0.0.1:80');
    expect(withTitle('"a${env:EMPTY:-b}"', {environment: {EMPTY: ''}})).to.equal('ab');
    expect(withTitle('"a${env:SET:-b}"', {environment: {SET: 'c'}})).to.equal('ac');
  });

  it('does not find what only a prototype has', () => {
    expect(withTitle('"${env:constructor}"')).to.equal('2:8 NO_VALUE');
    expect(withTitle('"${var:constructor}"')).to.equal('2:8 UNKNOWN_REFERENCE');
  });

  it('overrides declared variables and no others', () => {
    const variables = '{ a: one }';
    expect(withTitle('"${var:a}"', {variables, overrides: {a: 'two'}})).to.equal('two');
    expect(withTitle('"${var:a}"', {variables, overrides: {b: 'two'}})).to.equal('7:1 UNKNOWN_REFERENCE');
  });

  it('keeps an escaped reference as text', () => {
    expect(withTitle('"cost $${var:a} $5"')).to.equal('cost ${var:a} $5');
    expect(withTitle('"$${secret:env:X}"')).to.equal('2:8 BAD_REFERENCE');
  });

  it('leaves secrets for the moment of use', () => {
    expect(withTitle('"${secret:env:TOKEN} ${secret:file:/run/secrets/x}"')).to.equal(
      '${secret:env:TOKEN} ${secret:file:/run/secrets/x}',
    );
    for (const wrong of ['${secret:TOKEN}', '${secret:env:}', '${secret:file:}', '${secret:vault:x}']) {
      expect(withTitle(`"${wrong}"`)).to.equal('2:8 BAD_REFERENCE');
    }
  });

  it('never takes references out of a value from outside', () => {
    expect(withTitle('"${env:X}"', {environment: {X: '${secret:file:/etc/shadow}'}})).to.equal('2:8 BAD_REFERENCE');
    expect(withTitle('"${var:x}"', {variables: '{ x: a }', overrides: {x: '${env:HOME}'}})).to.include('BAD_REFERENCE');
  });

  it('makes a number of an unquoted reference that reads as one', () => {
    const text = `${SMALLEST}variables: { n: "7" }\nsafety:\n  maxTargets: \${var:n}\n`;
    expect(parseExperiment({file: 'x', content: text, environment: {}}).experiment?.safety.maxTargets).to.equal(7);
  });

  it('makes a number of a quoted reference alone where a number belongs, and nothing but text elsewhere', () => {
    const read = (rest: string) => {
      const content = `${SMALLEST}variables: { n: 7 }\n${rest}\n`;
      return parseExperiment({file: 'x', content, environment: {}});
    };
    expect(read('safety: { maxTargets: "${var:n}" }').experiment?.safety.maxTargets).to.equal(7);
    expect(read('owner: "${var:n}"').experiment?.owner).to.equal('7');
    expect(read('safety: { maxTargets: "7" }').problems[0]).to.include({code: 'WRONG_TYPE', hint: 'remove the quotes'});
    expect(read('safety: { maxTargets: "1${var:n}" }').problems[0]?.code).to.equal('WRONG_TYPE');
  });

  it('needs no quotes between the brackets of a mapping or list in one line', () => {
    const read = (rest: string) => {
      const content = `${SMALLEST}variables: { n: 7, who: me }\n${rest}\n`;
      return parseExperiment({file: 'x', content, environment: {}});
    };
    for (const flow of ['safety: { maxTargets: ${var:n} }', 'safety: {maxTargets: ${var:n}}'])
      expect(read(flow).experiment?.safety.maxTargets, flow).to.equal(7);
    expect(read('tags: [${var:who}, ${env:NONE:-a, [b]}, x]').experiment?.tags).to.deep.equal(['me', 'a, [b]', 'x']);
    expect(read('safety: { maxTargets: ${var:m} }').problems).to.have.length(1);
    expect(read('safety: { maxTargets: ${var:m} }').problems[0]).to.include({
      line: 8,
      column: 23,
      length: 8,
      code: 'UNKNOWN_REFERENCE',
    });
  });

  it('takes a reference in quotes as the number of a limit', () => {
    const base = SMALLEST.replace('load: { of: checkout, measure: errors.ratio }', 'command: { run: [depth] }');
    const limit = (below: string) =>
      parseExperiment({file: 'x', content: `${base.replace('1%', below)}variables: { n: 7 }\n`, environment: {}});
    expect(Object.values(limit('"${var:n}"').experiment?.steadyState ?? {})[0]?.tolerance?.below).to.equal(7);
    expect(limit('"7"').problems[0]).to.include({code: 'WRONG_UNIT', hint: 'remove the quotes'});
  });

  it('never changes a text without references', () => {
    fc.assert(
      fc.property(fc.string({minLength: 1}), text => {
        fc.pre(!text.includes('${') && text.trim() !== '');
        expect(withTitle(JSON.stringify(text))).to.equal(text);
      }),
    );
  });
});
