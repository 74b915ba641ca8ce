import {expect} from 'chai';
import fc from 'fast-check';
import {printable, printableJson, printableProse} from '../../../src/quantities/printable.js';

const TABLE: readonly (readonly [string, string, string])[] = [
  ['hides what follows (SGR 8)', 'a\u001b[8mb', 'a␛[8mb'],
  ['writes the clipboard (OSC 52)', '\u001b]52;c;YQ==\u0007', '␛]52;c;YQ==␇'],
  ['is one character in C1', '\u009b8m', '�8m'],
  ['overwrites a line', 'bad\rgood', 'bad␍good'],
  ['deletes backwards', 'rm -rf /\b\b', 'rm -rf /␈␈'],
  ['begins a new line', 'x\n::error::y', 'x␊::error::y'],
  ['separates lines in Unicode', 'x\u2028y\u2029z', 'x�y�z'],
  ['has no width', 'a\u200bb\u200dc\ufeffd\u00ade', 'a�b�c�d�e'],
  ['turns the direction', '\u202egpj.exe\u2066x\u2069', '�gpj.exe�x�'],
  ['is a tag', 'a\u{e0041}b', 'a�b'],
  ['is a filler', 'a\u3164b\u034fc', 'a�b�c'],
  ['is half of a pair', 'a\ud800b', 'a�b'],
  ['is DEL', 'a\u007fb', 'a␡b'],
  ['is a tab', 'a\tb', 'a b'],
];

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

describe('foreign text', () => {
  for (const [what, text, shown] of TABLE) {
    it(`is shown where it ${what}`, () => {
      expect(printable(text)).to.equal(shown);
    });
  }

  it('stays as it is where all of it is seen', () => {
    for (const text of ['Überlast → 5 %', '日本語', 'שלום', '⚠️ careful', 'naïve'])
      expect(printable(text)).to.equal(text);
  });

  it('keeps its number of characters, whatever it is, and hides nothing', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), text => {
        const shown = printable(text);
        expect(Array.from(shown)).to.have.length(Array.from(text).length);
        expect(shown).to.not.match(UNSEEN);
      }),
    );
  });

  it('has blanks for line breaks in prose', () => {
    expect(printableProse('one\r\ntwo\n\nthree')).to.equal('one two three');
  });

  it('is escaped in JSON and reads back as it was', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), text => {
        const json = printableJson({text, list: [text]});
        expect(JSON.parse(json)).to.deep.equal({text, list: [text]});
        expect(json.replaceAll('\n', '')).to.not.match(UNSEEN);
      }),
    );
  });
});
