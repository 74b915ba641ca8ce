import type {MetricSpec} from '../../experiment/experiment.js';
import {loadImpacts, type LoadImpact} from '../impact.js';
import {injectedOf} from '../intervals.js';
import {loadOf} from '../judgement/data.js';
import {quantity, targetNames} from '../phrase.js';
import type {ActionItem} from '../result.js';
import {formatShare} from '../../quantities/share.js';
import {action, type FindingContext} from './rule.js';

/** A candidate for why the fault became an impact: backed by the record, to be confirmed or rejected by people. */
export interface Factor {
  readonly what: string;
  readonly actions: readonly ActionItem[];
}

interface LoadFailures {
  readonly impact: LoadImpact;
  readonly target: string;
  readonly count: (pattern: RegExp) => number;
}

/** At least this share of the failures must be of one kind before it is named as a candidate. */
const NOTABLE = 0.2;

type FactorRule = (failures: LoadFailures) => Factor | undefined;

const waiting: FactorRule = ({target, count}) => ({
  what: `${count(/^timeout/)} requests waited until the client gave up: a call towards ${target} may have no time-out of its own that is shorter than the caller's.`,
  actions: [
    action('mitigate', 'P1', `Set a time-out on the calls to ${target} that is shorter than what its callers wait for`),
  ],
});

/** A wait that is this much longer than a usual answer is told as a wait. */
const LONG_MS = 500;
const LONG_FACTOR = 5;

/** An error that comes at once was passed on; one that comes after a long wait was somebody's time-out. */
const answered: FactorRule = failures => {
  const {failedAfterMs, baselineMs} = failures.impact;
  const late = failedAfterMs !== null && failedAfterMs >= Math.max(LONG_MS, (baselineMs ?? 0) * LONG_FACTOR);
  return late ? waitedFor(failures, failedAfterMs) : passedOn(failures);
};

function waitedFor({target, count, impact}: LoadFailures, ms: number): Factor {
  const usual = impact.baselineMs === null ? '' : ` (usual: ${quantity(impact.baselineMs, 'ms')})`;
  return {
    what: `${count(/^status-/)} requests waited for ${quantity(ms, 'ms')} in the median${usual} until they were answered with an error status: a call towards ${target} may have no time-out of its own that is shorter than the one of its callers.`,
    actions: [
      action(
        'mitigate',
        'P1',
        `Set a time-out on the calls to ${target} that is shorter than what its callers wait for`,
      ),
      action(
        'mitigate',
        'P2',
        `Decide what to answer while ${target} is not available, and serve that instead of an error`,
      ),
    ],
  };
}

const passedOn: FactorRule = ({target, count}) => ({
  what: `${count(/^status-/)} requests were answered with an error status: the failure of ${target} may be passed on where a fallback or a cached answer is possible.`,
  actions: [
    action(
      'mitigate',
      'P2',
      `Decide what to answer while ${target} is not available, and serve that instead of an error`,
    ),
  ],
});

const refused: FactorRule = ({target, count}) => ({
  what: `${count(/^(refused|reset|unreachable)/)} connections were refused or reset: nothing else may be there to answer for ${target}.`,
  actions: [
    action(
      'prevent',
      'P2',
      `Check how many replicas of ${target} can serve, and route around one that does not answer`,
    ),
  ],
});

const ofDatabase: FactorRule = ({target, count}) => ({
  what: `${count(/^database/)} requests were answered with an error of the database: it may let nobody in, or whoever asks may have stayed with a server that no longer takes writes.`,
  actions: [
    action(
      'mitigate',
      'P2',
      `Check that clients of ${target} open other connections after such an error, and try again what may be sent twice`,
    ),
  ],
});

const leaderless: FactorRule = ({target, count}) => ({
  what: `${count(/^role/)} requests found no server of the role that takes them: nobody may have taken over for ${target} in time.`,
  actions: [action('mitigate', 'P2', `Check who takes over for ${target}, what decides that, and how long it takes`)],
});

const KINDS: readonly (readonly [RegExp, FactorRule])[] = [
  [/^timeout/, waiting],
  [/^status-/, answered],
  [/^(refused|reset|unreachable)/, refused],
  [/^database/, ofDatabase],
  [/^role/, leaderless],
];

function unsentFactor({facts}: FindingContext, load: string): readonly Factor[] {
  const limit = facts.experiment.load[load]?.maxInFlight;
  const unsent = facts.evidence.loads
    .filter(second => second.load === load)
    .reduce((sum, second) => sum + Math.max(0, second.intended - second.sent), 0);
  if (unsent === 0) return [];
  const what = `${unsent} requests could not be sent because ${limit ?? 'too many'} were waiting for an answer already: callers may pile up on a slow dependency.`;
  return [
    {what, actions: [action('mitigate', 'P2', 'Limit how many requests may wait at once, and shed the rest early')]},
  ];
}

/** The candidates that the record of this run supports, for a metric that deviated. */
export function factorsOf(context: FindingContext, spec: MetricSpec): readonly Factor[] {
  if (spec.source !== 'load') return [];
  const load = loadOf(spec);
  const impact = loadImpacts(context.facts, context.times).find(candidate => candidate.load === load);
  if (impact === undefined) return [];
  const targets = injectedOf(context.facts).flatMap(({planned}) => planned.targets.map(target => target.name));
  const failures: LoadFailures = {
    target: targets.length === 0 ? 'the dependency' : targetNames([...new Set(targets)]),
    count: pattern => impact.outcomes.reduce((sum, [outcome, amount]) => sum + (pattern.test(outcome) ? amount : 0), 0),
    impact,
  };
  const kinds = KINDS.flatMap(([pattern, candidate]) => {
    const notable = impact.failed > 0 && failures.count(pattern) >= impact.failed * NOTABLE;
    const factor = notable ? candidate(failures) : undefined;
    return factor === undefined ? [] : [factor];
  });
  const total = impact.failedShare ?? 0;
  const single =
    total < 0.95
      ? []
      : [
          {
            what: `${formatShare(total)} of the requests failed: every request may depend on ${failures.target}.`,
            actions: [],
          },
        ];
  return [...kinds, ...single, ...unsentFactor(context, load)];
}
