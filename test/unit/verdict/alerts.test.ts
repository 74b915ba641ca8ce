import {expect} from 'chai';
import type {Experiment} from '../../../src/experiment/experiment.js';
import {readAlert, rulesOf, scrapeIntervalIn} from '../../../src/signals/alerts/rules.js';
import {hides, routedIn, routingOf, silencesIn} from '../../../src/signals/alerts/routing.js';
import type {AlertState, ExpectedAlertSpec} from '../../../src/signals/alerts/spec.js';
import {judgeAlertGuard} from '../../../src/verdict/alerts/guard.js';
import {judge} from '../../../src/verdict/judge.js';
import type {AlertResult} from '../../../src/verdict/result.js';
import {experiment, traffic, untilBaseline, untilEnd, untilInForce, untilUndone} from '../../support/records.js';

const SLOW = {alert: 'Slow', from: 'metrics', labels: {}};
const RULE = {forMs: 0, everyMs: 1000};

/** A look that showed something new: when, when the one before it was, and what; null: no answer. */
type Look = readonly [atSeconds: number, sinceSeconds: number | null, state: AlertState | null];

/** In force from 10.2 s (T0) until the undo at 30.4 s; the recovery ends at 39.1 s. */
function judged(looks: readonly Look[], expects: Partial<Experiment['expect']>): AlertResult {
  const base = experiment();
  const file = {...base, sources: {metrics: {prometheus: 'http://p'}}, expect: {...base.expect, ...expects}};
  const script = untilEnd(untilUndone(untilInForce(untilBaseline(file))));
  for (const [at, since, state] of looks) {
    const alerts = state === null ? null : [{alert: 'Slow', labels: {}, state, rule: RULE}];
    const sinceUs = since === null ? null : since * 1e6;
    script.at(at, {type: 'alerts.read', source: 'metrics', sinceUs, alerts});
  }
  return judge(script.evidence([], traffic())).alerts![0]!;
}

const expected = (rest: Partial<ExpectedAlertSpec> = {}) => ({
  alerts: [{...SLOW, when: 'always' as const, withinMs: 10_000, ...rest}],
});
const BEFORE: Look = [1, null, 'inactive'];

describe('alerts that are expected', () => {
  it('are timed from T0 between two looks, and from the undo', () => {
    const looks: readonly Look[] = [BEFORE, [13.2, 12.2, 'firing'], [33.4, 32.4, 'inactive'], [39.6, 39.2, 'inactive']];
    expect(judged(looks, expected({resolvesWithinMs: 5000}))).to.deep.include({
      outcome: 'in-time',
      firedSeconds: {atLeast: 2, atMost: 3},
      pendingSeconds: {atLeast: 2, atMost: 3},
      resolution: 'in-time',
      resolvedSeconds: {atLeast: 2, atMost: 3},
      verdict: 'held',
      why: 'it fired 2s to 3s after the fault came into force (allowed: 10s); it resolved 2s to 3s after the end of the fault (allowed: 5s)',
    });
  });

  it('that fire between request and proof of the injection fire at once', () => {
    const found = judged([BEFORE, [10.15, 10.1, 'firing'], [39.6, 39.2, 'firing']], expected());
    expect(found).to.deep.include({outcome: 'in-time', firedSeconds: {atLeast: 0, atMost: 0}});
  });

  it('are late only where no look allows for less', () => {
    const end: Look = [39.6, 39.2, 'firing'];
    expect(judged([BEFORE, [21, 20.5, 'firing'], end], expected()).outcome).to.equal('late');
    expect(judged([BEFORE, [21, 20, 'firing'], end], expected())).to.include({
      outcome: 'too-coarse',
      verdict: 'inconclusive',
    });
  });

  it('are no miss where nothing was read for longer than anybody could overlook', () => {
    const end: Look = [39.6, 39.2, 'inactive'];
    expect(judged([BEFORE, end], expected()).outcome).to.equal('never-fired');
    const short: readonly Look[] = [BEFORE, [13, 12, null], [15, 12, 'inactive'], end];
    expect(judged(short, expected()).outcome).to.equal('never-fired');
    const long: readonly Look[] = [BEFORE, [13, 12, null], [18, 12, 'inactive'], end];
    expect(judged(long, expected())).to.include({outcome: 'unread', verdict: 'inconclusive'});
    // Not evaluated is not known either.
    const restarted: readonly Look[] = [BEFORE, [13, 12, 'unknown'], [19, 18.5, 'inactive'], end];
    expect(judged(restarted, expected()).outcome).to.equal('unread');
  });

  it('are not known where the last look came before their limit', () => {
    expect(judged([BEFORE, [19, 18, 'inactive']], expected()).outcome).to.equal('unread');
    expect(judged([], expected()).outcome).to.equal('unread');
  });

  it('are over when they are over for the last time', () => {
    const looks: readonly Look[] = [
      BEFORE,
      [13, 12, 'firing'],
      [31, 30.5, 'inactive'],
      [34, 33.5, 'firing'],
      [38.4, 37.4, 'inactive'],
      [39.6, 39.2, 'inactive'],
    ];
    expect(judged(looks, expected({resolvesWithinMs: 5000}))).to.deep.include({
      resolution: 'late',
      resolvedSeconds: {atLeast: 7, atMost: 8},
      verdict: 'deviated',
    });
  });
});

describe('alerts that are forbidden', () => {
  const forbid = {forbid: [SLOW]};
  const end: Look = [39.6, 39.2, 'inactive'];

  it('are quiet only where they were looked at from the injection to the end', () => {
    expect(judged([BEFORE, end], forbid)).to.include({outcome: 'quiet', verdict: 'held'});
    expect(judged([BEFORE, [20, 19, 'inactive']], forbid)).to.include({outcome: 'unread', verdict: 'inconclusive'});
    expect(judged([BEFORE, [13, 12, 'firing'], end], forbid)).to.include({outcome: 'fired', verdict: 'deviated'});
    expect(
      judged(
        [
          [1, null, 'none'],
          [39.6, 39.2, 'none'],
        ],
        forbid,
      ),
    ).to.include({
      outcome: 'no-rule',
      verdict: 'inconclusive',
    });
  });
});

describe('a guard on an alert', () => {
  it('trips when it fires, and when nothing has been known of it for 10 s', () => {
    expect(judgeAlertGuard({firing: true, knownUs: 0}, 0).answer).to.equal('tripped');
    expect(judgeAlertGuard({firing: false, knownUs: 0}, 10e6).answer).to.equal('ok');
    expect(judgeAlertGuard({firing: false, knownUs: 0, why: 'refused'}, 10.1e6)).to.deep.equal({
      answer: 'blind',
      why: 'for 10s nothing is known of it (refused), so it cannot protect anything',
    });
  });
});

describe('what Prometheus says of its rules', () => {
  const instance = (state: string, labels: object) => ({state, labels: {alertname: 'Slow', ...labels}});
  const rule = (more: object) => ({name: 'Slow', type: 'alerting', health: 'ok', duration: 60, labels: {}, ...more});
  const answer = (...rules: object[]) => ({status: 'success', data: {groups: [{interval: 15, rules}]}});
  const read = (body: object, labels: Readonly<Record<string, string>> = {}) =>
    readAlert(rulesOf(body)!, {...SLOW, labels});

  it('is the instance that has come furthest, of those that have the labels', () => {
    const alerts = [instance('pending', {shop: 'a'}), instance('firing', {shop: 'b'})];
    expect(read(answer(rule({alerts})))).to.deep.include({state: 'firing', rule: {forMs: 60_000, everyMs: 15_000}});
    expect(read(answer(rule({alerts})), {shop: 'a'}).state).to.equal('pending');
    expect(read(answer(rule({alerts})), {shop: 'c'}).state).to.equal('inactive');
  });

  it('has no rule where its own labels contradict, unless a template may become anything', () => {
    const own = rule({labels: {severity: 'ticket', team: '{{ $labels.team }}'}});
    expect(read(answer(own), {severity: 'page'}).state).to.equal('none');
    expect(read(answer(own), {team: 'a'}).state).to.equal('inactive');
    expect(read(answer()).state).to.equal('none');
  });

  it('is bounded, printable text where it is an error, and nothing where it is another answer', () => {
    const broken = rule({health: 'err', lastError: `\u001b[31m${'x'.repeat(5000)}`});
    const error = read(answer(broken)).rule?.error ?? '';
    expect(error).to.have.length(300);
    expect(error).to.match(/^␛\[31mx+$/);
    expect(read(answer(rule({health: 'unknown'}))).state).to.equal('unknown');
    expect(rulesOf({status: 'success', data: []})).to.equal(undefined);
  });

  it('tells the shortest time between two scrapes', () => {
    expect(scrapeIntervalIn({data: {activeTargets: [{scrapeInterval: '15s'}, {scrapeInterval: '1m0s'}]}})).to.equal(
      15_000,
    );
    expect(scrapeIntervalIn({})).to.equal(0);
  });
});

describe('what an Alertmanager says of an alert', () => {
  const one = (state: string, more: object = {}, labels: object = {}) => ({
    labels: {alertname: 'Slow', ...labels},
    receivers: [{name: 'payments'}],
    status: {state, silencedBy: [], inhibitedBy: [], ...more},
  });
  const routing = (...all: object[]) => routingOf(routedIn(all)!, SLOW);

  it('is active where one of its instances is, else why it is hidden', () => {
    expect(routing(one('suppressed', {silencedBy: ['a']}), one('active'))).to.deep.equal({
      state: 'active',
      receivers: ['payments'],
    });
    expect(routing(one('suppressed', {silencedBy: ['a']})).hiddenBy).to.equal('silence');
    expect(routing(one('suppressed', {inhibitedBy: ['a']})).hiddenBy).to.equal('inhibition');
    expect(routing(one('suppressed', {mutedBy: ['a']})).hiddenBy).to.equal('mute');
    expect(routing(one('unprocessed'))).to.deep.equal({state: 'absent', receivers: []});
    expect(routing()).to.deep.equal({state: 'absent', receivers: []});
    expect(routedIn({})).to.equal(undefined);
  });

  it('tells of a silence whether it hides the alert, as far as its labels are known', () => {
    const silence = (name: string, value: string, more: object = {}) =>
      silencesIn([
        {
          id: '1',
          status: {state: 'active'},
          matchers: [{name, value, isRegex: false, ...more}],
          endsAt: '2026-03-01T10:00:00Z',
          createdBy: 'ada',
        },
      ])[0]!;
    expect(hides(silence('alertname', 'Slow'), SLOW)).to.equal('yes');
    expect(hides(silence('alertname', 'Slo', {isRegex: true}), SLOW)).to.equal('no');
    expect(hides(silence('alertname', 'Sl.*', {isRegex: true}), SLOW)).to.equal('yes');
    expect(hides(silence('alertname', 'Slow', {isEqual: false}), SLOW)).to.equal('no');
    expect(hides(silence('shop', 'a'), SLOW)).to.equal('maybe');
    expect(hides(silence('alertname', '('.repeat(600), {isRegex: true}), SLOW)).to.equal('maybe');
  });
});
