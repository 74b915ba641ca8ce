import type {Json} from '../quantities/json.js';
import type {Event, PlannedOccurrence} from '../record/events.js';
import {aroundOf, type AroundStep} from '../record/around.js';
import type {Settled} from '../targets/contract.js';
import type {Facts} from './facts.js';
import {tellAlerts} from './alerts/words.js';
import {gatesIn, seenWords} from './gate-words.js';
import {capital, count, list, targetNames, withoutStop} from './phrase.js';
import {remarks} from './put-back.js';
import type {TimelineRow} from './result.js';
import {say} from './time.js';

type TimelineWords = Pick<TimelineRow, 'what' | 'kind'>;

const PHASES: Readonly<Record<string, string>> = {
  prepare: 'Preparation',
  warmup: 'Warm-up',
  baseline: 'Baseline: the system is measured as it is',
  fault: 'Fault interval',
  recovery: 'Recovery: nothing is injected, the steady state is watched coming back',
  'leak-check': 'Leak check',
};

/** The plainest words for the basis of a decision. */
function basisWords(basis: Json): string {
  const seen = seenWords(gatesIn(basis));
  if (seen !== undefined) return `this run can see ${seen}`;
  if (typeof basis === 'string') return basis;
  if (basis === null || typeof basis !== 'object' || Array.isArray(basis)) return '';
  const {why, detail, lastBack, waitingFor, metric} = basis as Readonly<Record<string, Json>>;
  const said = [why, detail, metric].find(value => typeof value === 'string');
  if (typeof said === 'string') return said;
  if (typeof lastBack === 'string') return `${lastBack} was the last to come back`;
  return Array.isArray(waitingFor) ? waitingFor.filter(value => typeof value === 'string').join('; ') : '';
}

function decision(event: Extract<Event, {type: 'decided'}>): TimelineWords {
  const words = basisWords(event.basis);
  const because = words === '' ? '' : `: ${words}`;
  const answers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    steady: {
      yes: 'The system is steady',
      no: 'The system is not steady',
      unknown: 'It is not known whether the system is steady',
    },
    guard: {yes: 'A guard tripped', no: 'The guards are quiet', unknown: 'A guard sees nothing, so it stops the run'},
    recovered: {
      yes: 'The steady state is back',
      no: 'The steady state is not back',
      unknown: 'It is not known whether the steady state is back',
    },
    'step-deviated': {yes: 'The step deviated, so no further one is played', no: 'The step did not deviate'},
    condition: {yes: 'A fault that depends on another is injected', no: 'A fault that depends on another is left out'},
  };
  return {what: `${answers[event.what]?.[event.answer] ?? event.what}${because}.`, kind: 'decision'};
}

function settlement(event: Extract<Event, {type: 'debts.settled'}>): TimelineWords {
  const bad = event.settled.flatMap(answer =>
    answer.outcome === 'failed' || answer.outcome === 'unknown' ? [answer] : [],
  );
  const outcomes = [...new Set(event.settled.map(({outcome}) => OUTCOMES[outcome] ?? outcome))].join(', ');
  const [first] = bad;
  if (event.settled.every(({outcome}) => outcome === 'superseded'))
    return {what: `${event.occurrence} is not undone: ${OUTCOMES.superseded}.`, kind: 'undo'};
  return first === undefined
    ? {
        what: `Undo of ${event.occurrence} verified on the targets (${[outcomes, ...remarks(event.settled)].join('; ')}).`,
        kind: 'undo',
      }
    : {what: `Undo of ${event.occurrence} not verified: ${first.why}. By hand: ${first.manual}`, kind: 'safety'};
}

function proofs(event: Extract<Event, {type: 'change.confirmed' | 'proof.changed'}>): TimelineWords {
  const states = event.proofs.map(
    proof => `${proof.ref.name} ${proof.state}${proof.why === undefined ? '' : ` (${proof.why})`}`,
  );
  return event.type === 'change.confirmed'
    ? {
        what: `${event.occurrence} is in force on ${targetNames([...new Set(event.proofs.map(proof => proof.ref.name))])} (T0).`,
        kind: 'fault',
      }
    : {what: `Proof of ${event.occurrence}: ${targetNames([...new Set(states)])}.`, kind: 'proof'};
}

/** How a debt came to its end, in words; the others stay as they are. */
const OUTCOMES: Readonly<Partial<Record<Settled['outcome'], string>>> = {
  already: 'it was back already',
  gone: 'the target restarted or is gone, and took it along',
  superseded: 'someone else changed it meanwhile; that was left in place',
};

/** What a step around the faults is called while it goes well. */
const AROUND_WORDS: Readonly<
  Record<AroundStep['kind'], Readonly<Record<'done' | 'failed' | 'undone' | 'kept', string>>>
> = {
  start: {
    done: ' was started and is ready',
    failed: ' could not be started',
    undone: ' was stopped',
    kept: ': nothing had to be stopped',
  },
  prepare: {
    done: ': prepared',
    failed: ': the preparation failed',
    undone: ': put back',
    kept: ': nothing had to be put back',
  },
  cleanup: {
    done: ': owed at the end of the run',
    failed: ': it could not be owed',
    undone: ': done at the end of the run',
    kept: ': nothing had to be done at the end of the run',
  },
};

/** What the run does for itself around its faults: no fault, so three sentences are enough. */
function tellAround({kind, name}: AroundStep, event: Event): TimelineWords | undefined {
  const words = AROUND_WORDS[kind];
  switch (event.type) {
    case 'change.confirmed':
      return {what: `${name}${words.done}.`, kind: 'phase'};
    case 'change.failed':
      return {what: `${name}${words.failed}: ${event.why}.`, kind: 'safety'};
    case 'debts.settled': {
      const settled = settlement({...event, occurrence: name});
      if (settled.kind === 'safety') return settled;
      const isUndone = event.settled.some(({outcome}) => outcome === 'undone');
      return {what: `${name}${isUndone ? words.undone : words.kept}.`, kind: 'phase'};
    }
    default:
      return undefined;
  }
}

/** `Going on: checkout latency is not settled yet (look 2 of 4), at most 3m more.` */
function lookWords({answer, look, looks, open, moreMs}: Extract<Event, {type: 'looked'}>): string {
  const which = `look ${look} of ${looks}`;
  const names = `${list(open.map(({metric}) => metric))} ${open.length === 1 ? 'is' : 'are'}`;
  if (answer === 'settled') return `${capital(which)}: what this injection is to decide is settled.`;
  if (moreMs !== undefined) return `Going on: ${names} not settled yet (${which}), at most ${say(moreMs / 1000)} more.`;
  return open.length === 0
    ? `${capital(which)}: the fault is not in force any more.`
    : `${capital(which)}: ${names} not settled, and the time that is left would hardly settle it.`;
}

function tellFault(event: Event): TimelineWords | undefined {
  const step = 'occurrence' in event ? aroundOf(event.occurrence) : undefined;
  if (step !== undefined) return tellAround(step, event);
  switch (event.type) {
    case 'targets.decided': {
      const names = targetNames(event.targets.map(({name}) => name));
      return {what: `${event.occurrence} hits ${names}, as \`where\` says now.`, kind: 'decision'};
    }
    case 'debts.owed':
      return {
        what: `${count(event.debts.length, 'undo')} of ${event.occurrence} on record before anything is changed.`,
        kind: 'safety',
      };
    case 'change.requested':
      return {what: `Injection of ${event.occurrence} requested.`, kind: 'fault'};
    case 'change.confirmed':
    case 'proof.changed':
      return proofs(event);
    case 'change.failed':
      return {what: `${event.occurrence} did not come into force: ${event.why}.`, kind: 'fault'};
    case 'looked':
      return {what: lookWords(event), kind: 'decision'};
    case 'hold.ended':
      return {what: `${event.occurrence}: end of the fault interval (${event.why}).`, kind: 'fault'};
    case 'undo.requested':
      return event.undos === 0
        ? {what: `${event.occurrence} is over; it has no undo (${event.why.detail}).`, kind: 'undo'}
        : {what: `Undo of ${event.occurrence} requested (${event.why.detail}).`, kind: 'undo'};
    case 'debts.settled':
      return settlement(event);
    default:
      return undefined;
  }
}

function tellRun(event: Event): TimelineWords | undefined {
  switch (event.type) {
    case 'run.started':
      return {what: `Run ${event.run} started on ${event.host}.`, kind: 'phase'};
    case 'phase.entered':
      return {
        what: `${PHASES[event.phase] ?? event.phase}${event.lastsMs === null ? '' : ` (${say(event.lastsMs / 1000)} at most)`}.`,
        kind: 'phase',
      };
    case 'targets.resolved':
      return {
        what:
          event.hit.length === 0
            ? 'No target is hit.'
            : `${count(event.hit.length, 'target')}: ${targetNames(event.hit.map(target => target.name))}.`,
        kind: 'phase',
      };
    case 'decided':
      return decision(event);
    case 'resized':
      return {what: `Going on: ${event.why}.`, kind: 'decision'};
    case 'takeover':
      return {what: `Takeover by ${event.by}: ${event.why}.`, kind: 'safety'};
    case 'noted':
      return {what: capital(event.text), kind: 'note'};
    case 'run.ended':
      return {
        what: `Run ended: ${event.why.detail === '' ? event.why.kind : withoutStop(event.why.detail)}.`,
        kind: 'phase',
      };
    default:
      return undefined;
  }
}

/** What people call an occurrence: a step by its value, a repeat by its number. */
export function occurrenceName(planned: readonly PlannedOccurrence[], id: string): string {
  const known = planned.find(one => one.id === id);
  return known?.step === undefined ? id : known.label;
}

/**
 * One event in a sentence, for the timeline and for whoever follows a run live; undefined for what only machines need.
 */
export function tell(event: Event, planned: readonly PlannedOccurrence[] = []): TimelineWords | undefined {
  const named = 'occurrence' in event ? {...event, occurrence: occurrenceName(planned, event.occurrence)} : event;
  return (
    tellRun(named) ?? tellAlerts(named) ?? tellChecks(named) ?? tellWrites(named) ?? tellLogs(named) ?? tellFault(named)
  );
}

function tellChecks(event: Event): TimelineWords | undefined {
  switch (event.type) {
    case 'check.read':
      return {
        what: `Check "${event.check}" ${event.when} the run: ${event.value ?? `no value (${event.why ?? 'unknown'})`}.`,
        kind: 'note',
      };
    case 'leaks.checked': {
      const left =
        event.touched.length === 0
          ? 'nothing of the run is left'
          : `${count(event.touched.length, 'facet')} of ours read differently`;
      const expected = event.left?.length ?? 0;
      const known = expected === 0 ? '' : `; ${count(expected, 'difference')} to be expected`;
      return {
        what: `Leak check: ${left}${known}; ${count(event.collateral.length, 'other difference')}.`,
        kind: 'safety',
      };
    }
    default:
      return undefined;
  }
}

function tellWrites(event: Event): TimelineWords | undefined {
  switch (event.type) {
    case 'writes.listed': {
      const {check, when, entries, why = 'unknown'} = event;
      const known = entries === null ? `not known (${why})` : count(entries, 'entry', 'entries');
      const what = `${check}: what is stored ${when === 'before' ? 'before the load' : 'at the end'}: ${known}.`;
      return {what, kind: 'note'};
    }
    case 'writes.compared': {
      const {acknowledged, lost, doubled, unacknowledged} = event.writes;
      const late = event.late === 0 ? '' : `; ${count(event.late, 'write')} came late`;
      return {
        what: `${event.check}: of ${count(acknowledged, 'acknowledged write')} ${lost.count} are missing; ${doubled.count} stored more than once, ${unacknowledged.count} although not acknowledged${late}.`,
        kind: 'note',
      };
    }
    default:
      return undefined;
  }
}

function tellLogs(event: Event): TimelineWords | undefined {
  if (event.type !== 'log.pattern') return undefined;
  const {log, example, isError} = event;
  const what = `The log of ${log} has ${isError ? 'an error' : 'a line'} of a form that the baseline did not have: ${example}`;
  return {what, kind: 'note'};
}

/** The UTC timeline: every event a person wants to see, with its place in the record. Staff-only events stay out. */
export function timelineOf({evidence, time, started}: Facts): readonly TimelineRow[] {
  const rows = evidence.events.flatMap(event => {
    const told = event.audience === 'all' ? tell(event, started?.occurrences) : undefined;
    if (told === undefined) return [];
    // A line stands where it came, not where it was looked at.
    const us = event.type === 'log.pattern' ? event.firstUs : time.us(event.at);
    return [{at: time.iso(us), seconds: time.seconds(us), ...told, source: `events.ndjson #${event.seq}`}];
  });
  return rows.sort((a, b) => a.seconds - b.seconds);
}
