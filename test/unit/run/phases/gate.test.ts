import {expect} from 'chai';
import {decide, openGates, type GateAnswer} from '../../../../src/run/phases/gate.js';
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

/** What the gate sees where nothing but these metrics decides, or others too. */
const look = (gates: readonly MetricGate[], others: readonly string[] = []): GateAnswer => ({
  answers: [],
  gates,
  already: [],
  deciding: [...gates.map(({metric}) => metric), ...others],
});

const short = gate({metric: 'a', state: 'underpowered', criticalNeedsMs: 40_000});
const long = gate({metric: 'b', state: 'too-short', noiseNeedsMs: 300_000});
const never = gate({metric: 'c', state: 'underpowered', criticalNeedsMs: null});

describe('What the gate says when no metric can answer', () => {
  it('names the one that needs most: what would do for it does for all', () => {
    expect(openGates(look([gate({}), short, long])).map(({metric}) => metric)).to.deep.equal(['b', 'a']);
    expect(decide(look([short, long]), undefined).stop?.detail).to.include('a baseline of 5m would do');
    expect(decide(look([short, never, long]), undefined).stop?.detail).to.match(/^this run .* in c/);
    expect(decide(look([gate({})]), undefined).stop).to.equal(undefined);
  });

  it('says how `--go-on` would help, with the limit that it needs, and not where it would not', () => {
    const detailOf = (one: MetricGate, goOnMs?: number) => decide(look([one]), goOnMs).stop?.detail;
    expect(detailOf(short)).to.match(/ \(`--go-on` makes it that long\)$/);
    expect(detailOf(gate({...short, criticalNeedsMs: 1_162_000}))).to.match(/ \(`--go-on=20m` makes it that long\)$/);
    expect(detailOf(long, 60_000)).to.match(/ \(going on is allowed up to 1m\)$/);
    expect(detailOf(never)).to.match(/longer windows would hardly do: [^(]*$/);
  });
});

describe('What the gate says when some metrics cannot answer', () => {
  const ready = gate({metric: 'ready'});

  it('begins, and names those that the verdict does not wait for, with the figure and what would do', () => {
    const {answer, stop, demoted, warnings} = decide(look([ready, short, long]), undefined);
    expect(stop).to.equal(undefined);
    expect(answer).to.equal('yes');
    expect(demoted.map(({metric}) => metric)).to.deep.equal(['b', 'a']);
    expect(demoted[1]?.why).to.match(/^this run could only see a change of 300% in a, .* 40s would do \(`--go-on`/);
    expect(warnings).to.have.length(2);
    expect(warnings[0]).to.match(/^b will hardly be decided, so the verdict does not wait for it/);
  });

  it('begins where a tolerance decides beside them', () => {
    expect(decide(look([never], ['errors']), undefined))
      .to.include({answer: 'yes'})
      .and.not.have.property('stop');
  });

  it('counts a metric with several subjects once, by the one that needs most', () => {
    const subjects = [gate({...short, subject: 'x'}), gate({...short, subject: 'y', criticalNeedsMs: 90_000})];
    const {demoted} = decide(look([ready, ...subjects]), undefined);
    expect(demoted).to.have.length(1);
    expect(demoted[0]?.why).to.include('a of y');
  });

  it('still stops for what is not steady or not known, whatever the others say', () => {
    for (const state of ['not-steady', 'unmeasured'] as const) {
      const {stop, demoted} = decide(look([ready, short, gate({metric: 'd', state})]), undefined);
      expect(stop?.kind).to.equal('not-steady');
      expect(demoted).to.deep.equal([]);
    }
  });
});
