import {formatDuration} from '../quantities/duration.js';
import type {Event} from '../run/record/events.js';
import type {TargetRef} from '../targets/contract.js';

type Sentences = {
  readonly [T in Event['type']]?: (event: Extract<Event, {type: T}>, label: (occurrence: string) => string) => string;
};

const names = (refs: readonly TargetRef[]) => refs.map(ref => ref.name).join(', ');

const DECISIONS = {
  steady: {yes: 'steady state confirmed', no: 'NOT STEADY', unknown: 'whether it is steady is unknown'},
  guard: {yes: 'GUARD TRIPPED', no: 'guards are quiet', unknown: 'GUARD WITHOUT DATA'},
  recovered: {yes: 'recovered', no: 'not recovered', unknown: 'whether it recovered is unknown'},
} as const;

const SENTENCES: Sentences = {
  'run.started': event => `run ${event.run}: ${event.experiment.title}`,
  'phase.entered': event =>
    `phase ${event.phase}${event.lastsMs === null ? '' : ` for ${formatDuration(event.lastsMs)}`}`,
  'targets.resolved': event => `targets: ${names(event.hit)}`,
  'change.requested': (event, label) => `injecting ${label(event.occurrence)}`,
  'change.confirmed': (event, label) =>
    `in force: ${label(event.occurrence)} on ${names(event.proofs.map(proof => proof.ref))}`,
  'change.failed': (event, label) => `NOT INJECTED: ${label(event.occurrence)}: ${event.why}`,
  'proof.changed': (event, label) => {
    const states = event.proofs.map(
      ({ref, state, why}) => `${ref.name} ${state}${why === undefined ? '' : ` (${why})`}`,
    );
    return `proof of ${label(event.occurrence)}: ${states.join(', ')}`;
  },
  'undo.requested': (event, label) =>
    `undoing ${label(event.occurrence)}${event.why.kind === 'done' ? '' : ` (${event.why.kind})`}`,
  'debts.settled': (event, label) => {
    const outcomes = event.settled.map(one =>
      'why' in one ? `${one.outcome.toUpperCase()}: ${one.why}; by hand: ${one.manual}` : one.outcome,
    );
    return `undo of ${label(event.occurrence)}: ${outcomes.join(', ')}`;
  },
  decided: event => `${DECISIONS[event.what][event.answer]} ${JSON.stringify(event.basis)}`,
  'check.read': event => `check ${event.check} ${event.when}: ${event.value ?? `no value (${event.why ?? 'unknown'})`}`,
  takeover: event => `TAKEN OVER from epoch ${event.from}: ${event.why}`,
  'leaks.checked': event =>
    event.touched.length === 0
      ? 'no left-overs'
      : `LEFT-OVERS: ${event.touched.map(one => `${one.target} ${one.facet}`).join(', ')}`,
  noted: event => (event.level === 'warning' ? `warning: ${event.text}` : event.text),
  'run.ended': event => `ended: ${event.why.kind}${event.why.detail === '' ? '' : `, ${event.why.detail}`}`,
};

/** One event in one line for people; undefined for what only machines need. `label` names an occurrence. */
export function describeEvent(event: Event, label: (occurrence: string) => string): string | undefined {
  // The table is indexed by the event's own type, so the sentence fits; TypeScript cannot follow that.
  const sentence = SENTENCES[event.type] as ((event: Event, label: (id: string) => string) => string) | undefined;
  return sentence?.(event, label);
}
