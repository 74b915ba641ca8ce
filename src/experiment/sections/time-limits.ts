import {formatDuration} from '../../quantities/duration.js';
import {appliesIn} from '../deciding.js';
import type {MetricSpec, TimeLimitSpec, WindowsSpec} from '../experiment.js';
import {STABLE_MS} from '../least.js';
import type {Path} from '../problem.js';
import {checkName, checkOnce, type ProblemReport} from '../reading/tree.js';
import type {WrittenTimeLimit} from '../schema/head.js';
import type {ReadFault} from './faults.js';
import type {ReadMetric} from './metrics.js';

/** What limits of times refer to, as far as it could be read. */
interface Declared {
  readonly metrics: readonly ReadMetric[];
  readonly faults: readonly ReadFault[];
  readonly windows: WindowsSpec | undefined;
}

/** `expect.times`: each with what it refers to; what was wrong is reported and left out. */
export function readTimeLimits(
  report: ProblemReport,
  written: readonly WrittenTimeLimit[],
  declared: Declared,
): readonly TimeLimitSpec[] {
  const seen = new Set<string>();
  return written.flatMap((limit, i) => {
    const path: Path = ['expect', 'times', i];
    checkOnce(report, [...path, 'name'], limit.name, seen);
    return readTimeLimit(report, path, limit, declared) ?? [];
  });
}

function readTimeLimit(
  report: ProblemReport,
  path: Path,
  {name, metric, fault, within, outFor, undoneWithin, from = 'undo'}: WrittenTimeLimit,
  declared: Declared,
): TimeLimitSpec | undefined {
  if (undoneWithin !== undefined && fault !== undefined) {
    const known = declared.faults.flatMap(({fields}) => fields.name ?? []);
    const names = {what: 'a fault', known, section: 'faults'};
    return checkName(report, [...path, 'fault'], fault, names)
      ? {name, of: 'undo', fault, limitMs: undoneWithin}
      : undefined;
  }
  if (metric === undefined) return undefined;
  const names = {what: 'a metric', known: declared.metrics.map(one => one.name), section: 'steadyState'};
  if (!checkName(report, [...path, 'metric'], metric, names)) return undefined;
  const spec = declared.metrics.find(one => one.name === metric)?.spec;
  if (spec !== undefined) {
    const longestMs = Math.max(0, ...declared.faults.map(({spec: fault}) => fault?.forMs ?? Infinity));
    checkMetric(report, path, {spec, within, from, windows: declared.windows, longestMs});
  }
  if (outFor !== undefined) return {name, of: 'outside', metric, limitMs: outFor};
  return within === undefined ? undefined : {name, of: 'inside', metric, from, limitMs: within};
}

/** Whether the metric can be seen inside its tolerance in the time that counts. */
function checkMetric(
  report: ProblemReport,
  path: Path,
  {
    spec,
    within,
    from,
    windows,
    longestMs,
  }: {
    spec: MetricSpec;
    within: number | undefined;
    from: 'injection' | 'undo';
    windows: WindowsSpec | undefined;
    longestMs: number;
  },
): void {
  const {name, tolerance, judge} = spec;
  const at = [...path, 'metric'];
  if (tolerance === undefined) {
    const message = `expected a metric with a \`tolerance\`: \`${name}\` has none, so that nothing says when it is inside`;
    report.add({path: at, code: 'CONTRADICTION', message});
    return;
  }
  if (!appliesIn(spec, 'fault') && !appliesIn(spec, 'recovery')) {
    const message = `expected a tolerance that applies from the injection on: that of \`${name}\` does before it only`;
    report.add({path: at, code: 'CONTRADICTION', message, hint: 'add `fault` or `recovery` to its `during`'});
    return;
  }
  if (within === undefined) return;
  if (from === 'injection') {
    checkInFault(report, path, {spec, within, longestMs});
    return;
  }
  if (!judge.includes('recovery') || !appliesIn(spec, 'recovery')) {
    const message = `expected a metric that is judged in the recovery: nothing waits for \`${name}\` after the undo`;
    report.add({path: at, code: 'CONTRADICTION', message, hint: 'or `from: injection`'});
    return;
  }
  if (windows === undefined || within <= windows.recoveryMs) return;
  const message = `expected at most the recovery window (${formatDuration(windows.recoveryMs)}): nothing is measured after it`;
  report.add({path: [...path, 'within'], code: 'CONTRADICTION', message, hint: 'make `windows.recovery` longer'});
}

/** What must be so only while a fault is in force is seen to stay so no longer than that. */
function checkInFault(
  report: ProblemReport,
  path: Path,
  {spec, within, longestMs}: {spec: MetricSpec; within: number; longestMs: number},
): void {
  const needMs = within + STABLE_MS;
  if (appliesIn(spec, 'recovery') || longestMs >= needMs) return;
  const message = `expected a fault that lasts at least ${formatDuration(needMs)}: \`${spec.name}\` has to be inside its tolerance for ${formatDuration(STABLE_MS)} while it does; the longest \`for\` is ${formatDuration(longestMs)}`;
  report.add({path: [...path, 'within'], code: 'TOO_SHORT', message});
}
