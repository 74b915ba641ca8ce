import {expect} from 'chai';
import fc from 'fast-check';
import type {Evidence} from '../../../src/record/evidence.js';
import {judge} from '../../../src/verdict/judge.js';
import {resultSchema} from '../../../src/verdict/result-schema.js';
import * as records from '../../support/records.js';

const {debt, experiment, occurrence, proof, settled, traffic, untilBaseline, untilEnd, untilInForce, untilUndone} =
  records;

const stories: Readonly<Record<string, Evidence>> = {
  held: records.held(),
  deviated: records.deviated(),
  lostFault: records.lostFault(),
  killed: records.killed(),
  killedAndLeft: records.killedAndLeft(),
  guardTripped: records.guardTripped(),
  notSteady: records.notSteady(),
  superseded: records.superseded(),
  leftOver: records.leftOver(),
  healed: records.platformHeal(true),
  notHealed: records.platformHeal(false),
  steps: records.steps(),
  rich: records.rich(),
};

describe('the judge', () => {
  it('says held and 0 only when everything is in order', () => {
    const result = judge(records.held());
    expect(result).to.include({verdict: 'held', exit: 0});
    expect(result.reasons).to.deep.equal([]);
    expect(result.occurrences[0]).to.include({inForce: 'yes', verdict: 'held', confirmedAt: 10.2, undoneAt: 30.4});
    expect(result.recovery).to.deep.include({state: 'recovered', tookSeconds: [0, 0.6]});
  });

  it('says deviated and 7 with the figures in the headline', () => {
    const result = judge(records.deviated());
    expect(result).to.include({verdict: 'deviated', exit: 7, severity: 'SEV2'});
    expect(result.headline).to.equal(
      'DEVIATED: checkout errors rose from 0% to 40% (allowed: below 1%) while shop-inventory-1 was paused for 20s; the steady state was back 2.6s after the undo.',
    );
    expect(result.impact[0]).to.equal(
      'checkout: 440 of 1150 requests failed in the 23s from the injection on: 440 status-503.',
    );
    expect(result.detected).to.deep.equal({metric: 'checkout errors', seconds: 0});
  });

  it('ends with 0 for a pinned weakness that shows, and with 7 for one that does not', () => {
    const pinned = experiment({expect: {recovery: {withinMs: 30_000}, checks: [], verdict: 'deviated'}});
    const result = judge(records.deviated(pinned));
    expect(result).to.include({verdict: 'deviated', exit: 0, expected: 'deviated'});
    expect(result.headline).to.include('pinned known weakness');
    const cured = untilEnd(untilUndone(untilInForce(untilBaseline(pinned))), [30.4, 31]).evidence([], traffic());
    expect(judge(cured)).to.include({verdict: 'held', exit: 7});
  });

  it('is inconclusive when a target lost the fault', () => {
    const result = judge(records.lostFault());
    expect(result).to.include({verdict: 'inconclusive', exit: 5});
    expect(result.occurrences[0]?.inForce).to.equal('lost');
    expect(result.intervals.find(interval => interval.kind === 'on')?.to).to.equal(18);
  });

  it('goes on after a loss that was applied again', () => {
    const script = untilInForce()
      .at(18, {type: 'proof.changed', occurrence: 'freeze-1', proofs: [proof(18, {state: 'absent'})]})
      .at(18.1, {type: 'change.requested', occurrence: 'freeze-1'})
      .at(18.4, {type: 'change.confirmed', occurrence: 'freeze-1', proofs: [proof(18.4)]});
    const result = judge(untilEnd(untilUndone(script), [30.4, 31]).evidence([], traffic()));
    expect(result).to.include({verdict: 'held', exit: 0});
    expect(result.metrics[0]?.intervals.filter(interval => interval.kind === 'on')).to.have.length(2);
    expect(result.findings.map(finding => finding.code)).to.include('fault-lost');
  });

  it('is inconclusive when nothing went through the fault', () => {
    const script = untilUndone(undefined, settled(), proof(30.1, {exercised: 0}));
    const result = judge(untilEnd(script, [30.4, 31]).evidence([], traffic()));
    expect(result).to.include({verdict: 'inconclusive', exit: 5});
    expect(result.reasons.join()).to.include('nothing went through');
  });

  it('is inconclusive when the last proof could not be taken, unless the undo found the change in place', () => {
    const ended = (outcome: 'undone' | 'already', readings = {}) => {
      const unread = proof(30.1, {state: 'unknown', why: 'no answer within 2000 ms', readings});
      return judge(untilEnd(untilUndone(undefined, settled(outcome), unread), [30.4, 31]).evidence([], traffic()));
    };
    expect(ended('undone')).to.include({verdict: 'held', exit: 0});
    const open = ended('already');
    expect(open).to.include({verdict: 'inconclusive', exit: 5});
    expect(open.occurrences[0]?.note).to.include('not known until its end (no answer within 2000 ms)');
    // What was read and did not show the effect is no matter of the undo.
    expect(ended('undone', {cores: 0.01})).to.include({verdict: 'inconclusive', exit: 5});
  });

  it('is inconclusive without traffic, and never held', () => {
    const result = judge(untilEnd(undefined, [30.4, 31]).evidence([], []));
    expect(result).to.include({verdict: 'inconclusive', exit: 5});
  });

  it('is inconclusive without a leak check, and with gaps in the record', () => {
    const script = untilEnd(undefined, [30.4, 31]);
    const without = script.events.filter(event => event.type !== 'leaks.checked');
    expect(judge({...script.evidence([], traffic()), events: without})).to.include({verdict: 'inconclusive', exit: 5});
    expect(judge(script.evidence([], traffic(), ['1 torn line(s) in events.ndjson'])).exit).to.equal(5);
  });

  it('never says held of a run that was taken over', () => {
    expect(judge(records.killed())).to.include({verdict: 'inconclusive', exit: 1});
    expect(judge(records.killed()).owed).to.deep.equal([]);
  });

  it('ends with 6 when a killed run left something', () => {
    const result = judge(records.killedAndLeft());
    expect(result.exit).to.equal(6);
    expect(result.owed).to.have.length(1);
    expect(result.headline).to.include(`firedrill recover ${records.RUN}`);
  });

  it('ends with 6 when an undo failed, whatever the metrics say', () => {
    const result = judge(records.leftOver());
    expect(result).to.include({verdict: 'inconclusive', exit: 6, severity: 'SEV1'});
  });

  it('believes the last answer about a debt', () => {
    const script = untilUndone();
    script.at(31, {
      type: 'debts.settled',
      occurrence: 'freeze-1',
      settled: [{debt: records.debt().id, outcome: 'failed', why: 'it came back', manual: 'docker unpause x'}],
    });
    expect(judge(untilEnd(script).evidence([], traffic())).exit).to.equal(6);
  });

  it('ends with 6 when a facet of ours reads differently afterwards, and reports others as collateral', () => {
    const script = untilEnd(undefined, [30.4, 31]);
    const difference = {target: 'shop-inventory-1', facet: 'paused', before: false, after: true};
    const withLeaks = (touched: boolean) =>
      script.events.map(event =>
        event.type === 'leaks.checked'
          ? {...event, touched: touched ? [difference] : [], collateral: touched ? [] : [difference]}
          : event,
      );
    const evidence = script.evidence([], traffic());
    const left = judge({...evidence, events: withLeaks(true)});
    expect(left.exit).to.equal(6);
    expect(left.headline).to.include('Put it back by hand').and.not.to.include('firedrill recover');
    const collateral = judge({...evidence, events: withLeaks(false)});
    expect(collateral.exit).to.equal(0);
    expect(collateral.findings.map(finding => finding.code)).to.include('collateral');
  });

  it('names the targets of left-overs, and takes the restart that a kill makes for no left-over', () => {
    const collateral = (facet: string, plan = occurrence()) => {
      const {events} = untilEnd(untilUndone(untilInForce(untilBaseline(experiment(), [plan]), plan)), [30.4, 31]);
      const difference = {target: 'id-of-shop-inventory-1', facet, before: 0, after: 1};
      const found = events.map(event =>
        event.type === 'leaks.checked' ? {...event, collateral: [difference]} : event,
      );
      const evidence = {...untilEnd(untilUndone(), [30.4, 31]).evidence([], traffic()), events: found};
      return judge(evidence).findings.filter(({code}) => code === 'collateral');
    };
    expect(collateral('health').map(({title}) => title)).to.deep.equal(['Something else changed on shop-inventory-1']);
    expect(collateral('restarts')).to.have.length(1);
    expect(collateral('restarts', occurrence({kind: 'kill', nature: 'event'}))).to.deep.equal([]);
  });

  it('ends with 4 when a guard tripped, and keeps what deviated', () => {
    const result = judge(records.guardTripped());
    expect(result).to.include({verdict: 'deviated', exit: 4});
    expect(result.guards[0]?.tripped).to.equal(true);
  });

  it('names the one guard that tripped, beside others on the same metric or on one whose name is a part of its name', () => {
    const guards = [
      {metric: 'checkout errors', above: 0.9, forMs: 5000},
      {metric: 'checkout errors', above: 0.25, forMs: 5000},
      {metric: 'errors', above: 0.25, forMs: 5000},
    ];
    const record = records.guardTripped();
    const events = record.events.map(event => {
      if (event.type === 'run.started') return {...event, experiment: experiment({guards})};
      if (event.type !== 'decided' || event.what !== 'guard') return event;
      const detail = 'guard on checkout errors: above 25% for 5s';
      return {...event, basis: {guard: 1, metric: 'checkout errors', detail}};
    });
    const result = judge({...record, events});
    expect(result.guards.map(({tripped}) => tripped)).to.deep.equal([false, true, false]);
    expect(result.findings.find(({code}) => code === 'guard-tripped')?.title).to.equal(
      'A guard stopped the run: checkout errors',
    );
  });

  it('ends with 8 and no verdict when the system was not steady', () => {
    expect(judge(records.notSteady())).to.include({verdict: null, exit: 8});
  });

  it('ends with 128 and the signal when it was interrupted, before or after the injection', () => {
    const why = {kind: 'signal', detail: 'SIGTERM', signal: 15} as const;
    const before = untilBaseline().at(11, {type: 'run.ended', why}).evidence([], traffic(undefined, 11));
    expect(judge(before)).to.include({verdict: null, exit: 143});
    const after = untilInForce()
      .at(15, {type: 'undo.requested', occurrence: 'freeze-1', why})
      .at(15.2, {type: 'debts.settled', occurrence: 'freeze-1', settled: [settled()]})
      .at(16, {type: 'run.ended', why})
      .evidence([], traffic(undefined, 16));
    expect(judge(after)).to.include({verdict: 'inconclusive', exit: 143});
  });

  it('ends with 5 when the injection was rolled back', () => {
    const why = {kind: 'not-injected', detail: 'freeze-1: the proof says absent'} as const;
    const evidence = untilBaseline()
      .at(10, {type: 'debts.owed', occurrence: 'freeze-1', debts: [records.debt()]})
      .at(10.1, {type: 'change.requested', occurrence: 'freeze-1'})
      .at(11, {type: 'change.failed', occurrence: 'freeze-1', why: 'the proof says absent'})
      .at(11, {type: 'undo.requested', occurrence: 'freeze-1', why})
      .at(11.2, {type: 'debts.settled', occurrence: 'freeze-1', settled: [settled()]})
      .at(12, {type: 'run.ended', why})
      .evidence([], traffic(undefined, 12));
    expect(judge(evidence)).to.include({verdict: 'inconclusive', exit: 5});
    expect(judge(evidence).findings.map(finding => finding.code)).to.include('fault-not-in-force');
  });

  it('holds when the platform heals, counts its recovery from T0, and deviates when it does not heal', () => {
    const healed = judge(records.platformHeal(true));
    expect(healed).to.include({verdict: 'held', exit: 0});
    expect(healed.recovery.tookSeconds).to.deep.equal([0.8, 1.8]);
    const broken = judge(records.platformHeal(false));
    expect(broken).to.include({verdict: 'deviated', exit: 7});
    expect(broken.findings.map(finding => finding.code)).to.include('platform-did-not-heal');
  });

  it('judges each step over its own interval and names the last that held', () => {
    const result = judge(records.steps());
    expect(result).to.include({verdict: 'deviated', exit: 7});
    expect(result.occurrences.map(step => step.verdict)).to.deep.equal(['held', 'deviated', null]);
    expect(result.headline).to.include('The last step that held: delay 50ms');
  });

  it('plays no further step where that was decided live, and says so where the whole record does not show why', () => {
    const shown = judge(records.steps('yes'));
    expect(shown).to.include({verdict: 'deviated', exit: 7});
    expect(shown.reasons.join(' ')).to.not.include('delay 500ms');
    const unshown = judge(records.steps('yes', {from: 24, to: 25, failed: 1}));
    expect(unshown).to.include({verdict: 'inconclusive', exit: 5});
    expect(unshown.headline).to.equal(
      'INCONCLUSIVE: delay 500ms was not played: delay 200ms was found to deviate when it ended, which the whole record does not show.',
    );
    // Nobody decided to leave it out.
    expect(judge(records.steps('no')).reasons).to.include('delay 500ms was never in force');
    expect(judge(records.steps('no', {from: 24, to: 25, failed: 1})).headline).to.include(
      'delay 500ms was never in force',
    );
  });

  it('judges a change that has no undo: its recovery counts from the end of its time', () => {
    const result = judge(untilEnd(records.withoutUndo(), [30.2, 31]).evidence([], traffic()));
    expect(result).to.include({verdict: 'held', exit: 0});
    expect(result.recovery).to.deep.include({state: 'recovered', tookSeconds: [0, 0.8]});
    expect(result.occurrences[0]?.windows[0]).to.deep.include({ended: 'over', to: [30.2, 30.2]});
    const gone = judge(
      untilEnd(records.withoutUndo(), null, 'no').evidence([], traffic({from: 10, to: 39, failed: 20})),
    );
    expect(gone).to.include({verdict: 'deviated', exit: 7});
    expect(gone.recovery.state).to.equal('not-recovered');
  });

  it('does not deny what the rest of the record shows where a line is torn', () => {
    const without = (...types: readonly string[]) => {
      const all = records.held();
      return judge({...all, events: all.events.filter(({type}) => !types.includes(type)), gaps: ['1 torn line']});
    };
    const torn = without('change.confirmed');
    expect(torn).to.include({verdict: 'inconclusive', exit: 5});
    expect(torn.occurrences[0]).to.include({inForce: 'yes', confirmedAt: 30.1});
    expect(torn.reasons.join('; ')).to.include('torn line').and.not.include('never in force');
    expect(torn.headline).to.not.include('nothing was injected');
    const more = without('change.confirmed', 'proof.changed');
    expect(more).to.include({verdict: 'inconclusive', exit: 5});
    expect(more.occurrences[0]?.inForce).to.equal('unknown');
    expect(more.reasons.join('; ')).to.include('it is not known whether').and.not.include('never in force');
  });

  it('does not call a runner killed because its end is not on record', () => {
    const all = records.held();
    const result = judge({...all, events: all.events.filter(({type}) => type !== 'run.ended')});
    expect(result).to.include({verdict: 'inconclusive', exit: 1});
    expect(result.headline).to.include('CUT SHORT').and.include('could not write it');
    expect(result.findings.map(({title}) => title)).to.include('The end of the run is not on record');
  });

  it('says in one sentence what became of what was changed, whoever settled', () => {
    const replaced = 'What someone else changed on shop-inventory-1 meanwhile was left in place.';
    for (const evidence of [records.superseded(), records.killed(settled('superseded'))]) {
      const result = judge(evidence);
      expect(result.putBack).to.equal(replaced);
      expect(result.headline).to.include(replaced);
      expect(result.exit).to.not.equal(6);
      expect(result.findings.find(({code}) => code === 'superseded')?.severity).to.equal('SEV4');
    }
    const back = 'Everything that was changed is verified to be back.';
    for (const evidence of [records.held(), records.killed(), records.guardTripped()])
      expect(judge(evidence)).to.include({putBack: back});
    expect(judge(records.held()).headline).to.include(back);
    const lasting = records.withoutUndo();
    const requested = lasting.events.find(({type}) => type === 'change.requested')!;
    Object.assign(requested, {withoutUndo: [{irreversible: 'no `undo` is given', ref: records.target(), touches: []}]});
    const result = judge(untilEnd(lasting, [30.2, 31]).evidence([], traffic()));
    expect(result).to.include({exit: 0, putBack: 'What was done to shop-inventory-1 cannot be put back.'});
    expect(result.occurrences[0]?.note).to.include('cannot be put back: no `undo` is given');
    expect(resultSchema().parse(JSON.parse(JSON.stringify(result)))).to.be.an('object');
  });

  it('goes by what was decided live about a platform that was to heal', () => {
    const story = records
      .platformHeal(false)
      .events.map(event =>
        event.type === 'undo.requested'
          ? {...event, why: {kind: 'deadline' as const, detail: 'the platform did not restore it in time'}}
          : event.type === 'debts.settled'
            ? {...event, settled: [settled('already')]}
            : event,
      );
    // It came back between the last look and the undo: too late.
    const result = judge({...records.platformHeal(false), events: story});
    expect(result).to.include({verdict: 'deviated', exit: 7});
  });

  it('deviates by a recovery that took too long, and cannot tell when its interval straddles the limit', () => {
    const loads = traffic();
    const late = experiment({expect: {recovery: {withinMs: 2000}, checks: [], verdict: 'held'}});
    const after = (since: readonly [number, number]) =>
      judge(untilEnd(untilUndone(untilInForce(untilBaseline(late))), since).evidence([], loads));
    expect(after([34, 35])).to.include({verdict: 'deviated', exit: 7});
    expect(after([31.5, 33])).to.include({verdict: 'inconclusive', exit: 5});
    expect(after([31, 32])).to.include({verdict: 'held', exit: 0});
  });

  it('deviates when the steady state did not come back', () => {
    const evidence = untilEnd(undefined, null, 'no').evidence([], traffic({from: 10, to: 39, failed: 20}));
    const result = judge(evidence);
    expect(result).to.include({verdict: 'deviated', exit: 7, severity: 'SEV1'});
    expect(result.recovery.state).to.equal('not-recovered');
  });

  it('judges nothing before a fault has settled', () => {
    const metric = {...experiment().steadyState[0]!, tolerance: {below: 0.01, settlesWithinMs: 5000}};
    const file = experiment({steadyState: [metric]});
    const evidence = untilEnd(untilUndone(untilInForce(untilBaseline(file))), [30.4, 31]);
    const result = judge(evidence.evidence([], traffic({from: 10, to: 14, failed: 40})));
    expect(result).to.include({verdict: 'held', exit: 0});
  });

  it('gives a transition to no judged interval', () => {
    const {intervals} = judge(records.held());
    expect(intervals.map(({kind, from, to}) => [kind, from, to])).to.deep.equal([
      ['warmup', 0.5, 2],
      ['baseline', 2, 10],
      ['transition', 10.05, 10.2],
      ['on', 10.2, 30.2],
      ['transition', 30.2, 30.4],
      ['recovery', 30.4, 39.1],
    ]);
  });

  it('judges what happens once from the moment it was asked for: the outage of a restart is over when it is confirmed', () => {
    const plan = occurrence({kind: 'restart', nature: 'event', heal: 'undo', forMs: 20_000});
    const restart = (requested: number, confirmed: number) =>
      untilBaseline(experiment(), [plan])
        .at(10, {type: 'phase.entered', phase: 'fault', lastsMs: plan.forMs})
        .at(10, {type: 'debts.owed', occurrence: plan.id, debts: [debt()]})
        .at(requested, {type: 'change.requested', occurrence: plan.id})
        .at(confirmed, {type: 'change.confirmed', occurrence: plan.id, proofs: [proof(confirmed)]});
    const slow = untilEnd(untilUndone(restart(10.5, 14.9)), [30.4, 31]);
    const result = judge(slow.evidence([], traffic({from: 11, to: 14, failed: 50})));
    expect(result).to.include({verdict: 'deviated', exit: 7});
    expect(result.intervals.find(interval => interval.kind === 'on')).to.include({from: 10.5, to: 30.2});
    expect(result.occurrences[0]).to.include({confirmedAt: 14.9});
    const short = untilEnd(untilUndone(restart(10.5, 10.7)), [30.4, 31]);
    expect(judge(short.evidence([], traffic({from: 10, to: 11, failed: 20}))).verdict).to.equal('deviated');
    expect(judge(short.evidence([], traffic({from: 9, to: 10, failed: 20}))).verdict).to.equal('held');
  });

  for (const [name, evidence] of Object.entries(stories)) {
    it(`writes a result that passes its schema: ${name}`, () => {
      const result = judge(evidence);
      expect(resultSchema().parse(JSON.parse(JSON.stringify(result)))).to.deep.equal(
        JSON.parse(JSON.stringify(result)),
      );
    });
  }

  it('is total: any part of a record gives a result that passes the schema', () => {
    const schema = resultSchema();
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(stories)),
        fc.infiniteStream(fc.double({min: 0, max: 1})),
        (evidence, random) => {
          const keep = () => (random.next().value as number) > 0.3;
          const torn: Evidence = {
            ...evidence,
            events: evidence.events.filter(keep),
            loads: evidence.loads.filter(keep),
            series: evidence.series.map(series => ({...series, samples: series.samples.filter(keep)})),
          };
          schema.parse(JSON.parse(JSON.stringify(judge(torn))));
        },
      ),
      {numRuns: 300},
    );
  });

  it('never ends a torn record with 0, and never loses a debt that is on it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(stories)), fc.nat(), (evidence, cut) => {
        const events = evidence.events.slice(
          0,
          Math.max(1, evidence.events.length - 1 - (cut % evidence.events.length)),
        );
        const result = judge({...evidence, events, complete: false});
        expect(result.exit).to.not.equal(0);
        const owes =
          events.some(event => event.type === 'debts.owed') && !events.some(event => event.type === 'debts.settled');
        expect(owes && result.exit !== 6).to.equal(false);
      }),
    );
  });

  it('tells a run of an earlier boot by the wall clock', () => {
    const evidence = records.killed();
    const events = evidence.events.map(event =>
      event.by === 'guardian' ? {...event, at: {...event.at, boot: 'boot-2', mono: 5}} : event,
    );
    expect(judge({...evidence, events}).durationSeconds).to.equal(16.5);
  });

  it('keeps an occurrence that was planned but not reached', () => {
    const later = occurrence({id: 'later-1', fault: 'later'});
    const script = untilUndone(untilInForce(untilBaseline(experiment(), [occurrence(), later])));
    const result = judge(untilEnd(script, [30.4, 31]).evidence([], traffic()));
    expect(result).to.include({verdict: 'inconclusive', exit: 5});
    expect(result.occurrences[1]).to.include({inForce: 'no', verdict: null});
  });
});
