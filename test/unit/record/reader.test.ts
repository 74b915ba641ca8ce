import {expect} from 'chai';
import type {Disk} from '../../../src/system/files.js';
import {readEvidence} from '../../../src/record/reader.js';
import {judge} from '../../../src/verdict/judge.js';
import {held} from '../../support/records.js';

const {events} = held();

/** A disk that was full from this event on: its line is torn. */
function fullFrom(nth: number): Disk {
  const lines = events.map(event => JSON.stringify(event));
  const text = `${lines.slice(0, nth).join('\n')}\n${lines[nth]?.slice(0, 20) ?? ''}`;
  return {
    read: (path: string) => Promise.resolve(path.endsWith('events.ndjson') ? text : undefined),
  } as unknown as Disk;
}

describe('the record of a run whose disk was full', () => {
  const unwritten = {events, why: 'ENOSPC: no space left on device'};

  for (const nth of [events.length - 1, 12, 0]) {
    it(`is told by its runner as it was, with the gap, also when event ${nth} could not be written`, async () => {
      const evidence = await readEvidence(fullFrom(nth), 'runs/x', unwritten);
      expect(evidence.events).to.deep.equal(events);
      expect(evidence.gaps.join('; ')).to.include('ENOSPC').and.to.include('1 torn line');
      const result = judge(evidence);
      expect(result).to.include({verdict: 'inconclusive', exit: 5});
      expect(result.headline).to.not.include('killed');
      expect(result.occurrences[0]).to.include({inForce: 'yes'});
    });
  }
});

describe('a record with lines of a version that is not known', () => {
  const recordOf = (lines: readonly object[]): Disk =>
    ({
      read: (path: string) =>
        Promise.resolve(
          path.endsWith('events.ndjson') ? lines.map(line => `${JSON.stringify(line)}\n`).join('') : undefined,
        ),
    }) as unknown as Disk;
  const later = (nth: number) => events.map((event, i) => (i === nth ? {...event, v: 2} : event));

  it('takes nothing from them, says that they are there, and is never held', async () => {
    const nth = events.length - 1;
    const evidence = await readEvidence(recordOf(later(nth)), 'runs/x');
    expect(evidence.events).to.deep.equal(events.slice(0, nth));
    expect(evidence.gaps).to.deep.equal(['1 line(s) in events.ndjson that this version of Firedrill does not know']);
    expect(judge(evidence).verdict).to.equal('inconclusive');
  });

  it('that begins with one says which version can read it', async () => {
    const nth = events.findIndex(({type}) => type === 'run.started');
    const error = await readEvidence(recordOf(later(nth)), 'runs/x').catch((thrown: unknown) => thrown);
    expect(error).to.include({code: 'RECORD_UNREADABLE'});
    expect(error).to.have.property('hint').that.includes('the version that wrote it');
  });

  it('has the same gap where their other fields are no events', async () => {
    const evidence = await readEvidence(
      recordOf([...events, {...events[0]!, seq: 'x'}, {...events[0]!, at: null}]),
      'runs/x',
    );
    expect(evidence.events).to.deep.equal(events);
    expect(evidence.gaps).to.deep.equal(['2 line(s) in events.ndjson that this version of Firedrill does not know']);
  });
});
