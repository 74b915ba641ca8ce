import {expect} from 'chai';
import {renderHtml} from '../../../src/report/html/html.js';
import {summary} from '../../../src/report/document.js';
import {judged, stepped, switchedBack} from '../../support/deviations.js';

const result = judged(stepped([100, 100, 130]));

/** The same injection again and again, as blocks and repeats make it. */
function repeated(times: number) {
  const [first] = result.occurrences;
  return {...result, occurrences: Array.from({length: times}, () => first!)};
}

describe('what was injected again and again', () => {
  it('is told once in the summary, with how often', () => {
    expect(summary(repeated(6))[0]).to.equal(
      '6 faults were injected on purpose: network-latency delay 50ms on shop-inventory-1 (6 times).',
    );
    const blocks = judged(switchedBack({order: [true, false, false, true], level: () => 100}));
    expect(summary(blocks)[0]).to.equal('2 faults were injected on purpose: pause on shop-inventory-1 (2 times).');
    expect(summary(result)[0]).to.include('delay 50ms on shop-inventory-1; network-latency delay 100ms');
  });

  it('is folded in the page where the list is long', () => {
    expect(renderHtml(repeated(12))).to.include('<summary>12 injections</summary>');
    expect(renderHtml(result)).to.not.include('injections</summary>');
  });
});
