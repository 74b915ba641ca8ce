import {expect} from 'chai';
import {decide, openGates} from '../../../../src/run/phases/gate.js';
import type {MetricGate} from '../../../../src/verdict/judgement/gate.js';

const gate = (over: Partial<MetricGate>): MetricGate => ({
  metric: 'latency',
  state: 'steady',
  of: 'relative',
  detectable: 3,
  allowed: 0.5,
  critical: 2.5,
  bins: 29,
  binMs: 1000,
  allowedNeedsMs: null,
  criticalNeedsMs: 20_000,
  noiseNeedsMs: 30_000,
  change: 0,
  drift: null,
  driftWarns: false,
  ...over,
});

describe('What the gate says when several metrics cannot answer', () => {
  const short = gate({metric: 'a', state: 'underpowered', criticalNeedsMs: 40_000});
  const long = gate({metric: 'b', state: 'too-short', noiseNeedsMs: 300_000});
  const never = gate({metric: 'c', state: 'underpowered', criticalNeedsMs: null});

  it('names the one that needs most: what would do for it does for all', () => {
    expect(openGates({answers: [], gates: [gate({}), short, long]}).map(({metric}) => metric)).to.deep.equal([
      'b',
      'a',
    ]);
    expect(decide({answers: [], gates: [short, long]}, undefined).stop?.detail).to.include('a baseline of 5m would do');
    expect(decide({answers: [], gates: [short, never, long]}, undefined).stop?.detail).to.match(/^this run .* in c/);
    expect(decide({answers: [], gates: [gate({})]}, undefined).stop).to.equal(undefined);
  });

  it('says how `--resize` would help, with the limit that it needs, and not where it would not', () => {
    const detailOf = (one: MetricGate, resizeMs?: number) => decide({answers: [], gates: [one]}, resizeMs).stop?.detail;
    expect(detailOf(short)).to.match(/ \(`--resize` makes it that long\)$/);
    expect(detailOf(gate({...short, criticalNeedsMs: 1_162_000}))).to.match(/ \(`--resize=20m` makes it that long\)$/);
    expect(detailOf(long, 60_000)).to.match(/ \(`--resize` allows up to 1m\)$/);
    expect(detailOf(never)).to.match(/of a week would not do$/);
  });
});
