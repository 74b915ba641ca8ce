import type {Unit} from '../quantities/unit.js';
import type {ChangeResult, Result, Severity, Verdict} from '../verdict/result.js';

/** How a metric did in one run, in the few figures that many runs are compared by. */
export interface MetricSummary {
  readonly name: string;
  readonly unit: Unit;
  readonly verdict: Verdict | null;
  readonly during: number | null;
  readonly change: Pick<ChangeResult, 'of' | 'estimate' | 'lower' | 'upper'> | null;
}

/** What a run showed of an alert that its file expects: the labels that it asks for are part of the name. */
export interface AlertSummary {
  readonly alert: string;
  readonly outcome: string;
  readonly verdict: Verdict | null;
  /** At most so long after the injection it fired, and after its end it was over; s. */
  readonly firedSeconds: number | null;
  readonly resolvedSeconds: number | null;
  readonly receiver: string | null;
}

/** A finding in the few words that it is known by over many runs. */
export interface FindingSummary {
  readonly code: string;
  readonly subject: string;
  readonly title: string;
  readonly severity: Severity;
  readonly metric: string | null;
}

/**
 * A run in small (`summary.json` beside its result), so that thousands are read at once. It is made from the record and
 * can be made again; what is decided about a run is decided from its record.
 */
export interface RunSummary {
  readonly version: 1;
  /** How long the record of events was when this was made: after more was written the summary is made again. */
  readonly eventsBytes: number;
  readonly run: string;
  readonly title: string;
  readonly file: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly durationSeconds: number;
  readonly verdict: Verdict | null;
  readonly exit: number;
  readonly end: string;
  readonly headline: string;
  readonly severity: Severity | null;
  /** Names of the targets that were selected. */
  readonly targets: readonly string[];
  /** A digest of the faults and loads: runs with the same one could have found the same. */
  readonly conditions: string;
  /** Seconds after the injection. */
  readonly detectedSeconds: number | null;
  readonly recovery: Result['recovery']['state'];
  readonly recoverySeconds: readonly [number, number] | null;
  readonly metrics: readonly MetricSummary[];
  readonly findings: readonly FindingSummary[];
  /** Those that the file expects. */
  readonly alerts: readonly AlertSummary[];
}

/** One run as a list shows it; what is not known of it is undefined. */
export interface ListedRun {
  readonly run: string;
  readonly folder: string;
  readonly startedAt: string | undefined;
  readonly title: string | undefined;
  readonly file: string | undefined;
  readonly targets: readonly string[];
  /** Missing while the run lives, and where it was killed before anybody judged it. */
  readonly summary: RunSummary | undefined;
}

/** The form of a value: what `typeof` says (`?`: or null), a list of such, or an object with such fields. */
type Form = 'string' | 'number' | 'string?' | 'number?' | 'pair?' | readonly [Form] | {readonly [field: string]: Form};

const METRIC = {name: 'string', unit: 'string', verdict: 'string?', during: 'number?'} as const;
const FINDING = {code: 'string', subject: 'string', title: 'string', severity: 'string', metric: 'string?'} as const;
const ALERT = {
  alert: 'string',
  outcome: 'string',
  verdict: 'string?',
  firedSeconds: 'number?',
  resolvedSeconds: 'number?',
  receiver: 'string?',
} as const;
const CHANGE = {of: 'string', estimate: 'number?', lower: 'number?', upper: 'number?'} as const;
const SUMMARY = {
  eventsBytes: 'number',
  run: 'string',
  title: 'string',
  file: 'string',
  startedAt: 'string',
  endedAt: 'string?',
  durationSeconds: 'number',
  verdict: 'string?',
  exit: 'number',
  end: 'string',
  headline: 'string',
  severity: 'string?',
  targets: ['string'],
  conditions: 'string',
  detectedSeconds: 'number?',
  recovery: 'string',
  recoverySeconds: 'pair?',
  metrics: [METRIC],
  findings: [FINDING],
  alerts: [ALERT],
} as const;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasForm(value: unknown, form: Form): boolean {
  if (form === 'pair?')
    return value === null || (Array.isArray(value) && value.length === 2 && hasForm(value, ['number']));
  if (typeof form === 'string') {
    if (form.endsWith('?') && value === null) return true;
    return typeof value === form.replace('?', '') && (typeof value !== 'number' || Number.isFinite(value));
  }
  if (form instanceof Array) return Array.isArray(value) && value.every(one => hasForm(one, form[0]));
  return isObject(value) && Object.entries(form).every(([field, own]) => hasForm(value[field], own));
}

function isSummary(value: unknown): value is RunSummary {
  if (!isObject(value) || value['version'] !== 1 || !hasForm(value, SUMMARY)) return false;
  const metrics = value['metrics'] as readonly Record<string, unknown>[];
  return metrics.every(({change}) => change === null || hasForm(change, CHANGE));
}

/**
 * A summary as it was written; undefined for anything else. By hand and not by a schema: a list of ten thousand runs
 * must not wait for one to be loaded and built.
 */
export function parseSummary(text: string): RunSummary | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isSummary(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
