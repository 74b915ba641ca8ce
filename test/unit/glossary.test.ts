import {expect} from 'chai';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {EXIT} from '../../src/system/exit-codes.js';
import {ROOT} from '../support/cli.js';

describe('The glossary', () => {
  const page = readFileSync(join(ROOT, 'docs/glossary.md'), 'utf8');
  const words = [...page.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, words = '']) => words.split(', '));

  it('explains every word that an exit code stands for', () => {
    // These two are no words about a run.
    const said = Object.keys(EXIT).filter(name => name !== 'bug' && name !== 'usage');
    const asWritten = said.map(name => name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`));
    expect(asWritten.filter(word => !words.includes(word))).to.deep.equal([]);
  });

  it('explains each word once', () => {
    expect(words.filter((word, i) => word !== 'word' && words.indexOf(word) !== i)).to.deep.equal([]);
  });
});
