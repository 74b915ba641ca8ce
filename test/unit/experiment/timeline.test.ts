import {expect} from 'chai';
import fc from 'fast-check';
import type {FaultSpec} from '../../../src/experiment/experiment.js';
import {describeTimeline, occurrenceCount, occurrencesOf} from '../../../src/experiment/timeline.js';

function fault(name: string, more: Partial<FaultSpec> = {}): FaultSpec {
  return {
    name,
    fault: 'pause',
    parameters: {},
    targets: ['t'],
    forMs: 10_000,
    after: {from: 'baseline', ms: 0},
    heal: 'default',
    keep: false,
    ...more,
  };
}

const WINDOWS = {warmupMs: 1000, baselineMs: 2000, recoveryMs: 4000};
const steps = (count: number) => ({
  parameters: Array.from({length: count}, (_, i) => ({delay: i})),
  labels: Array.from({length: count}, (_, i) => `delay ${i}ms`),
  stopOnDeviation: false,
});

/** Ids with estimated start and end in seconds. */
function rows(faults: readonly FaultSpec[]): readonly string[] {
  return describeTimeline({faults, windows: WINDOWS}).rows.map(
    ({occurrence, startMs, endMs}) => `${occurrence.id} ${startMs / 1000}-${endMs / 1000}`,
  );
}

describe('timeline', () => {
  it('plays a single fault under its own name', () => {
    const [only, ...others] = occurrencesOf({faults: [fault('freeze')]});
    expect(others).to.deep.equal([]);
    expect(only).to.include({id: 'freeze', index: 0, label: 'freeze', forMs: 10_000});
    expect(only).to.not.have.property('step');
    expect(only?.start).to.deep.equal({from: 'baseline', ms: 0});
  });

  it('plays steps one after the other with their own parameters', () => {
    const played = occurrencesOf({faults: [fault('slow', {steps: steps(3)})]});
    expect(played.map(({id, step, parameters, label}) => [id, step, parameters['delay'], label])).to.deep.equal([
      ['slow#1', 0, 0, 'slow (delay 0ms)'],
      ['slow#2', 1, 1, 'slow (delay 1ms)'],
      ['slow#3', 2, 2, 'slow (delay 2ms)'],
    ]);
    expect(played[1]?.start).to.deep.equal({from: 'occurrence', occurrence: 'slow#1', edge: 'ends', ms: 0});
    expect(rows([fault('slow', {steps: steps(3)})])).to.deep.equal(['slow#1 0-10', 'slow#2 10-20', 'slow#3 20-30']);
  });

  it('repeats from the start of the first', () => {
    const repeated = fault('kill', {
      repeat: {everyMs: 30_000, times: 3, targets: 'same'},
      after: {from: 'baseline', ms: 5000},
    });
    expect(occurrencesOf({faults: [repeated]})[2]?.start).to.deep.equal({
      from: 'occurrence',
      occurrence: 'kill#1',
      edge: 'starts',
      ms: 60_000,
    });
    expect(rows([repeated])).to.deep.equal(['kill#1 5-15', 'kill#2 35-45', 'kill#3 65-75']);
  });

  it('repeats whole series of steps', () => {
    const both = fault('slow', {steps: steps(2), repeat: {everyMs: 60_000, times: 2, targets: 'same'}});
    expect(rows([both])).to.deep.equal(['slow#1 0-10', 'slow#2 10-20', 'slow#3 60-70', 'slow#4 70-80']);
    expect(occurrencesOf({faults: [both]}).map(occurrence => occurrence.step)).to.deep.equal([0, 1, 0, 1]);
  });

  it('waits for the first start and the last end of another fault, wherever it stands in the file', () => {
    const late = fault('late', {after: {from: 'fault', fault: 'early', edge: 'ends', ms: 1000}});
    const with_ = fault('with', {after: {from: 'fault', fault: 'early', edge: 'confirmed', ms: 2000}});
    const early = fault('early', {steps: steps(2)});
    expect(rows([late, with_, early])).to.deep.equal(['early#1 0-10', 'with 2-12', 'early#2 10-20', 'late 21-31']);
  });

  it('names what may be in force at the same time', () => {
    const other = fault('other', {after: {from: 'baseline', ms: 9000}});
    const next = fault('next', {after: {from: 'fault', fault: 'freeze', edge: 'ends', ms: 0}});
    const {overlaps, faultsMs, totalMs} = describeTimeline({faults: [fault('freeze'), other, next], windows: WINDOWS});
    expect(overlaps).to.deep.equal([
      ['freeze', 'other'],
      ['other', 'next'],
    ]);
    expect(faultsMs).to.equal(20_000);
    expect(totalMs).to.equal(27_000);
  });

  it('keeps its order for any faults', () => {
    const spec = fc.record({
      forMs: fc.integer({min: 1, max: 1000}),
      stepCount: fc.integer({min: 0, max: 4}),
      times: fc.integer({min: 1, max: 4}),
      slack: fc.nat(500),
      after: fc.nat(2000),
      edge: fc.constantFrom('starts' as const, 'confirmed' as const, 'ends' as const),
      other: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(spec, {minLength: 1, maxLength: 6}), specs => {
        const faults = specs.map(({forMs, stepCount, times, slack, after, edge, other}, i): FaultSpec => {
          const own = stepCount < 2 ? {} : {steps: steps(stepCount)};
          const everyMs = forMs * Math.max(1, stepCount) + slack;
          const repeat = times < 2 ? {} : {repeat: {everyMs, times, targets: 'same' as const}};
          // Only earlier faults, so that there is no cycle.
          const start: FaultSpec['after'] =
            i === 0 ? {from: 'baseline', ms: after} : {from: 'fault', fault: `f${other % i}`, edge, ms: after};
          return fault(`f${i}`, {forMs, after: start, ...own, ...repeat});
        });
        const {rows: planned, faultsMs, overlaps} = describeTimeline({faults, windows: WINDOWS});
        const ids = planned.map(row => row.occurrence.id);
        expect(new Set(ids).size).to.equal(ids.length);
        expect(ids.length).to.equal(faults.reduce((sum, one) => sum + occurrenceCount(one), 0));
        expect(Math.max(...planned.map(row => row.endMs))).to.equal(faultsMs);
        const at = new Map(planned.map(row => [row.occurrence.id, row]));
        for (const {occurrence, startMs, endMs} of planned) {
          expect(endMs - startMs).to.equal(occurrence.forMs);
          const {start} = occurrence;
          const before = start.from === 'occurrence' ? at.get(start.occurrence) : undefined;
          const edge = start.from === 'occurrence' && start.edge === 'ends' ? before?.endMs : before?.startMs;
          expect(startMs).to.equal((edge ?? 0) + start.ms);
        }
        // One fault never overlaps itself, and an overlap is one.
        for (const [a, b] of overlaps) {
          const [first, second] = [at.get(a)!, at.get(b)!];
          expect(first.occurrence.fault.name).to.not.equal(second.occurrence.fault.name);
          expect(Math.max(first.startMs, second.startMs)).to.be.below(Math.min(first.endMs, second.endMs));
        }
      }),
    );
  });
});
