import {expect} from 'chai';
import fc from 'fast-check';
import {
  bar,
  clockText,
  cut,
  cutColoured,
  pad,
  sparkline,
  table,
  visibleLength,
  wrap,
} from '../../../src/terminal/text.js';
import {finished, styleOf} from '../../../src/terminal/style.js';

const coloured = styleOf(1);

describe('terminal text', () => {
  it('is never wider than the room it is cut to, and unchanged where it fits', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), fc.integer({min: 1, max: 60}), (text, width) => {
        expect(visibleLength(cut(text, width))).to.be.at.most(width);
        expect(cut(text, Array.from(text).length)).to.equal(text);
      }),
    );
  });

  it('keeps the colours closed where a coloured line is cut', () => {
    const line = `ab${coloured.red('cdef')}gh`;
    const short = cutColoured(line, 5);
    expect(visibleLength(short)).to.equal(5);
    expect(finished(short)).to.equal('ab\u001b[31mcd\u001b[39m…');
    expect(cutColoured(line, 8)).to.equal(line);
  });

  it('shows control characters instead of obeying them, and keeps colours', () => {
    const line = `a\u001b[2Jb\nc${coloured.red('d\u001b[8m')}\u001b[31me`;
    expect(finished(line)).to.equal('a␛[2Jb␊c\u001b[31md␛[8m\u001b[39m␛[31me');
    expect(finished(coloured.bold.underline('x'))).to.equal('\u001b[1m\u001b[4mx\u001b[24m\u001b[22m');
    expect(finished(styleOf(0).red('x'))).to.equal('x');
  });

  it('takes the meaning from what a CI server would obey, and from nothing else', () => {
    const told = (line: string) => finished(line);
    expect(told('  ::error file=a.ts,line=1::no')).to.equal('  : :error file=a.ts,line=1::no');
    expect(told(coloured.bold('::add-mask::x'))).to.equal(': :add-mask::x');
    expect(told('a ##[error]b ##vso[task.complete]c')).to.equal('a # #[error]b # #vso[task.complete]c');
    expect(told('::1 and a::b::c')).to.equal('::1 and a::b::c');
  });

  it('pads by what is seen, not by the colour codes', () => {
    expect(visibleLength(pad(coloured.red('ab'), 5))).to.equal(5);
    expect(pad('ab', 4, 'left')).to.equal('  ab');
    expect(pad('abcdef', 4)).to.equal('abcdef');
  });

  it('aligns the columns of a table and leaves no trailing blanks', () => {
    expect(
      table(
        [
          ['a', 'b'],
          ['long', 'c'],
          ['x', ''],
        ],
        ' ',
      ),
    ).to.deep.equal([' a     b', ' long  c', ' x']);
  });

  it('wraps at spaces and loses no word', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$/), {minLength: 1}),
        fc.integer({min: 14, max: 60}),
        (words, width) => {
          const lines = wrap(words.join(' '), width);
          expect(lines.join(' ').split(' ')).to.deep.equal(words);
          expect(lines.every(line => line.length <= width)).to.equal(true);
        },
      ),
    );
  });

  it('draws one block a value, the newest ones, with a gap for a missing value', () => {
    expect(sparkline([0, 5, null, 10], 10).join('')).to.equal('▁▅·█');
    expect(sparkline([1, 2, 3, 4], 2)).to.have.length(2);
    expect(sparkline([0, 0], 5).join('')).to.equal('▁▁');
    expect(sparkline([], 5)).to.deep.equal([]);
  });

  it('leaves room up to the tolerance above small values', () => {
    expect(sparkline([1, 1], 5, 100).join('')).to.equal('▁▁');
  });

  it('fills a bar by its share, within its width', () => {
    expect(bar(0.5, 10)).to.equal('█████░░░░░');
    expect(bar(7, 4)).to.equal('████');
    expect(bar(-1, 4)).to.equal('░░░░');
  });

  it('tells time as a clock', () => {
    expect([0, 59_999, 61_000, 3_723_000].map(clockText)).to.deep.equal(['00:00', '00:59', '01:01', '1:02:03']);
  });
});
