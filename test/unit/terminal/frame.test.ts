import {expect} from 'chai';
import {Chalk} from 'chalk';
import fc from 'fast-check';
import {drawFrame} from '../../../src/terminal/frame.js';
import {visibleLength} from '../../../src/terminal/text.js';
import {experiment, occurrence, target, traffic, untilBaseline, untilEnd, untilInForce} from '../../support/records.js';
import {sampledMetric, loadMetric} from '../../support/signals.js';
import {stateAfter} from './live-run.js';

const plain = new Chalk({level: 0});
const at = (seconds: number, columns = 100, rows = 30) => ({now: seconds * 1e6, columns, rows, style: plain});
const guarded = experiment({
  steadyState: [loadMetric(), sampledMetric()],
  guards: [{metric: 'checkout errors', above: 0.25, forMs: 5000}],
});

describe('live frame', () => {
  it('shows the phase with a countdown, the metric outside its tolerance and the fault in force', () => {
    const state = stateAfter(untilInForce(), traffic({from: 10, to: 15, failed: 25}, 15));
    const text = drawFrame(state, at(15)).join('\n');
    expect(text).to.include('Checkout survives a frozen inventory');
    expect(text).to.match(/fault interval\s+█+░+ 00:15 left/);
    expect(text).to.match(/✖ checkout errors\s+50%\s+below 1%/);
    expect(text).to.match(/in force\s+.*→ shop-inventory-1 00:04 of 20s/);
  });

  it('says that a metric has no value, and why, instead of showing the last one', () => {
    const script = untilBaseline(guarded);
    const state = stateAfter(script);
    state.sample(1, {t: 3e6, d: 1, value: 5});
    state.sample(1, {t: 4e6, d: 1, value: null, why: 'the probe timed out'});
    const text = drawFrame(state, at(5, 140)).join('\n');
    expect(text).to.match(/\? queue depth\s+no value/);
    expect(text).to.include('the probe timed out');
  });

  it('marks a guard whose limit is crossed', () => {
    const state = stateAfter(untilInForce(untilBaseline(guarded)), traffic({from: 10, to: 15, failed: 25}, 15));
    expect(drawFrame(state, at(15)).join('\n')).to.include('✖ stop when checkout errors is above 25% for 5s');
  });

  it('shows an undo that failed with the reason', () => {
    const script = untilInForce().at(30, {
      type: 'debts.settled',
      occurrence: 'freeze-1',
      settled: [{debt: 'd', outcome: 'failed', why: 'the engine does not answer', manual: 'docker unpause x'}],
    });
    expect(drawFrame(stateAfter(script), at(31)).join('\n')).to.include('not undone: the engine does not answer');
  });

  it('is never wider than the terminal nor higher, at any size and at any moment', () => {
    const many = Array.from({length: 30}, (_, i) =>
      occurrence({id: `freeze-${i}`, targets: [target(`a-very-long-name-${i}`)]}),
    );
    const states = [
      stateAfter(untilBaseline(guarded, many)),
      stateAfter(untilInForce(untilBaseline(guarded)), traffic({from: 10, to: 15, failed: 25}, 15)),
      stateAfter(untilEnd()),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...states),
        fc.integer({min: 20, max: 250}),
        fc.integer({min: 6, max: 80}),
        fc.integer({min: 0, max: 100}),
        (state, columns, rows, now) => {
          const lines = drawFrame(state, at(now, columns, rows));
          expect(lines.length).to.be.below(rows);
          for (const line of lines) expect(visibleLength(line), line).to.be.at.most(columns);
        },
      ),
    );
  });
});
