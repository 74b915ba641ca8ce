import {expect} from 'chai';
import type {Evidence} from '../../../../src/record/evidence.js';
import {RULES} from '../../../../src/verdict/findings/registry.generated.js';
import {judge} from '../../../../src/verdict/judge.js';
import type {Finding, Result} from '../../../../src/verdict/result.js';
import * as records from '../../../support/records.js';
import {loadMetric, sampledMetric, second, seconds, series} from '../../../support/signals.js';

const {experiment, occurrence, settled, traffic, untilBaseline, untilEnd, untilInForce, untilUndone} = records;

const codes = (evidence: Evidence): readonly string[] => judge(evidence).findings.map(finding => finding.code);

function find(evidence: Evidence, code: string): Finding {
  const finding = judge(evidence).findings.find(candidate => candidate.code === code);
  expect(finding, `no ${code} among ${codes(evidence).join()}`).to.not.equal(undefined);
  return finding!;
}

const heldWith = (
  file = experiment(),
  since: readonly [number, number] = [30.4, 31],
  samples = [series([])],
): Evidence => untilEnd(untilUndone(untilInForce(untilBaseline(file))), since).evidence(samples, traffic());

describe('finding rules', () => {
  it('tell a broken hypothesis with severity, impact, time, detection, recovery, evidence, factors and actions', () => {
    const finding = find(records.deviated(), 'hypothesis-broken');
    expect(finding.severity).to.equal('SEV2');
    expect(finding.formula).to.include('40%');
    expect(finding.impact).to.include('440 of 1150 requests failed in the 23s from the injection on;');
    expect(finding.when).to.deep.equal({from: '2026-03-01T09:00:10.050Z', to: '2026-03-01T09:00:32.000Z'});
    expect(finding.detection).to.equal('Outside its tolerance at once.');
    expect(finding.recovery).to.match(/^Inside its tolerance .* after the undo\.$/);
    expect(finding.evidence.map(({label}) => label)).to.include.members(['before', 'during', 'allowed']);
    expect(finding.factors.join()).to.include('440 requests waited for 2.01s in the median (usual: 20.1ms)');
    expect(finding.actions.map(({type}) => type)).to.include.members(['mitigate', 'detect', 'process']);
    expect(finding.metric).to.equal('checkout errors');
  });

  it('tell a failure that is passed on at once from one that was waited for', () => {
    const at = (latencyMs: number) =>
      Array.from({length: 22}, (_, i) => second(10 + i, {ok: 30, failed: 20, latencyMs}));
    const loads = [...seconds(0, 10, {ok: 50}), ...at(25), ...seconds(32, 39, {ok: 50})];
    const finding = find({...records.deviated(), loads}, 'hypothesis-broken');
    expect(finding.factors.join()).to.include('may be passed on where a fallback');
  });

  it('tell errors of a database from a store in which nobody has the role that is asked for', () => {
    const failing = (outcome: string) => {
      const loads = [
        ...seconds(0, 10, {ok: 50}),
        ...seconds(10, 32, {ok: 30, failed: 20}).map(({outcomes: {ok, ...failed}, ...one}) => ({
          ...one,
          outcomes: {...(ok === undefined ? {} : {ok}), [outcome]: Object.values(failed).flat()},
        })),
        ...seconds(32, 39, {ok: 50}),
      ];
      return find({...records.deviated(), loads}, 'hypothesis-broken').factors.join();
    };
    expect(failing('database-25006')).to.include('440 requests were answered with an error of the database');
    expect(failing('role')).to.include('440 requests found no server of the role that takes them');
  });

  it('raise the severity when the system did not come back in time', () => {
    const late = experiment({expect: {recovery: {withinMs: 200}, checks: [], verdict: 'held'}});
    const finding = find(records.deviated(late), 'hypothesis-broken');
    expect(finding.severity).to.equal('SEV1');
    expect(finding.formula).to.include('one step up from SEV2');
  });

  it('rate a latency by how many times its tolerance it reached', () => {
    const finding = judge(records.rich()).findings.find(({metric}) => metric === 'checkout latency p95')!;
    expect(finding).to.include({code: 'hypothesis-broken', severity: 'SEV3'});
    expect(finding.formula).to.match(/^SEV3: 5\.\d+x of the tolerance/);
  });

  it('name time-outs as a candidate factor where requests timed out', () => {
    const loads = traffic({from: 10, to: 32, failed: 20}).map(
      ({outcomes: {'status-503': failed, ...others}, ...second}) => ({
        ...second,
        outcomes: {...others, ...(failed === undefined ? {} : {timeout: failed})},
      }),
    );
    const evidence = {...records.deviated(), loads};
    const finding = find(evidence, 'hypothesis-broken');
    expect(finding.factors.join()).to.include('no time-out of its own');
    expect(finding.actions[0]).to.include({type: 'mitigate', priority: 'P1'});
  });

  it('tell a slow recovery and one that did not come', () => {
    const late = experiment({expect: {recovery: {withinMs: 2000}, checks: [], verdict: 'held'}});
    expect(find(heldWith(late, [34, 35]), 'slow-recovery').formula).to.include('1.8 times');
    const never = untilEnd(undefined, null, 'no').evidence([], traffic({from: 10, to: 39, failed: 20}));
    expect(find(never, 'no-recovery').what).to.include('checkout errors (allowed: below 1%)');
  });

  it('tell a degradation that outlives its fault', () => {
    const evidence = heldWith(experiment(), [48, 49]);
    expect(find(evidence, 'degradation-outlives-fault')).to.include({severity: 'SEV4'});
    expect(codes(heldWith(experiment(), [31, 32]))).to.not.include('degradation-outlives-fault');
  });

  it('tell a fault that was lost, that nothing went through, and that moved nothing', () => {
    expect(find(records.lostFault(), 'fault-lost').what).to.include('7.8s after T0');
    const unused = untilUndone(undefined, settled(), records.proof(30.1, {exercised: 0}));
    expect(find(untilEnd(unused, [30.4, 31]).evidence([], traffic()), 'fault-without-effect').severity).to.equal(
      'SEV4',
    );
    expect(find(records.held(), 'fault-without-effect').severity).to.equal('SEV5');
  });

  it('count restarts that the fault does not account for', () => {
    const {tolerance: _, ...restarts} = sampledMetric({
      name: 'restarts',
      source: 'docker',
      parameters: {measure: 'restarts'},
    });
    const file = experiment({steadyState: [loadMetric(), restarts]});
    const counted = (last: number) =>
      series([0, 0, last], {metric: 'restarts', subject: 'shop-inventory-1', from: 5, every: 10});
    expect(find(heldWith(file, undefined, [counted(1)]), 'restarts')).to.include({severity: 'SEV3'});
    expect(find(heldWith(file, undefined, [counted(4)]), 'restarts')).to.include({severity: 'SEV2'});
    expect(codes(heldWith(file, undefined, [counted(0)]))).to.not.include('restarts');
    const kill = untilBaseline(file, [occurrence({kind: 'kill'})]);
    const own = untilEnd(untilUndone(untilInForce(kill)), [30.4, 31]).evidence([counted(1)], traffic());
    expect(codes(own)).to.not.include('restarts');
  });

  it('count out-of-memory kills', () => {
    const {tolerance: _, ...kills} = sampledMetric({
      name: 'kills',
      source: 'docker',
      parameters: {measure: 'oom-kills'},
    });
    const file = experiment({steadyState: [loadMetric(), kills]});
    const evidence = heldWith(file, undefined, [series([0, 0, 1], {metric: 'kills', from: 5, every: 10})]);
    expect(find(evidence, 'oom-kills').title).to.equal('1 out-of-memory kill of what `kills` counts');
  });

  it('tell where we got lucky', () => {
    const lucky = judge(records.rich());
    expect(lucky.lessons.lucky[0]).to.include('80% of what stops the run');
    const close = experiment({expect: {recovery: {withinMs: 5000}, checks: [], verdict: 'held'}});
    expect(find(heldWith(close, [34.8, 35]), 'near-miss').title).to.include('only just in time');
    const file = experiment({steadyState: [loadMetric(), sampledMetric()]});
    const values = (under: number) => Array.from({length: 39}, (_, i) => (i > 10 && i < 30 ? under : 3));
    expect(find(heldWith(file, undefined, [series(values(95))]), 'near-miss').title).to.include(
      'almost all of its tolerance',
    );
    const single = values(3).map((value, i) => (i === 20 ? 400 : value));
    expect(find(heldWith(file, undefined, [series(single)]), 'near-miss').title).to.include('single sample');
  });

  it('tell no near miss where the fault did not take a metric to its bounds', () => {
    const titles = (tolerance: object, values: readonly number[]) => {
      const file = experiment({
        steadyState: [loadMetric(), sampledMetric({tolerance: {...tolerance, settlesWithinMs: 0}})],
      });
      return judge(heldWith(file, undefined, [series(values)]))
        .findings.map(({title}) => title)
        .join();
    };
    const from = (before: number, under: number) => Array.from({length: 39}, (_, i) => (i > 10 ? under : before));
    expect(titles({atLeast: 1}, from(1, 1)), 'up all the time').to.not.include('almost all');
    expect(titles({atLeast: 1, during: ['fault']}, from(0, 1)), 'promoted').to.not.include('almost all');
    expect(titles({atLeast: 1, atMost: 1, during: ['fault']}, from(0, 1)), 'exactly').to.not.include('almost all');
    expect(titles({atLeast: 1}, from(5, 1)), 'fewer').to.include('almost all');
    expect(titles({below: 100, atMost: 10}, from(1, 10)), 'the tighter of two').to.include('almost all');
  });

  it('tell a superseded undo, left-overs and a takeover', () => {
    expect(find(records.superseded(), 'superseded').what).to.include('left in place');
    const left = find(records.leftOver(), 'left-over');
    expect(left.evidence[0]?.value).to.include('docker unpause shop-inventory-1');
    expect(left.when.to).to.equal(null);
    expect(find(records.killed(), 'run-taken-over').title).to.include('the guardian');
    expect(find(records.guardTripped(), 'guard-tripped').what).to.include('6.8s after T0');
  });

  it('tell a guard that saw nothing as that, and no limit that was reached', () => {
    const tripped = records.guardTripped();
    const events = tripped.events.map(event =>
      event.type === 'decided' && event.what === 'guard' ? {...event, answer: 'unknown' as const} : event,
    );
    const result = judge({...tripped, events});
    const codes = result.findings.map(({code}) => code);
    expect(codes).to.include('guard-blind').and.not.include('guard-tripped');
    expect(result.guards[0]).to.include({tripped: false, blind: true});
    const told = result.findings.find(({code}) => code === 'guard-blind');
    expect(told?.actions.map(({what}) => what).join())
      .to.include('`timeout`')
      .and.not.include('smaller fault');
  });

  it('have a code each, and no two the same', () => {
    const names = RULES.map(rule => rule.code);
    expect(new Set(names).size).to.equal(names.length);
  });
});

/** Blameless, without counterfactuals, and no outage where there was none. */
const FORBIDDEN =
  /human error|careless|should have|could have|failed to|if only|would have|outage|root cause|fault of\b.*\bperson/i;
const VERBS =
  /^(Add|Set|Find|Decide|Check|Limit|Bound|Write|Look|Shorten|Repair|Put|Compare|Send|Run|Announce|Correct)\b/;

function textsOf(result: Result): readonly string[] {
  return [
    result.headline,
    result.detection,
    ...result.reasons,
    ...result.impact,
    ...result.timeline.map(row => row.what),
    ...result.metrics.map(metric => metric.explanation),
    ...Object.values(result.lessons).flat(),
    ...result.actionItems.map(item => item.what),
    ...result.findings.flatMap(({title, what, impact, detection, recovery, formula, factors}) => [
      title,
      what,
      impact,
      detection,
      recovery,
      formula,
      ...factors,
    ]),
  ];
}

describe('the language of findings', () => {
  const stories = {
    held: records.held(),
    deviated: records.deviated(),
    lost: records.lostFault(),
    killed: records.killed(),
    left: records.killedAndLeft(),
    guard: records.guardTripped(),
    notSteady: records.notSteady(),
    superseded: records.superseded(),
    leftOver: records.leftOver(),
    healed: records.platformHeal(true),
    notHealed: records.platformHeal(false),
    steps: records.steps(),
    rich: records.rich(),
  };

  for (const [name, evidence] of Object.entries(stories)) {
    it(`is blameless, finished and free of undefined: ${name}`, () => {
      for (const text of textsOf(judge(evidence))) {
        expect(text).to.not.match(FORBIDDEN);
        expect(text).to.not.match(/undefined|NaN|\bnull\b|\[object|\.\.|\s{2}|\s[.,;]/);
      }
    });

    it(`begins every proposed action with a verb and leaves its owner open: ${name}`, () => {
      for (const item of judge(evidence).actionItems) {
        expect(item.what).to.match(VERBS);
        expect(item.owner).to.equal(null);
      }
    });
  }
});
