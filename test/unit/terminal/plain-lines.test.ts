import {expect} from 'chai';
import {outputToText} from '../../../src/terminal/output.js';
import {PlainLines} from '../../../src/terminal/plain-lines.js';
import {traffic, untilEnd} from '../../support/records.js';

/** What is printed while 25 of 50 requests fail in each of these seconds. */
function printed(bad: {readonly from: number; readonly to: number}): string {
  const output = outputToText();
  const lines = new PlainLines(output);
  const loads = [...traffic({...bad, failed: 25})];
  for (const event of untilEnd().events) {
    while (loads[0] !== undefined && loads[0].at + 1e6 <= event.at.mono) lines.second(loads.shift()!);
    lines.event(event);
  }
  return output.text();
}

describe('plain lines', () => {
  const text = printed({from: 10, to: 30}).trimEnd().split('\n');

  it('starts every line with a UTC time and has no control characters', () => {
    for (const line of text) expect(line).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [^\p{Cc}]+$/u);
  });

  it('tells what was broken, that it was undone and how the run ended', () => {
    const all = text.join('\n');
    for (const part of ['in force on shop-inventory-1', 'Undo of freeze-1 verified', 'Run ended']) {
      expect(all).to.include(part);
    }
  });

  it('tells the metrics about every five seconds and marks what is outside', () => {
    const metrics = text.filter(line => line.includes('checkout errors ') && line.includes('%'));
    expect(metrics.length).to.be.within(4, 9);
    expect(metrics.some(line => line.endsWith('checkout errors 50% (outside)'))).to.equal(true);
  });

  it('tells an outage that was over before its next line', () => {
    expect(printed({from: 12, to: 13})).to.match(
      /checkout errors 0% \(since the last line 1 of \d+ outside, 50% at worst\)/,
    );
  });
});
