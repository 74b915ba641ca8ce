import {expect} from 'chai';
import {lists, numberAfter, wholeNumber} from '../../../src/signals/http/bytes.js';
import {ResponseReader} from '../../../src/signals/http/response.js';

/** What is read stands between other bytes, which must not count. */
function within<T>(text: string, read: (bytes: Buffer, from: number, to: number) => T): T {
  return read(Buffer.from(`1,close=1${text}1,close=1`, 'latin1'), 9, 9 + text.length);
}

/** A reader that was given the answer in these pieces, each of which is overwritten afterwards, and how far it came. */
function readFrom(...pieces: readonly string[]) {
  const reader = new ResponseReader();
  reader.expect('GET', 100);
  const memory = Buffer.alloc(1000, 'x');
  let progress = 'more';
  for (const [i, piece] of pieces.entries()) {
    progress = reader.take(memory, memory.write(piece, 'latin1'));
    if (i < pieces.length - 1) memory.fill('x');
  }
  return {reader, progress};
}

describe('fields that are read from bytes', () => {
  for (const [text, listed] of [
    ['close', true],
    [' Keep-Alive ,\tCLOSE ', true],
    ['close, upgrade', true],
    ['', false],
    [' ,, ', false],
    ['closed', false],
    ['not close', false],
    ['clos', false],
  ] as const) {
    it(`\`${text}\` ${listed ? 'lists' : 'does not list'} \`close\``, () => {
      expect(within(text, (bytes, from, to) => lists(bytes, from, to, 'close'))).to.equal(listed);
    });
  }

  for (const [text, number] of [
    ['0', 0],
    [' 42\t', 42],
    ['999999999999999', 999_999_999_999_999],
    ['1000000000000000', NaN],
    ['', NaN],
    ['4 2', NaN],
    ['+4', NaN],
    ['0x4', NaN],
  ] as const) {
    it(`\`${text}\` is ${number} as a length`, () => {
      expect(within(text, wholeNumber)).to.deep.equal(number);
    });
  }

  for (const [text, number] of [
    ['timeout=5', 5],
    ['max=100, Timeout=72', 72],
    ['timeout=', undefined],
    ['max=100', undefined],
    ['', undefined],
  ] as const) {
    it(`\`${text}\` says ${number} s`, () => {
      expect(within(text, (bytes, from, to) => numberAfter(bytes, from, to, 'timeout='))).to.equal(number);
    });
  }
});

describe('an answer that comes in pieces', () => {
  const head = 'HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 4\r\nx-a:\t2 \r\n\r\n';

  it('keeps its fields while the memory is used again', () => {
    const {reader, progress} = readFrom(
      'HTTP/1.1 103 Hint\r\nx-a: 0\r\n\r\n',
      head.slice(0, 20),
      `${head.slice(20)}ab`,
      'cd',
    );
    expect(progress).to.equal('done');
    expect(reader.fields('x-a')).to.deep.equal(['1', '2']);
    expect(reader.fields('x')).to.be.empty;
    expect(reader.content.toString()).to.equal('abcd');
  });

  it('ends where the bytes end that have come, whatever lies behind them in memory', () => {
    const {reader, progress} = readFrom(`${head}abcd`);
    expect([progress, reader.keepAlive]).to.deep.equal(['done', true]);
    expect([readFrom(head).progress, readFrom(`${head}abcde`).reader.keepAlive]).to.deep.equal(['more', false]);
  });

  it('is no HTTP as soon as a byte says so', () => {
    for (const text of [
      'HTTP/1.1 2x0 OK\r\n',
      'HTTP/1.1  20 OK\r\n',
      'HTTP/1.2 200 OK\r\n',
      `${head.slice(0, 22)}\n`,
    ]) {
      expect(readFrom(text).progress, text).to.equal('broken');
    }
  });
});
