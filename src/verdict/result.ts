import type * as z from 'zod';
import type {Json} from '../quantities/json.js';
import type {Debt} from '../targets/contract.js';
import type {resultSchema} from './result-schema.js';

export type {Verdict} from '../statistics/decisions/verdict.js';

/** Read-only at every depth; `Json` is so already, and has no end to go down to. */
type Frozen<T> = Json extends T ? T : T extends object ? {readonly [K in keyof T]: Frozen<T[K]>} : T;

type ParsedResult = Frozen<z.infer<ReturnType<typeof resultSchema>>>;

/**
 * The versioned result of a run: every report format is a function of this and nothing else. Times are seconds since
 * the run's start unless they are ISO strings. It is what its schema says, but for two fields: results of earlier
 * versions have no banner, and the schema leaves to the driver what else is in a debt.
 */
export type Result = Omit<ParsedResult, 'banner' | 'owed'> & {readonly banner: Banner; readonly owed: readonly Debt[]};

export type Banner = NonNullable<ParsedResult['banner']>;
export type Interval = ParsedResult['intervals'][number];
export type OccurrenceResult = ParsedResult['occurrences'][number];
export type ActiveWindow = OccurrenceResult['windows'][number];
export type MetricResult = ParsedResult['metrics'][number];
export type MetricInterval = MetricResult['intervals'][number];
/** What a metric did in one window. */
export type WindowJudgement = Pick<
  MetricInterval,
  'value' | 'min' | 'max' | 'samples' | 'missing' | 'withinTolerance' | 'verdict' | 'why' | 'outside'
> & {
  /** The subject that decided, where the metric has several. */
  readonly subject?: string;
};
/** What a window says about the tolerance. */
export type WindowDecision = Pick<WindowJudgement, 'withinTolerance' | 'verdict' | 'why'>;
export type OutsideValues = NonNullable<MetricInterval['outside']>;
export type SettlingResult = NonNullable<MetricInterval['settling']>;
export type ChangeResult = NonNullable<MetricInterval['change']>;
export type AvailabilityResult = NonNullable<MetricInterval['availability']>;
export type DeviationResult = NonNullable<MetricInterval['deviation']>;
export type BackToBaselineResult = NonNullable<MetricInterval['backToBaseline']>;
export type RecoveryResult = ParsedResult['recovery'];
export type AlreadyBack = NonNullable<RecoveryResult['already']>;
export type TimesResult = ParsedResult['times'];
export type MetricTimes = TimesResult['metrics'][number];
export type RecoveryInterval = MetricTimes['recoveries'][number];
export type AreaResult = NonNullable<MetricTimes['area']>;
export type Estimate = AreaResult['absolute'];
export type LoadLosses = TimesResult['loads'][number];
export type BudgetResult = NonNullable<TimesResult['budget']>;
export type LoadResult = ParsedResult['loads'][number];
export type CheckResult = ParsedResult['checks'][number];
export type TimeLimitResult = NonNullable<ParsedResult['timeLimits']>[number];
export type AlertResult = NonNullable<ParsedResult['alerts']>[number];
export type WritesResult = NonNullable<ParsedResult['writes']>[number];
export type WritesFound = NonNullable<WritesResult['lost']>;
export type DependenciesResult = NonNullable<ParsedResult['dependencies']>;
export type SeenDependency = DependenciesResult['seen'][number];
export type ProvenDependency = DependenciesResult['proven'][number];
export type LogResult = NonNullable<ParsedResult['logs']>[number];
export type GuardResult = ParsedResult['guards'][number];
export type Finding = ParsedResult['findings'][number];
export type Severity = Finding['severity'];
export type ActionItem = ParsedResult['actionItems'][number];
export type TimelineRow = ParsedResult['timeline'][number];
