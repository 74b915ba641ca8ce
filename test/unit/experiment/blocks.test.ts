import {expect} from 'chai';
import fc from 'fast-check';
import {blockOccurrences, blockOrder, trailingMs} from '../../../src/experiment/blocks.js';
import type {Experiment, SwitchbackSpec} from '../../../src/experiment/experiment.js';
import {stretched} from '../../../src/experiment/stretch.js';
import {describeTimeline, occurrencesOf} from '../../../src/experiment/timeline.js';
import {faultSpec, simExperiment} from '../../simulation/sim-run.js';

const fault = faultSpec('freeze', 'pause');
const ordered = (order: readonly boolean[]): SwitchbackSpec => ({
  blocks: order.length,
  blockMs: 10_000,
  washoutMs: 2_000,
  order,
});
const [on, off] = [true, false];
/** Which blocks are on, read back from the estimated times. */
const playedBlocks = (switchback: SwitchbackSpec) =>
  describeTimeline({...simExperiment([fault]), switchback}).rows.map(({startMs}) => startMs / switchback.blockMs);

describe('blocks of a switchback', () => {
  it('are an occurrence each where the fault is on, and time in which nothing is injected where it is off', () => {
    const played = blockOccurrences(fault, ordered([off, on, on, off, off, on, off]));
    expect(played.map(({id, block, label, forMs, start}) => [id, block, label, forMs, start])).to.deep.equal([
      ['freeze#1', 1, 'freeze (block 2 of 7)', 10_000, {from: 'baseline', ms: 10_000}],
      [
        'freeze#2',
        2,
        'freeze (block 3 of 7)',
        10_000,
        {from: 'occurrence', occurrence: 'freeze#1', edge: 'ends', ms: 0},
      ],
      [
        'freeze#3',
        5,
        'freeze (block 6 of 7)',
        10_000,
        {from: 'occurrence', occurrence: 'freeze#2', edge: 'ends', ms: 20_000},
      ],
    ]);
  });

  it('may begin with the fault, and end with time behind it', () => {
    const switchback = ordered([on, off, on, off, off]);
    expect(blockOccurrences(fault, switchback)[0]?.start).to.deep.equal({from: 'baseline', ms: 0});
    expect(trailingMs(switchback)).to.equal(20_000);
    expect(trailingMs(ordered([off, on]))).to.equal(0);
    expect(trailingMs(undefined)).to.equal(0);
  });

  it('take the same time in every order, also before the order is drawn', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([on, on, on, on, on, off, off, off, off, off], {minLength: 10}), order => {
        const drawn = ordered(order);
        const {order: _, ...undrawn} = drawn;
        for (const switchback of [drawn, undrawn]) {
          const {faultsMs, totalMs, overlaps} = describeTimeline({...simExperiment([fault]), switchback});
          expect([faultsMs, totalMs, overlaps.length]).to.deep.equal([100_000, 108_000, 0]);
          expect(occurrencesOf({faults: [fault], switchback})).to.have.length(5);
        }
        expect(playedBlocks(drawn)).to.deep.equal(order.flatMap((isOn, block) => (isOn ? [block] : [])));
      }),
    );
  });

  it('alternate until the order is drawn, with one more off when their number is odd', () => {
    expect(blockOrder({blocks: 5, blockMs: 1, washoutMs: 0})).to.deep.equal([off, on, off, on, off]);
  });
});

describe('a schedule that is stretched', () => {
  const repeated = faultSpec('again', 'pause', {
    forMs: 1_000,
    after: {from: 'fault', fault: 'freeze', edge: 'ends', ms: 500},
    repeat: {everyMs: 3_000, times: 2, targets: 'same'},
  });
  const experiment: Experiment = simExperiment([fault, repeated]);

  it('makes injections, waits and repeats longer alike, and leaves the windows alone', () => {
    const {faults, windows} = stretched(experiment, 2.5);
    expect(faults.map(({forMs}) => forMs)).to.deep.equal([25_000, 2_500]);
    expect(faults[1]?.after).to.deep.include({ms: 1_250});
    expect(faults[1]?.repeat?.everyMs).to.equal(7_500);
    expect(windows).to.deep.equal(experiment.windows);
  });

  it('makes the blocks of a switchback longer, not what is left out of them', () => {
    const {switchback} = stretched({...experiment, switchback: ordered([on, off])}, 3);
    expect(switchback).to.deep.equal({...ordered([on, off]), blockMs: 30_000});
  });

  it('never makes anything overlap that did not, and is at least as long as asked for', () => {
    fc.assert(
      fc.property(
        fc.record({
          first: fc.integer({min: 1, max: 600}),
          wait: fc.integer({min: 0, max: 60}),
          factor: fc.double({min: 1, max: 50, noNaN: true}),
        }),
        ({first, wait, factor}) => {
          const forMs = first * 100;
          const apart = [
            faultSpec('one', 'pause', {forMs, repeat: {everyMs: forMs + wait * 100, times: 3, targets: 'same'}}),
            faultSpec('two', 'pause', {after: {from: 'baseline', ms: 3 * (forMs + wait * 100)}}),
          ];
          const longer = stretched(simExperiment(apart), factor);
          expect(describeTimeline(longer).overlaps).to.deep.equal([]);
          expect(longer.faults[0]?.forMs).to.be.at.least(forMs * factor - 1e-6);
        },
      ),
    );
  });

  it('stays as it is when nothing has to be longer', () => {
    expect(stretched(experiment, 1)).to.equal(experiment);
  });
});
