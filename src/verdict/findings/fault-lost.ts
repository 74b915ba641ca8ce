import type {PlannedOccurrence} from '../../record/events.js';
import {outOfTolerance} from '../out-of-tolerance.js';
import {injectedOf} from '../intervals.js';
import {inForceOf} from '../occurrence-results.js';
import type {OccurrenceFacts} from '../occurrences.js';
import {capital, count, list, targetNames} from '../phrase.js';
import type {Finding} from '../result.js';
import {sayUs} from '../time.js';
import {action, finding, injectedSpan, type FindingContext, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';
import {nothingOf} from '../exercise.js';

/** With its step or number, where it has one: several findings about one fault must be told apart. */
function nameOf({fault, label}: PlannedOccurrence): string {
  return label === '' ? fault : label;
}

function lost(context: FindingContext, occurrence: OccurrenceFacts): readonly Finding[] {
  const {planned, confirmedUs, lostUs, proofs} = occurrence;
  if (lostUs === null || confirmedUs === null) return [];
  const {facts} = context;
  const seen = proofs.find(entry => entry.us === lostUs)?.proofs.filter(proof => proof.state === 'absent') ?? [];
  const names = targetNames(seen.map(proof => proof.ref.name));
  const again = inForceOf(occurrence) !== 'lost';
  const rated = ratedFixed(
    'SEV4',
    again ? 'it was applied again, so the run could go on' : 'the run says nothing about the time without the fault',
  );
  return [
    finding(
      'fault-lost',
      facts,
      {fromUs: lostUs, toUs: occurrence.undoRequestedUs},
      {
        ...rated,
        subject: planned.fault,
        title: `${nameOf(planned)} was lost before its time was over`,
        what: `${sayUs(lostUs - confirmedUs)} after T0 the proof found ${planned.kind} absent on ${names}${again ? '; it was applied again' : ''}.`,
        impact: again
          ? 'The time without the fault belongs to no judged interval.'
          : 'The run is inconclusive unless something deviated before.',
        evidence: seen.map(proof => ({
          label: `proof on ${proof.ref.name}`,
          value: `${proof.state}${proof.why === undefined ? '' : `: ${proof.why}`}`,
        })),
        factors: ['The target restarted, or something else put it back: a restart policy, a controller, a person.'],
        actions: again
          ? []
          : [
              action(
                'process',
                'P3',
                `Set keep: true on ${planned.fault}, or a duration that is shorter than the target's life`,
              ),
            ],
      },
    ),
  ];
}

function notInForce(context: FindingContext, occurrence: OccurrenceFacts): readonly Finding[] {
  const {planned, failed, requestedUs, confirmedUs, settledUs} = occurrence;
  if (failed === null || confirmedUs !== null) return [];
  const {facts} = context;
  const names = list(planned.targets.map(target => target.name));
  return [
    finding(
      'fault-not-in-force',
      facts,
      {fromUs: requestedUs ?? injectedSpan(facts).fromUs, toUs: settledUs},
      {
        ...ratedFixed('SEV4', 'nothing was learned about the system'),
        subject: planned.fault,
        title: `${nameOf(planned)} did not come into force`,
        what: `${planned.kind} on ${names} could not be proven: ${failed}.`,
        recovery: settledUs === null ? 'Nothing had to be put back.' : 'What had been changed was rolled back.',
        evidence: [{label: 'reason', value: failed}],
        actions: [
          action(
            'process',
            'P2',
            `Find out why ${planned.kind} did not take effect on ${names}; firedrill plan shows what the driver can do`,
          ),
        ],
      },
    ),
  ];
}

function withoutEffect(context: FindingContext, occurrence: OccurrenceFacts): readonly Finding[] {
  const {planned, confirmedUs, undoRequestedUs} = occurrence;
  const result = context.occurrences.find(candidate => candidate.id === planned.id);
  if (confirmedUs === null || result === undefined) return [];
  const span = {fromUs: confirmedUs, toUs: undoRequestedUs};
  if (result.exercised === 0) {
    return [
      finding('fault-without-effect', context.facts, span, {
        ...ratedFixed('SEV4', 'a fault that met nothing proves nothing'),
        subject: planned.fault,
        title: capital(nothingOf(planned.kind, nameOf(planned))),
        what: `${planned.kind} was in force on ${count(planned.targets.length, 'target')}, but nothing that it counts was counted on them.`,
        impact: 'The run is inconclusive: the system was not exposed to the fault.',
        evidence: [{label: 'exercised', value: '0'}],
        factors: [
          'The load may take another way, the filter of the fault may name the wrong port, or its limit may be too high.',
        ],
        actions: [
          action(
            'process',
            'P2',
            `Send the load through the targets of ${planned.fault}, or correct its filter or its limit`,
          ),
        ],
      }),
    ];
  }
  // Of the blocks of a switchback one speaks for all.
  const [first] = injectedOf(context.facts);
  if (context.facts.experiment.switchback !== undefined && occurrence !== first) return [];
  // Also what was not judged: within `settlesWithin`, in a transition.
  const affected = {fromUs: occurrence.requestedUs ?? confirmedUs, toUs: occurrence.overUs ?? context.facts.endUs};
  const left = context.facts.experiment.steadyState.some(
    metric => outOfTolerance(metric, context.facts, affected).totalUs > 0,
  );
  const moved = left || context.metrics.some(metric => hasMoved(metric, planned.id));
  if (moved || context.metrics.length === 0 || context.verdict !== 'held') return [];
  return [
    finding('fault-without-effect', context.facts, span, {
      ...ratedFixed('SEV5', 'information: every metric read the same with and without the fault'),
      subject: planned.fault,
      title: `${nameOf(planned)} moved no metric`,
      what: `While ${planned.kind} was in force on ${targetNames(planned.targets.map(target => target.name))} every metric read the same as before.`,
      factors: [
        'The system absorbs this fault completely, or the metrics do not depend on the target: the file cannot tell which.',
      ],
      actions: [
        action(
          'process',
          'P3',
          'Add a metric that must move when the target is hit, so that resilience and absence of traffic look different',
        ),
      ],
    }),
  ];
}

/** More than a tenth of its own baseline, or anything where the baseline was zero. */
function hasMoved(metric: FindingContext['metrics'][number], occurrence: string): boolean {
  const before = metric.intervals.find(interval => interval.kind === 'baseline')?.value ?? null;
  if (before === null) return true;
  return metric.intervals
    .filter(interval => interval.occurrence === occurrence)
    .some(({value}) => value === null || Math.abs(value - before) > Math.abs(before) * 0.1);
}

/** A fault that was not there, not there for long enough, or that nothing went through. */
export const rule: FindingRule = {
  code: 'fault-lost',
  order: 110,
  find: context =>
    context.facts.occurrences.flatMap(occurrence => [
      ...lost(context, occurrence),
      ...notInForce(context, occurrence),
      ...withoutEffect(context, occurrence),
    ]),
};
