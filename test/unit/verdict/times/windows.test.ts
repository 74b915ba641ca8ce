import {expect} from 'chai';
import type {Evidence} from '../../../../src/record/evidence.js';
import {factsOf} from '../../../../src/verdict/facts.js';
import {timesWindows} from '../../../../src/verdict/times/windows.js';
import * as records from '../../../support/records.js';

const {debt, done, experiment, occurrence, settled, untilBaseline, untilEnd, untilInForce} = records;

/** Seconds of the fault and of the time after it, by occurrence. */
const windowsOf = (evidence: Evidence) =>
  timesWindows(factsOf(evidence)).map(({occurrence: {planned}, fault, after}) => ({
    id: planned.id,
    fault: [fault.fromUs / 1e6, fault.toUs / 1e6],
    after: after === undefined ? null : [after.fromUs / 1e6, after.toUs / 1e6],
  }));

describe('the windows of times', () => {
  it('end with the next injection, and with the watch', () => {
    expect(windowsOf(records.steps())).to.deep.equal([
      {id: 'slow-1', fault: [10.2, 16.2], after: [16.4, 18.05]},
      {id: 'slow-2', fault: [18.2, 24.2], after: [24.4, 39.1]},
    ]);
  });

  it('count from the fault where the platform heals, and from the undo where it was lost', () => {
    expect(windowsOf(records.platformHeal(true))[0]!.after).to.deep.equal([10.2, 22.4]);
    expect(windowsOf(records.lostFault())[0]).to.deep.include({fault: [10.2, 18], after: [30.4, 39.1]});
  });

  it('end with what is on record of a run that was killed', () => {
    expect(windowsOf(records.killed())[0]!.after![1]).to.be.at.most(17);
    expect(windowsOf(records.killedAndLeft())[0]!.after).to.equal(null);
  });

  it('have no time after a fault while another one is in force', () => {
    const [first, second] = [occurrence(), occurrence({id: 'other-1', fault: 'other'})];
    const other = debt({id: `${records.RUN}/other-1/0`, occurrence: 'other-1'});
    const script = untilInForce(untilInForce(untilBaseline(experiment(), [first, second])), second, 15, other)
      .at(20, {type: 'undo.requested', occurrence: 'freeze-1', why: done})
      .at(20.4, {type: 'debts.settled', occurrence: 'freeze-1', settled: [settled()]})
      .at(30.2, {type: 'undo.requested', occurrence: 'other-1', why: done})
      .at(30.4, {type: 'debts.settled', occurrence: 'other-1', settled: [settled('undone', other.id)]});
    const windows = windowsOf(untilEnd(script).evidence([], records.traffic()));
    expect(windows.map(({after}) => after)).to.deep.equal([null, [30.4, 39.1]]);
  });

  it('are those of the last block of a switchback only, and none without a baseline', () => {
    const evidence = records.steps();
    const switched = {...experiment(), switchback: {blocks: 10, blockMs: 6000, washoutMs: 0}};
    const events = evidence.events.map(event =>
      event.type === 'run.started' ? {...event, experiment: switched} : event,
    );
    expect(windowsOf({...evidence, events}).map(({id}) => id)).to.deep.equal(['slow-2']);
    const without = evidence.events.filter(event => event.type !== 'phase.entered' || event.phase !== 'baseline');
    expect(windowsOf({...evidence, events: without})).to.deep.equal([]);
  });
});
