import {list} from '../phrase.js';
import {aftermath, putBackSentence} from '../put-back.js';
import type {Finding, GuardResult} from '../result.js';
import {sayUs} from '../time.js';
import {action, finding, type FindingContext, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

function takeovers({facts}: FindingContext): readonly Finding[] {
  const [first] = facts.takeovers;
  if (first === undefined) return [];
  const by = list([
    ...new Set(facts.takeovers.map(takeover => (takeover.by === 'guardian' ? 'the guardian' : takeover.by))),
  ]);
  const fromUs = facts.time.us(first.at);
  const nothingOwed = facts.owed.length === 0;
  const told = nothingOwed ? putBackSentence(aftermath(facts)) : 'Not complete: see the left-overs.';
  return [
    finding(
      'run-taken-over',
      facts,
      {fromUs, toUs: facts.endUs},
      {
        ...ratedFixed(
          nothingOwed ? 'SEV4' : 'SEV2',
          nothingOwed
            ? 'the runner was lost, but nothing is owed any more'
            : 'the runner was lost and not everything is put back',
        ),
        title: `The run was taken over by ${by}`,
        what: `${first.why}; ${by} took the run over ${facts.time.seconds(fromUs)} s after its start. ${told}`,
        impact: 'What was measured until then decides nothing: the run has no verdict about the system.',
        recovery: told,
        evidence: facts.takeovers.map(takeover => ({label: `takeover by ${takeover.by}`, value: takeover.why})),
        actions: [
          action(
            'process',
            'P3',
            'Find out what ended the runner (signals, memory, the machine), then run the experiment again',
          ),
        ],
      },
    ),
  ];
}

const TITLES: Readonly<Record<string, string>> = {
  signal: 'The run was interrupted',
  stopped: 'The run was stopped by a person',
  deadline: 'The run was stopped at its deadline',
  bug: 'Firedrill itself failed',
};

function stopped({facts}: FindingContext): readonly Finding[] {
  const title = facts.ended === undefined ? 'The end of the run is not on record' : TITLES[facts.end.kind];
  if (title === undefined || facts.takeovers.length > 0) return [];
  const clean = facts.owed.length === 0;
  return [
    finding(
      'run-interrupted',
      facts,
      {fromUs: facts.endUs, toUs: facts.ended === undefined ? null : facts.endUs},
      {
        ...ratedFixed(
          facts.end.kind === 'bug' ? 'SEV3' : 'SEV5',
          `the run ended early (${facts.end.kind}); ${clean ? 'nothing is owed' : 'something is still owed'}`,
        ),
        title,
        what: `${facts.end.detail === '' ? title : facts.end.detail}.`,
        impact: 'The run did not come to its end; intervals that are cut short are not judged as held.',
        recovery: clean ? putBackSentence(aftermath(facts)) : 'Not complete: see the left-overs.',
        actions: [action('process', 'P3', 'Run the experiment again')],
      },
    ),
  ];
}

/** No limit was reached: what is to be repaired is the measurement. */
function blindGuard({facts}: FindingContext, {metric, limit}: GuardResult): Finding {
  const decision = facts.decided.findLast(event => event.what === 'guard');
  const fromUs = decision === undefined ? facts.endUs : facts.time.us(decision.at);
  return finding(
    'guard-blind',
    facts,
    {fromUs, toUs: facts.endUs},
    {
      ...ratedFixed(
        'SEV4',
        'a guard without values protects nothing, so the run was stopped; no limit is known to have been reached',
      ),
      title: `A guard saw nothing: ${metric}`,
      what: `${facts.end.detail}. Whether ${metric} was ${limit} is not known.`,
      impact: 'The fault was undone before its time, so the hypothesis was not tested to the end.',
      detection: `By the guard itself: ${metric} had no fresh value.`,
      recovery: facts.owed.length === 0 ? putBackSentence(aftermath(facts)) : 'Not complete: see the left-overs.',
      actions: [
        action(
          'detect',
          'P2',
          `Make ${metric} give values also while the fault is in force: a shorter \`timeout\` of its load or probe, a source that stays reachable, or another metric to guard`,
        ),
      ],
      metric,
    },
  );
}

function guard(context: FindingContext): readonly Finding[] {
  const {facts, guards} = context;
  if (facts.end.kind !== 'guard') return [];
  const blind = guards.find(candidate => candidate.blind === true);
  if (blind !== undefined) return [blindGuard(context, blind)];
  const tripped = guards.filter(candidate => candidate.tripped);
  const decision = facts.decided.findLast(event => event.what === 'guard');
  const fromUs = decision === undefined ? facts.endUs : facts.time.us(decision.at);
  const t0 = Math.min(...facts.occurrences.map(({confirmedUs}) => confirmedUs ?? Infinity));
  const after = Number.isFinite(t0) ? `${sayUs(fromUs - t0)} after T0` : 'before the fault was in force';
  return [
    finding(
      'guard-tripped',
      facts,
      {fromUs, toUs: facts.endUs},
      {
        ...ratedFixed('SEV3', 'the effect reached what the file calls too much'),
        subject: '',
        title: `A guard stopped the run${tripped.length === 0 ? '' : `: ${list(tripped.map(candidate => candidate.metric))}`}`,
        what: `${facts.end.detail}; the run was stopped ${after}.`,
        impact: 'The fault was undone before its time, so the hypothesis was not tested to the end.',
        detection:
          tripped.map(candidate => `Guard: ${candidate.metric} ${candidate.limit}.`).join(' ') || 'By a guard.',
        recovery: facts.owed.length === 0 ? putBackSentence(aftermath(facts)) : 'Not complete: see the left-overs.',
        evidence: tripped.map(candidate => ({
          label: candidate.metric,
          value: `limit ${candidate.limit}, closest ${candidate.closest ?? 'unknown'} of it`,
        })),
        actions: [
          action('mitigate', 'P1', 'Repair what let the effect grow this far, or start with a smaller fault (steps)'),
        ],
        metric: tripped[0]?.metric ?? null,
      },
    ),
  ];
}

/** A run that did not come to its end by itself. */
export const rule: FindingRule = {
  code: 'run-interrupted',
  order: 70,
  find: context => [...takeovers(context), ...guard(context), ...stopped(context)],
};
