import {expect} from 'chai';
import {parseExperiment} from '../../../src/experiment/parse.js';

const BASE = `version: 1
title: Checkout survives a frozen inventory
targets:
  inventory: { docker: shop-inventory-1 }
load:
  checkout: { http: "http://127.0.0.1:8080/checkout", rate: 50/s }
steadyState:
  checkout errors:
    load: { of: checkout, measure: errors.ratio }
    tolerance: { below: 1% }
faults:
  - name: freeze
    pause: {}
    targets: [inventory]
    for: 20s
`;

/** What is told of the file with one thing in it written otherwise: `line:column hint` of each problem. */
function told(written: string, otherwise: string): readonly string[] {
  expect(BASE).to.include(written);
  const {problems} = parseExperiment({file: 'x', content: BASE.replace(written, () => otherwise), environment: {}});
  return problems.map(({line, column, hint}) => `${line}:${column} ${hint ?? ''}`);
}

/**
 * A slip of the pen: what stands in the right file, what was written instead, where that is shown, and what to do about
 * it.
 */
type Slip = readonly [written: string, otherwise: string, place: string, hint: string];

const KEYS = (keys: string) => `write \`{ KEY: … }\` with one or more of: ${keys}`;

const SLIPS: Readonly<Record<string, readonly Slip[]>> = {
  'of YAML': [
    ['Checkout survives', 'Prices: survive', '2:8', 'put it in quotes: `"Prices: survive a frozen inventory"`'],
    ['Checkout survives', '"Checkout" survives', '2:19', 'put the whole text in quotes'],
    ['Checkout survives', '*checkout* survives', '2:19', 'put the whole text in quotes'],
    ['Checkout survives', '@checkout survives', '2:8', 'put the value in quotes'],
    ['Checkout survives', '#1 survives', '2:8', 'nothing is written here: a text that starts with `#` needs quotes'],
    ['Checkout survives', '"Checkout survives', '2:8', 'a text that starts with `"` ends with it'],
    [
      'Checkout survives a frozen inventory',
      '"a\\d"',
      '2:10',
      'write `\\\\` for a backslash, or put the text in single quotes',
    ],
    ['[inventory]', '[inventory', '14:14', 'close it, or indent the lines between the brackets deeper'],
    ['{ below: 1% }', '{ below: 1%', '10:16', 'close it, or indent the lines between the brackets deeper'],
    ['for: 20s', 'for:20s', '15:5', 'put a space after the colon: `for: 20s`'],
    ['    pause: {}', '    pause', '13:5', 'a key ends with `:` and a space'],
    ['    pause: {}', '      pause: {}', '13:7', 'move it to the column of `name`'],
    ['    pause: {}', '   pause: {}', '13:4', 'what belongs to an item stands in the column of its first key'],
    ['  - name', '  name', '13:5', 'move it to the column of `name`; an item of a list starts with `- `'],
    ['    for: 20s', '     for: 20s', '15:6', 'keys of one mapping, and items of one list, start in the same column'],
    ['http://127.0.0.1:8080/checkout"', 'http://x/" {b}', '6:33', 'put the whole text in quotes'],
    ['version: 1', '```yaml\nversion: 1', '1:1', 'remove the lines that start with three backquotes'],
    ['shop-inventory-1', '{{ name }}', '4:25', 'put it in quotes; a variable is written `${var:name}`'],
    [
      'shop-inventory-1',
      '${NAME}',
      '4:24',
      'did you mean `${env:NAME}` or `${var:NAME}`? Write `$${NAME}` for a literal `${NAME}`',
    ],
  ],
  'of characters that look alike': [
    ['faults:', 'f\u0430ults:', '11:1', 'did you mean `faults`?; `\u0430` (U+0430) only looks like `a`: write that'],
    [
      'targets:',
      'targets\u00a0:',
      '3:1',
      'did you mean `targets`?; there is a character that looks like a space (U+00A0): write a space',
    ],
    [
      '    pause',
      '\u00a0\u00a0\u00a0\u00a0pause',
      '14:5',
      'there is a character that looks like a space (U+00A0): write a space',
    ],
    ['20s', '20\u0455', '15:10', '`\u0455` (U+0455) only looks like `s`: write that'],
    ['20s', '20s\u200b', '15:10', 'there is a character that cannot be seen (U+200B): remove it'],
    [
      '[inventory]',
      '[invent\u043ery]',
      '14:15',
      'did you mean `inventory`?; `\u043e` (U+043E) only looks like `o`: write that',
    ],
    ['  - name', '  \u2013 name', '13:5', '`\u2013` (U+2013) only looks like `-`: write that'],
    ['for:', 'for\uff1a', '15:5', '`\uff1a` (U+FF1A) only looks like `:`: write that'],
    ['[inventory]', '[\u0438\u043d\u0432\u0435\u043d\u0442\u0430\u0440\u044c]', '14:15', 'there is: `inventory`'],
  ],
  'of lists, mappings and single values': [
    ['[inventory]', 'price service', '14:14', 'write `[price service]`'],
    [
      '{ below: 1% }',
      '1%',
      '10:16',
      KEYS('`below`, `above`, `equals`, `atLeast`, `atMost`, `between`, `settlesWithin`, `during`'),
    ],
    ['pause: {}', 'pause: true', '13:12', 'write `{}` for an empty mapping'],
    ['docker: shop-inventory-1', 'docker: [shop-inventory-1]', '4:24', 'write it without `[ ]`'],
    ['docker: shop-inventory-1', 'docker: { labels: [a] }', '4:34', 'write `NAME: VALUE` instead of a list'],
    ['docker: shop-inventory-1', 'process: { port: "19302" }', '4:33', 'remove the quotes'],
    ['for: 20s', 'for: 20s\n    keep: yes', '16:11', 'write `true`'],
    ['for: 20s', 'for: 20s\n    keep: "true"', '16:11', 'remove the quotes'],
    [
      '  inventory: { docker: shop-inventory-1 }',
      '  - docker: shop-inventory-1',
      '4:3',
      'write `NAME:` instead of `- name: NAME`',
    ],
    ['  - name: freeze', '  freeze:', '12:3', 'start each item of the list with `- `'],
  ],
  'of units': [
    ['20s', '20', '15:10', 'give its unit: `20s` or `20ms`'],
    ['20s', '20 sec', '15:10', 'did you mean `20s`?'],
    ['20s', '1,5 minutes', '15:10', 'did you mean `1.5m`?'],
    ['20s', '20S', '15:10', 'did you mean `20s`?'],
    ['50/s', '50', '6:61', 'did you mean `50/s`?'],
    ['50/s', '50 rps', '6:61', 'did you mean `50/s`?'],
    ['50/s', '50 req/sec', '6:61', 'did you mean `50/s`?'],
    ['1%', '0.01', '10:25', 'give its unit: `1%` or `0.01%`'],
    ['1%', '1 percent', '10:25', 'did you mean `1%`?'],
    ['"http://127', '"127', '6:21', 'did you mean `http://127.0.0.1:8080/checkout`?'],
    ['"http://127', '" http://127', '6:21', 'remove the space around it'],
  ],
  'of places': [
    ['pause: {}', 'pause: { keep: true }', '13:14', 'it belongs one level up, beside `pause`'],
    ['rate: 50/s', 'rate: 50/s, method: POST', '6:67', 'it belongs in `load.checkout.http`'],
    ['title:', 'baseline: 30s\ntitle:', '2:1', 'it belongs in `windows`'],
    ['for: 20s', 'for: 20s\n    tags: [a]', '16:5', 'it belongs at the top of the file, outside of everything'],
    [
      'load: { of',
      'http: { url: "http://127.0.0.1/" }\n    timeout: 2s\n    tolerance: { below: 1s }\n  b:\n    load: { of',
      '10:5',
      'it belongs in `steadyState."checkout errors".http`',
    ],
    ['errors.ratio', 'latency.p101', '9:36', ''],
    [
      '{ of: checkout, measure: errors.ratio }',
      '{of:checkout, measure: errors.ratio}',
      '9:12',
      'put a space after the colon: `of: checkout`',
    ],
  ],
};

describe('what to do about a wrong file', () => {
  for (const [kind, slips] of Object.entries(SLIPS)) {
    for (const [written, otherwise, place, hint] of slips) {
      it(`${kind}: ${JSON.stringify(otherwise)}`, () => {
        expect(told(written, otherwise)).to.deep.equal([`${place} ${hint}`]);
      });
    }
  }

  it('of places: `timeout` of a check belongs to what reads it, from beside it and from the value', () => {
    const check = (timeout: string, value: string) =>
      told(
        'for: 20s',
        `for: 20s\nexpect:\n  checks:\n    - { name: a, command: { run: [x] }${timeout}, value: { equals: 1${value} } }`,
      );
    expect(check(', timeout: 2s', '')).to.deep.equal(['18:41 it belongs in `expect.checks[0].command`']);
    expect(check('', ', timeout: 2s')).to.deep.equal(['18:61 it belongs in `expect.checks[0].command`']);
  });

  it('of files: another file is told as one problem', () => {
    const {problems} = parseExperiment({file: 'x', content: 'colour: blue\nshape: round\n', environment: {}});
    expect(problems.map(({message}) => message)).to.deep.equal([
      'expected an experiment: a mapping with `version`, `title`, …; got a mapping with `colour`, `shape`',
    ]);
    const binary = new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0xff]);
    expect(parseExperiment({file: 'x', content: binary, environment: {}}).problems[0]?.message).to.equal(
      'expected UTF-8 text; got a binary file',
    );
  });

  it('a misspelt section is told once, not again where its names are used', () => {
    expect(told('targets:', 'tragets:')).to.deep.equal(['3:1 did you mean `targets`?']);
  });
});
