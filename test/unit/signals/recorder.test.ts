import {expect} from 'chai';
import fc from 'fast-check';
import {bucketOf, countOf} from '../../../src/quantities/histogram.js';
import type {LoadSecond} from '../../../src/signals/contract.js';
import type {RequestOutcome} from '../../../src/signals/load/outcome.js';
import {LoadRecorder} from '../../../src/signals/load/recorder.js';

const SECOND = 1_000_000;

function record(start = 0): {recorder: LoadRecorder; seconds: LoadSecond[]} {
  const seconds: LoadSecond[] = [];
  return {recorder: new LoadRecorder('checkout', start, second => seconds.push(second)), seconds};
}

const ended = (second: LoadSecond) => Object.values(second.outcomes).reduce((sum, part) => sum + countOf(part), 0);

describe('the load recorder', () => {
  it('emits a second only once it is over and every request in it has an outcome', () => {
    const {recorder, seconds} = record();
    recorder.intend({intended: 500_000});
    recorder.sent({intended: 500_000}, 500_100);
    recorder.flush(SECOND);
    expect(seconds).to.be.empty;
    recorder.ended({intended: 500_000}, 'ok', SECOND + 200_000);
    recorder.flush(SECOND + 200_000);
    expect(seconds).to.have.length(1);
    expect(seconds[0]).to.include({at: 0, intended: 1, sent: 1, load: 'checkout'});
  });

  it('keeps the order: a complete second waits for the one before', () => {
    const {recorder, seconds} = record();
    for (const at of [0, SECOND]) {
      recorder.intend({intended: at});
      recorder.sent({intended: at}, at);
    }
    recorder.ended({intended: SECOND}, 'ok', SECOND + 10);
    recorder.flush(2 * SECOND);
    expect(seconds).to.be.empty;
    recorder.ended({intended: 0}, 'timeout', 2 * SECOND);
    recorder.flush(2 * SECOND);
    expect(seconds.map(second => [second.at, Object.keys(second.outcomes)])).to.deep.equal([
      [0, ['timeout']],
      [SECOND, ['ok']],
    ]);
  });

  it('counts a late answer in the second in which it was intended, with the whole time since then', () => {
    const {recorder, seconds} = record(7 * SECOND);
    recorder.intend({intended: 7 * SECOND});
    recorder.sent({intended: 7 * SECOND}, 7 * SECOND + 400);
    recorder.ended({intended: 7 * SECOND}, 'ok', 10 * SECOND);
    recorder.close();
    expect(seconds).to.have.length(1);
    expect(seconds[0]?.at).to.equal(7 * SECOND);
    expect(seconds[0]?.lagP99).to.be.closeTo(400, 4);
  });

  it('emits empty seconds too, so that a rare load leaves no holes in the record', () => {
    const {recorder, seconds} = record();
    recorder.flush(3 * SECOND);
    expect(seconds.map(second => second.intended)).to.deep.equal([0, 0, 0]);
  });

  it('does not count a request as sent that never left this machine', () => {
    const {recorder, seconds} = record();
    recorder.intend({intended: 0});
    recorder.sent({intended: 0}, 10);
    recorder.takeBack({intended: 0});
    recorder.ended({intended: 0}, 'unsent', 20);
    recorder.close();
    expect(seconds[0]).to.include({intended: 1, sent: 0});
    expect(seconds[0]?.outcomes).to.deep.equal({unsent: [[0, 1]]});
  });

  it('keeps how late every request left, and how evenly they did', () => {
    const {recorder, seconds} = record();
    for (let n = 0; n < 200; n++) {
      const due = {intended: n * 5000};
      recorder.intend(due);
      // Those of every other hundredth of a second leave together with those of the next.
      recorder.sent(due, due.intended + (n % 4 < 2 ? 10_000 : 0));
      recorder.ended(due, 'ok', due.intended + 20_000);
    }
    recorder.flush(SECOND);
    expect(seconds[0]?.lags).to.deep.equal([
      [0, 100],
      [bucketOf(10_000), 100],
    ]);
    expect(seconds[0]?.lagP99).to.be.closeTo(10_000, 100);
    // Planned: 2 in each of the 100 bins. Sent: none and 4 by turns, so a variance of 4 at a mean of 2.
    expect(seconds[0]?.dispersion).to.deep.equal({sent: 2, planned: 0});
  });

  it('says nothing of the dispersion of a second that was cut short', () => {
    const {recorder, seconds} = record();
    recorder.intend({intended: 0});
    recorder.sent({intended: 0}, 0);
    recorder.ended({intended: 0}, 'ok', 10);
    recorder.close();
    expect(seconds[0]).to.not.have.property('dispersion');
  });

  it('counts requests with a name once for the load and once for the name', () => {
    const {recorder, seconds} = record();
    for (const [request, outcome] of [
      ['home', 'ok'],
      ['buy', 'check-sold'],
      ['buy', 'unsent'],
    ] as const) {
      const due = {intended: 0, request};
      recorder.intend(due);
      recorder.sent(due, 0);
      if (outcome === 'unsent') recorder.takeBack(due);
      recorder.ended(due, outcome, 0);
    }
    recorder.close();
    expect(seconds[0]).to.include({intended: 3, sent: 2});
    expect(seconds[0]?.requests).to.deep.equal({
      home: {intended: 1, sent: 1, outcomes: {ok: [[0, 1]]}},
      buy: {intended: 2, sent: 1, outcomes: {'check-sold': [[0, 1]], unsent: [[0, 1]]}},
    });
    expect(recorder.totals.read()).to.deep.equal({
      intended: 3,
      sent: 2,
      accepted: 1,
      failed: 1,
      unanswered: 0,
      inFlight: 0,
    });
  });

  it('tells at every moment what became of all requests, and which of them nobody knows about', () => {
    const {recorder} = record();
    const due = (['ok', 'timeout', 'reset', 'refused', 'status-503', undefined] as const).map((outcome, i) => ({
      outcome,
      intended: i,
    }));
    for (const one of due) {
      recorder.intend(one);
      recorder.sent(one, one.intended);
    }
    expect(recorder.totals.read()).to.deep.equal({
      intended: 6,
      sent: 6,
      accepted: 0,
      failed: 0,
      unanswered: 0,
      inFlight: 6,
    });
    for (const {outcome, ...one} of due) if (outcome !== undefined) recorder.ended(one, outcome, 10);
    expect(recorder.totals.read()).to.deep.equal({
      intended: 6,
      sent: 6,
      accepted: 1,
      failed: 4,
      unanswered: 2,
      inFlight: 1,
    });
  });

  it('loses no request, whatever the order in which they end', () => {
    const request = fc.record({
      at: fc.integer({min: 0, max: 5 * SECOND - 1}),
      took: fc.integer({min: 0, max: 3 * SECOND}),
      outcome: fc.constantFrom<RequestOutcome>('ok', 'timeout', 'status-503', 'unsent'),
    });
    fc.assert(
      fc.property(fc.array(request, {maxLength: 60}), requests => {
        const {recorder, seconds} = record();
        for (const {at} of requests) recorder.intend({intended: at});
        const byEnd = [...requests].sort((a, b) => a.at + a.took - (b.at + b.took));
        for (const {at, took, outcome} of byEnd) {
          if (outcome !== 'unsent') recorder.sent({intended: at}, at);
          recorder.ended({intended: at}, outcome, at + took);
          recorder.flush(at + took);
        }
        recorder.close();
        const starts = seconds.map(second => second.at);
        expect(starts).to.deep.equal([...starts].sort((a, b) => a - b));
        expect(new Set(starts).size).to.equal(starts.length);
        expect(seconds.reduce((sum, second) => sum + second.intended, 0)).to.equal(requests.length);
        expect(seconds.reduce((sum, second) => sum + ended(second), 0)).to.equal(requests.length);
        for (const second of seconds) expect(ended(second)).to.equal(second.intended);
      }),
    );
  });
});
