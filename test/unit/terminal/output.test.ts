import {expect} from 'chai';
import {outputTo} from '../../../src/terminal/output.js';

function stream(overrides: Record<string, unknown> = {}) {
  const written: string[] = [];
  const write = (text: string) => {
    written.push(text);
    return true;
  };
  return {written, stream: {isTTY: true, columns: 100, rows: 40, write, ...overrides} as unknown as NodeJS.WriteStream};
}

const colours = (environment: Record<string, string>, isTTY = true) =>
  outputTo(stream({isTTY}).stream, environment).style.level > 0;

describe('output', () => {
  it('colours on a terminal only, and NO_COLOR wins over FORCE_COLOR', () => {
    expect(colours({})).to.equal(true);
    expect(colours({}, false)).to.equal(false);
    expect(colours({FORCE_COLOR: '1'}, false)).to.equal(true);
    expect(colours({NO_COLOR: '1', FORCE_COLOR: '1'})).to.equal(false);
    expect(colours({NO_COLOR: ''})).to.equal(true);
    expect(colours({TERM: 'dumb'})).to.equal(false);
  });

  it('has 80 columns where there is no terminal, and never fewer than 20', () => {
    expect(outputTo(stream({isTTY: false, columns: undefined}).stream, {}).columns).to.equal(80);
    expect(outputTo(stream({columns: 3}).stream, {}).columns).to.equal(20);
    expect(outputTo(stream({columns: 0}).stream, {}).columns).to.equal(80);
    expect(outputTo(stream({rows: 0}).stream, {}).rows).to.equal(24);
  });

  it('stops writing, and throws nothing, once the reader has gone away', () => {
    let calls = 0;
    const {stream: broken} = stream({
      write: () => {
        calls++;
        throw new Error('EPIPE');
      },
    });
    const output = outputTo(broken, {});
    output.write('a');
    output.write('b');
    expect(calls).to.equal(1);
  });
});
