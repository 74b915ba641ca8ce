import type {Experiment, MetricSpec} from '../../src/experiment/experiment.js';
import type {Debt, Proof, Settled, TargetRef} from '../../src/targets/contract.js';
import type {Event, EventBody, PlannedOccurrence, StopReason} from '../../src/record/events.js';
import type {Evidence, Series} from '../../src/record/evidence.js';
import type {LoadSecond} from '../../src/signals/contract.js';
import {loadMetric, sampledMetric, second, seconds, series} from './signals.js';

/**
 * Records of typical runs, as the judge gets them: seconds since the start of the run, a baseline of 10 s, a fault of
 * 20 s.
 */

const US = 1_000_000;
const START = Date.parse('2026-03-01T09:00:00.000Z');
export const RUN = '20260301T090000-abcdef';

export const instant = (at: number) => ({
  mono: Math.round(at * US),
  wall: new Date(START + at * 1000).toISOString(),
  boot: 'boot-1',
});

export const target = (name = 'shop-inventory-1'): TargetRef => ({
  driver: 'docker',
  kind: 'container',
  name,
  endpoint: 'engine-1',
  object: `id-of-${name}`,
  incarnation: 'first',
});

export const occurrence = (overrides: Partial<PlannedOccurrence> = {}): PlannedOccurrence => ({
  id: 'freeze-1',
  fault: 'freeze',
  kind: 'pause',
  nature: 'state',
  heal: 'undo',
  label: '',
  forMs: 20_000,
  targets: [target()],
  changes: ['pause container shop-inventory-1 (cgroup freezer)'],
  ...overrides,
});

export const experiment = (overrides: Partial<Experiment> = {}): Experiment => ({
  version: 1,
  title: 'Checkout survives a frozen inventory',
  hypothesis: 'With the inventory frozen, checkout fails fewer than 1 % of its requests.',
  owner: 'payments',
  tags: ['dependency'],
  sources: {},
  targets: {inventory: {name: 'inventory', driver: 'docker', selector: {name: 'shop-inventory-1'}}},
  load: {
    checkout: {
      name: 'checkout',
      http: {method: 'GET', url: 'http://127.0.0.1:8080/checkout', headers: {}, success: [[200, 399]]},
      rate: 50,
      timeoutMs: 2000,
      maxInFlight: 500,
    },
  },
  steadyState: [loadMetric()],
  windows: {warmupMs: 2000, baselineMs: 8000, recoveryMs: 60_000},
  faults: [
    {
      name: 'freeze',
      fault: 'pause',
      parameters: {},
      targets: ['inventory'],
      forMs: 20_000,
      after: {from: 'baseline', ms: 0},
      heal: 'default',
      keep: false,
    },
  ],
  guards: [],
  expect: {recovery: {withinMs: 30_000}, checks: [], verdict: 'held'},
  safety: {maxTargets: 3, maxShare: 0.5, irreversible: 'refuse'},
  ...overrides,
});

export const proof = (at: number, overrides: Partial<Proof> = {}): Proof => ({
  ref: target(),
  state: 'in-force',
  exercised: null,
  readings: {status: 'paused'},
  at: instant(at),
  ...overrides,
});

export const debt = (overrides: Partial<Debt> = {}): Debt => ({
  id: `${RUN}/freeze-1/0`,
  run: RUN,
  occurrence: 'freeze-1',
  epoch: 1,
  driver: 'docker@1',
  address: {},
  undo: {
    op: 'container.unpause',
    v: 1,
    ref: target(),
    args: {},
    lifetime: 'incarnation',
    proof: {op: 'container.paused', v: 1, ref: target(), args: {}},
    manual: 'docker unpause shop-inventory-1',
  },
  lease: {ms: 60_000, hardStop: instant(90)},
  ...overrides,
});

export const done: StopReason = {kind: 'done', detail: 'the run came to its end'};

/** Writes events one after the other, each numbered. */
export class RecordScript {
  readonly events: Event[] = [];

  at(seconds: number, body: EventBody, by: Event['by'] = 'runner'): this {
    const epoch = by === 'runner' ? 1 : 2;
    this.events.push({v: 1, seq: this.events.length, epoch, by, at: instant(seconds), audience: 'all', ...body});
    return this;
  }

  evidence(series: readonly Series[], loads: readonly LoadSecond[], gaps: readonly string[] = []): Evidence {
    const complete = this.events.some(event => event.type === 'run.ended');
    return {run: RUN, folder: `.firedrill/runs/${RUN}`, events: this.events, series, loads, gaps, complete};
  }
}

/** From the start to the end of the baseline (10 s). */
export function untilBaseline(
  file: Experiment = experiment(),
  occurrences: readonly PlannedOccurrence[] = [occurrence()],
): RecordScript {
  return new RecordScript()
    .at(0, {
      type: 'run.started',
      run: RUN,
      experiment: file,
      occurrences,
      seed: 42,
      tool: 'firedrill 0.1.0',
      command: 'firedrill run freeze.yaml --yes',
      file: {path: 'freeze.yaml', sha256: 'a'.repeat(64)},
      host: 'laptop',
    })
    .at(0, {type: 'phase.entered', phase: 'prepare', lastsMs: null})
    .at(0.1, {type: 'targets.resolved', hit: [target()], facets: {}})
    .at(0.2, {type: 'series.opened', id: 1, metric: 'queue depth', unit: 'count'})
    .at(0.5, {type: 'phase.entered', phase: 'warmup', lastsMs: 2000})
    .at(2, {type: 'phase.entered', phase: 'baseline', lastsMs: 8000})
    .at(10, {type: 'decided', what: 'steady', answer: 'yes', basis: []});
}

/** Injected at 10 s, in force at 10.2 s. */
export function untilInForce(script = untilBaseline(), plan = occurrence(), from = 10, owed = debt()): RecordScript {
  return script
    .at(from, {type: 'phase.entered', phase: 'fault', lastsMs: plan.forMs})
    .at(from, {type: 'debts.owed', occurrence: plan.id, debts: [owed]})
    .at(from + 0.05, {type: 'change.requested', occurrence: plan.id})
    .at(from + 0.2, {type: 'change.confirmed', occurrence: plan.id, proofs: [proof(from + 0.15)]});
}

export const settled = (outcome: 'undone' | 'already' | 'gone' | 'superseded' = 'undone', id = debt().id): Settled => ({
  debt: id,
  outcome,
});

/** Held until 30.2 s, undone by 30.4 s. */
export function untilUndone(
  script = untilInForce(),
  settlement: Settled = settled(),
  last: Proof = proof(30.1),
): RecordScript {
  return script
    .at(30.1, {type: 'proof.changed', occurrence: 'freeze-1', proofs: [last]})
    .at(30.2, {type: 'hold.ended', occurrence: 'freeze-1', why: 'its time is over'})
    .at(30.2, {type: 'undo.requested', occurrence: 'freeze-1', why: done})
    .at(30.4, {type: 'debts.settled', occurrence: 'freeze-1', settled: [settlement]});
}

/** Recovered between these two moments, leak check, end at 40 s. */
export function untilEnd(
  script = untilUndone(),
  sinceSeconds: readonly [number, number] | null = [31, 33],
  answer: 'yes' | 'no' | 'unknown' = 'yes',
): RecordScript {
  const sinceUs = sinceSeconds === null ? null : sinceSeconds.map(at => at * US);
  return script
    .at(30.5, {type: 'phase.entered', phase: 'recovery', lastsMs: 60_000})
    .at(39, {type: 'decided', what: 'recovered', answer, basis: {sinceUs, lastBack: 'checkout errors'}})
    .at(39.1, {type: 'phase.entered', phase: 'leak-check', lastsMs: null})
    .at(39.5, {type: 'leaks.checked', touched: [], collateral: []})
    .at(40, {type: 'run.ended', why: done});
}

/** A change that has no undo, in force from 10.2 s until its time is over at 30.2 s. */
export function withoutUndo(script = untilBaseline()): RecordScript {
  return script
    .at(10, {type: 'phase.entered', phase: 'fault', lastsMs: 20_000})
    .at(10.05, {type: 'change.requested', occurrence: 'freeze-1'})
    .at(10.2, {type: 'change.confirmed', occurrence: 'freeze-1', proofs: [proof(10.15)]})
    .at(30.1, {type: 'proof.changed', occurrence: 'freeze-1', proofs: [proof(30.1)]})
    .at(30.2, {type: 'hold.ended', occurrence: 'freeze-1', why: 'its time is over'})
    .at(30.2, {type: 'undo.requested', occurrence: 'freeze-1', why: done});
}

/** 50 requests a second: fine, except for `bad` seconds [from, to) with that many failures a second. */
export function traffic(bad?: {from: number; to: number; failed: number; unsent?: number}, to = 39): LoadSecond[] {
  if (bad === undefined) return seconds(0, to, {ok: 50});
  const {failed, unsent = 0} = bad;
  return [
    ...seconds(0, bad.from, {ok: 50}),
    ...Array.from({length: bad.to - bad.from}, (_, i) =>
      second(bad.from + i, {ok: 50 - failed - unsent, failed, unsent, latencyMs: 2000}),
    ),
    ...seconds(bad.to, to, {ok: 50}),
  ];
}

export const held = (): Evidence => untilEnd(undefined, [30.4, 31]).evidence([], traffic());

export const deviated = (file = experiment()): Evidence =>
  untilEnd(untilUndone(untilInForce(untilBaseline(file)))).evidence([], traffic({from: 10, to: 32, failed: 20}));

export const lostFault = (): Evidence => {
  const script = untilInForce().at(18, {
    type: 'proof.changed',
    occurrence: 'freeze-1',
    proofs: [proof(18, {state: 'absent', why: 'the container restarted'})],
  });
  const last = proof(30.1, {state: 'absent'});
  return untilEnd(untilUndone(script, settled('gone'), last), [30.4, 31]).evidence([], traffic());
};

/** The runner dies at 15 s; the guardian settles (or does not) at 16 s. */
export const killed = (settlement: Settled = settled()): Evidence => {
  const script = untilInForce();
  script
    .at(15.5, {type: 'takeover', from: 1, why: 'the runner is gone'}, 'guardian')
    .at(16, {type: 'debts.settled', occurrence: 'freeze-1', settled: [settlement]}, 'guardian')
    .at(
      16.5,
      {type: 'run.ended', why: {kind: 'bug', detail: 'the runner is gone; the guardian took the run over'}},
      'guardian',
    );
  return script.evidence([], traffic({from: 10, to: 15, failed: 20}, 15));
};

export const killedAndLeft = (): Evidence => untilInForce().evidence([], traffic(undefined, 15));

export const guardTripped = (): Evidence => {
  const file = experiment({guards: [{metric: 'checkout errors', above: 0.25, forMs: 5000}]});
  const why: StopReason = {kind: 'guard', detail: 'guard on checkout errors: above 25% for 5s'};
  return untilInForce(untilBaseline(file))
    .at(17, {type: 'decided', what: 'guard', answer: 'yes', basis: {metric: 'checkout errors', detail: why.detail}})
    .at(17, {type: 'undo.requested', occurrence: 'freeze-1', why})
    .at(17.2, {type: 'debts.settled', occurrence: 'freeze-1', settled: [settled()]})
    .at(17.5, {type: 'leaks.checked', touched: [], collateral: []})
    .at(18, {type: 'run.ended', why})
    .evidence([], traffic({from: 10, to: 17, failed: 30}, 18));
};

export const notSteady = (): Evidence => {
  const script = untilBaseline();
  script.events.pop();
  const why: StopReason = {kind: 'not-steady', detail: 'checkout errors in the baseline: 4% over 400 requests'};
  return script
    .at(10, {type: 'decided', what: 'steady', answer: 'no', basis: []})
    .at(10.5, {type: 'run.ended', why})
    .evidence([], seconds(0, 10, {ok: 48, failed: 2}));
};

export const superseded = (): Evidence =>
  untilEnd(untilUndone(undefined, settled('superseded')), [30.4, 31]).evidence([], traffic());

export const leftOver = (): Evidence =>
  untilEnd(
    untilUndone(undefined, {
      debt: debt().id,
      outcome: 'failed',
      why: 'the engine answered 500',
      manual: 'docker unpause shop-inventory-1',
    }),
    [30.4, 31],
  ).evidence([], traffic());

/** A kill that the restart policy heals after two seconds, or that Firedrill has to heal at the end. */
export const platformHeal = (healed: boolean): Evidence => {
  const plan = occurrence({
    kind: 'kill',
    nature: 'event',
    heal: 'platform',
    forMs: 5000,
    changes: ['kill with SIGKILL'],
  });
  return untilInForce(untilBaseline(experiment(), [plan]), plan)
    .at(15.2, {type: 'hold.ended', occurrence: 'freeze-1', why: 'its time is over'})
    .at(15.3, {type: 'phase.entered', phase: 'recovery', lastsMs: 60_000})
    .at(22, {
      type: 'decided',
      what: 'recovered',
      answer: healed ? 'yes' : 'no',
      basis: {sinceUs: healed ? [11 * US, 12 * US] : null, notHealed: healed ? [] : ['freeze-1']},
    })
    .at(22.1, {type: 'undo.requested', occurrence: 'freeze-1', why: done})
    .at(22.3, {type: 'debts.settled', occurrence: 'freeze-1', settled: [settled(healed ? 'already' : 'undone')]})
    .at(22.4, {type: 'phase.entered', phase: 'leak-check', lastsMs: null})
    .at(22.5, {type: 'leaks.checked', touched: [], collateral: []})
    .at(23, {type: 'run.ended', why: done})
    .evidence([], traffic(undefined, 22));
};

/** Three steps of 6 s; the second deviates, the third is not played. */
export const steps = (decided?: 'yes' | 'no', bad = {from: 18, to: 25, failed: 10}): Evidence => {
  const labels = ['delay 50ms', 'delay 200ms', 'delay 500ms'];
  const plans = labels.map((label, step) =>
    occurrence({id: `slow-${step + 1}`, fault: 'slow', kind: 'network-latency', label, step, forMs: 6000}),
  );
  const [fault] = experiment().faults;
  const file = experiment({
    faults: [{...fault!, name: 'slow', steps: {parameters: [{}, {}, {}], labels, stopOnDeviation: true}}],
  });
  const script = untilBaseline(file, plans);
  plans.slice(0, 2).forEach((plan, i) => {
    const from = 10 + i * 8;
    const id = `${RUN}/${plan.id}/0`;
    const ends = i === 1 ? decided : 'no';
    untilInForce(script, plan, from, debt({id, occurrence: plan.id})).at(from + 6.2, {
      type: 'hold.ended',
      occurrence: plan.id,
      why: 'its time is over',
    });
    if (decided !== undefined && ends !== undefined)
      script.at(from + 6.2, {type: 'decided', what: 'step-deviated', answer: ends, basis: {occurrence: plan.id}});
    script
      .at(from + 6.2, {type: 'undo.requested', occurrence: plan.id, why: done})
      .at(from + 6.4, {type: 'debts.settled', occurrence: plan.id, settled: [settled('undone', id)]});
  });
  script.at(26, {
    type: 'noted',
    level: 'info',
    text: 'slow-3 (delay 500ms) is not injected: an earlier step deviated.',
  });
  return untilEnd(script, [25, 26]).evidence([], traffic(bad));
};

/** A run with several metrics of all kinds, for reports to be looked at. */
export const rich = (): Evidence => {
  const latency: MetricSpec = loadMetric({
    name: 'checkout latency p95',
    parameters: {of: 'checkout', measure: 'latency.p95'},
    unit: 'ms',
    tolerance: {below: 400, settlesWithinMs: 0},
  });
  const depth = sampledMetric();
  const {tolerance: _, ...observed} = sampledMetric({name: 'memory of inventory', unit: 'bytes', source: 'docker'});
  const file = experiment({
    steadyState: [loadMetric(), latency, depth, observed],
    guards: [{metric: 'checkout errors', above: 0.5, forMs: 5000}],
    expect: {
      recovery: {withinMs: 30_000},
      verdict: 'held',
      checks: [{name: 'no order lost', source: 'command', parameters: {}, change: {equals: 0}}],
    },
  });
  const script = untilBaseline(file);
  script
    .at(0.3, {type: 'series.opened', id: 2, metric: 'memory of inventory', unit: 'bytes', subject: 'shop-inventory-1'})
    .at(9.9, {type: 'check.read', check: 'no order lost', when: 'before', value: 12});
  untilUndone(untilInForce(script)).at(38.9, {type: 'check.read', check: 'no order lost', when: 'after', value: 12});
  const depths = Array.from({length: 39}, (_, i) => (i < 10 ? 3 + (i % 3) : i < 32 ? 5 + (i - 10) * 4.2 : 8));
  const memory = Array.from({length: 39}, (_, i) => (i === 20 ? null : 64 * 2 ** 20 + Math.sin(i) * 2 ** 20));
  return untilEnd(script).evidence(
    [series(depths), series(memory, {id: 2, metric: 'memory of inventory', subject: 'shop-inventory-1'})],
    traffic({from: 10, to: 32, failed: 20}),
  );
};
