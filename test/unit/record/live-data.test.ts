import {expect} from 'chai';
import {LiveData} from '../../../src/record/live-data.js';
import {untilInForce} from '../../support/records.js';

describe('what has been measured so far', () => {
  it('knows when the baseline was, which has no end until the next phase begins', () => {
    const data = new LiveData();
    const {events} = untilInForce();
    expect(data.baseline).to.equal(undefined);
    for (const event of events) {
      if (event.type === 'phase.entered' && event.phase === 'fault') break;
      data.event(event);
    }
    expect(data.baseline).to.deep.equal({fromUs: 2e6, toUs: Infinity});
    for (const event of events) data.event(event);
    expect(data.baseline).to.deep.equal({fromUs: 2e6, toUs: 10e6});
  });

  it('takes the time that was read back where the baseline is from the past', () => {
    const data = new LiveData();
    for (const event of untilInForce().events) {
      const past = {fromUs: -60e6, toUs: 0};
      data.event(event.type === 'phase.entered' && event.phase === 'baseline' ? {...event, past} : event);
    }
    expect(data.baseline).to.deep.equal({fromUs: -60e6, toUs: 0});
  });
});
