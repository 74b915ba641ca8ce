import {expect} from 'chai';
import type {Reading, Sample} from '../../../src/signals/contract.js';
import {secondsAsSamples, type Operand, type OperandSeries} from '../../../src/signals/derived/operand.js';
import {openDerived} from '../../../src/signals/derived/probe.js';
import type {Form} from '../../../src/signals/derived/spec.js';
import {noValue, type NoValue} from '../../../src/signals/missing.js';
import {loadMetric, sampledMetric, second} from '../../support/signals.js';

const US = 1_000_000;

type Written = number | NoValue;
const sample = (at: number, value: Written): Sample =>
  typeof value === 'number' ? {t: at * US, d: 0, value} : {t: at * US, d: 0, ...value};

/** A value for each second from `from` on. */
const seconds = (values: readonly Written[], from = 0) => values.map((value, i) => sample(from + i, value));

/** `series` may be changed between two reads. */
function operand(name: string, series: readonly OperandSeries[], everyMs = 1000): Operand {
  return {metric: sampledMetric({name, everyMs}), since: () => series, patienceMs: () => 4500};
}

async function made(form: Form, operands: readonly Operand[], everyMs = 1000): Promise<readonly Reading[]> {
  return openDerived({form, everyMs, operands}).read(new AbortController().signal);
}

const shown = (readings: readonly Reading[]) =>
  readings.map(({at = 0, value, subject, ...rest}) => [at / US, value ?? ('why' in rest ? rest.why : ''), subject]);

describe('a metric that is made of others', () => {
  const a = seconds([10, 20, 30]);
  const b = seconds([4, 0, 6]);

  it('is a sum, a difference, a ratio or a share, moment by moment', async () => {
    const of = async (form: Form) =>
      shown(await made(form, [operand('a', [{samples: a}]), operand('b', [{samples: b}])])).map(([, value]) => value);
    expect(await of('sum')).to.deep.equal([20, 36]);
    expect(await of('difference')).to.deep.equal([20, 24]);
    expect(await of('ratio')).to.deep.equal(['`b` is 0', 5]);
    expect(await of('share')).to.deep.equal(['`b` is 0', 5]);
    const [first] = await made('ratio', [operand('a', [{samples: a}]), operand('b', [{samples: b}])]);
    expect(first).to.deep.include({at: 0, lasts: US, missing: {because: 'ours', reason: 'zero'}});
  });

  it('tells a moment only when each of them has told it, and tells it once', async () => {
    const [fast, late] = [[...a], [...b.slice(0, 2)]];
    const probe = openDerived({
      form: 'sum',
      everyMs: 1000,
      operands: [operand('a', [{samples: fast}]), operand('b', [{samples: late}])],
    });
    const read = async () => shown(await probe.read(new AbortController().signal)).map(([at, value]) => [at, value]);
    expect(await read()).to.deep.equal([[0, 20]]);
    expect(await read()).to.deep.equal([]);
    late.push(sample(2, 6));
    fast.push(sample(3, 40));
    expect(await read()).to.deep.equal([[1, 36]]);
    late.push(sample(3, 7));
    expect(await read()).to.deep.equal([[2, 47]]);
  });

  it('waits for a read that takes long, so that its failure is told where it was', async () => {
    const busy = noValue('busy', 'previous read still running');
    const samples = [...seconds([1, 2]), ...seconds([busy], 3)];
    const probe = openDerived({
      form: 'sum',
      everyMs: 1000,
      operands: [operand('a', [{samples}]), operand('a', [{samples}])],
    });
    const read = async () => shown(await probe.read(new AbortController().signal)).map(([, value]) => value);
    expect(await read()).to.deep.equal([4]);
    samples.splice(2, 0, sample(2, noValue('timeout', 'timed out')));
    expect(await read()).to.deep.equal(['`a`: timed out', '`a`: previous read still running']);
  });

  it('does not wait for what is too old to come', async () => {
    const samples = [...seconds([1, 2]), ...seconds([3, 3, 3, 3], 6)];
    const readings = await made('sum', [operand('a', [{samples}]), operand('a', [{samples}])]);
    expect(shown(readings).map(([, value]) => value)).to.deep.equal([
      4,
      4,
      4,
      '`a`: its last value is too old',
      '`a`: its last value is too old',
      6,
      6,
      6,
      6,
    ]);
    expect(readings[3]).to.deep.include({missing: {because: 'ours', reason: 'silent'}});
  });

  it('has no value for the reason of one that has none, a failure of the target first', async () => {
    const fails = (why: NoValue) => [{samples: seconds([why, why])}];
    const engine = fails(noValue('between', 'no engine'));
    const refused = fails(noValue('refused', 'connection refused'));
    const [only] = await made('sum', [operand('a', engine), operand('b', refused)]);
    expect(only).to.deep.include({
      value: null,
      why: '`b`: connection refused',
      missing: {because: 'target', reason: 'refused'},
    });
  });

  it('has a series for each subject, also of one that has a single series', async () => {
    const perPod = [
      {subject: 'x', samples: seconds([1, 2])},
      {subject: 'y', samples: seconds([3, 4])},
    ];
    const single = operand('total', [{samples: seconds([10, 10])}]);
    expect(shown(await made('share', [operand('pods', perPod), single]))).to.deep.equal([
      [0, 0.2, 'x'],
      [0, 0.4, 'y'],
    ]);
    const other = operand('others', [{subject: 'x', samples: seconds([1, 1])}]);
    expect(shown(await made('sum', [operand('pods', perPod), other]))).to.deep.equal([
      [0, 3, 'x'],
      [0, '`others`: it has nothing of y', 'y'],
    ]);
  });

  it('says nothing before each of them has said something', async () => {
    expect(await made('sum', [operand('a', [{samples: a}]), operand('b', [])])).to.deep.equal([]);
  });
});

describe('the seconds of a load', () => {
  it('are samples of each of its metrics, and fail as the target did', () => {
    const errors = loadMetric();
    const latency = loadMetric({parameters: {of: 'checkout', measure: 'latency.p95'}, unit: 'ms'});
    expect(secondsAsSamples(errors, [second(3, {ok: 3, failed: 1})])).to.deep.equal([
      {t: 3 * US, d: 0, lasts: US, value: 0.25},
    ]);
    const refused = {...second(4, {ok: 1}), outcomes: {refused: [[0, 1]] as const}};
    const [failed] = secondsAsSamples(latency, [refused]);
    expect(failed).to.deep.include({value: null, missing: {because: 'target', reason: 'refused'}});
    const [unsent, idle] = secondsAsSamples(errors, [second(5, {unsent: 2}), second(6, {})]);
    expect(unsent).to.deep.include({missing: {because: 'ours', reason: 'unsent'}});
    expect(idle).to.deep.include({missing: {because: 'ours', reason: 'traffic'}});
  });
});
