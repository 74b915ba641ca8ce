import {expect} from 'chai';
import {existsSync, readFileSync} from 'node:fs';

const PAGE = 'docs/threat-model.md';
/** `test/x.test.ts` › `the beginning of a title`; a whole file stands without a title. */
const TEST = /\| `(test\/[^`]+\.ts)`(?: › (?:``(.+?)``|`(.+?)`))? \|$/;

describe('The threat model', () => {
  const lines = readFileSync(PAGE, 'utf8')
    .split('\n')
    .filter(line => line.startsWith('|') && line.split('|').length === 6 && !/^\|( what |-)/.test(line));

  it('names a test for each of its lines', () => {
    expect(lines.length).to.be.greaterThan(25);
    expect(lines.filter(line => !TEST.test(line))).to.deep.equal([]);
  });

  it('names only tests that are there', () => {
    const missing = lines.filter(line => {
      const [, file = '', quoted, plain = ''] = TEST.exec(line) ?? [];
      return !existsSync(file) || !readFileSync(file, 'utf8').includes(quoted ?? plain);
    });
    expect(missing).to.deep.equal([]);
  });
});
