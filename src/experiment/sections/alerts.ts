import {formatDuration} from '../../quantities/duration.js';
import {isSameAlert, type AlertSelector, type ExpectedAlertSpec} from '../../signals/alerts/spec.js';
import {mappingOf, readFields, type DocumentPart} from '../checking/entry.js';
import type {Experiment, ExpectSpec, WindowsSpec} from '../experiment.js';
import type {Path} from '../problem.js';
import {checkName, type ProblemReport} from '../reading/tree.js';
import {alertFields, type WrittenAlert} from '../schema/alerts.js';
import {built} from '../schema/built.js';
import type {ReadFault} from './faults.js';
import {child, given} from './section.js';

type Sources = Experiment['sources'];

/** Whether the source is one that has alerting rules; reports it when it is not. */
function checkFrom(report: ProblemReport, path: Path, from: string, sources: Sources): boolean {
  const known = Object.keys(sources).filter(name => sources[name]?.prometheus !== undefined);
  return checkName(report, [...path, 'from'], from, {what: 'a Prometheus source', known, section: 'sources'});
}

/** Each alert once in a list: two entries for one would be two answers to one question. */
function checkOnly(report: ProblemReport, path: Path, alert: AlertSelector, before: readonly AlertSelector[]): void {
  if (!before.some(other => isSameAlert(alert, other))) return;
  const message = `expected each alert once; got \`${alert.alert}\` with the same labels again`;
  report.add({path: [...path, 'alert'], code: 'DUPLICATE_NAME', message});
}

function listed<T extends AlertSelector>(
  report: ProblemReport,
  section: string,
  entries: readonly {readonly place: number; readonly spec: T}[],
): readonly T[] {
  const specs = entries.map(({spec}) => spec);
  entries.forEach(({place, spec}, i) => {
    checkOnly(report, ['expect', section, place], spec, specs.slice(0, i));
  });
  return specs;
}

/** What entries about alerts refer to, as far as it could be read. */
interface Known {
  readonly report: ProblemReport;
  readonly sources: Sources;
  readonly faults: readonly ReadFault[];
  readonly windows: WindowsSpec | undefined;
}

/** `expect.alerts`: alerts that must fire; what was wrong is reported and left out. */
function readExpected(written: readonly WrittenAlert[], known: Known): readonly ExpectedAlertSpec[] {
  const {report} = known;
  const entries = written.flatMap(({alert, from, labels, when, within, resolvesWithin, receiver}, place) => {
    const path: Path = ['expect', 'alerts', place];
    if (!checkFrom(report, path, from, known.sources)) return [];
    checkTimes(path, {within, resolvesWithin}, known);
    if (receiver !== undefined && known.sources[from]?.alertmanager === undefined) {
      const message = `expected \`receiver\` only where the source has an \`alertmanager\` address; \`${from}\` has none`;
      report.add({path: [...path, 'receiver'], at: 'key', code: 'CONTRADICTION', message});
    }
    const more = given({resolvesWithinMs: resolvesWithin, receiver});
    const spec = {alert, from, labels, when, withinMs: within, ...more};
    return [{place, spec}];
  });
  return listed(report, 'alerts', entries);
}

/** What is expected later than anybody looks can never be told. */
function checkTimes(
  path: Path,
  {within, resolvesWithin}: Pick<WrittenAlert, 'within' | 'resolvesWithin'>,
  {report, windows, faults}: Known,
): void {
  if (windows === undefined) return;
  const {recoveryMs} = windows;
  const hint = 'make `windows.recovery` longer';
  const shortestMs = Math.min(...faults.map(({spec}) => spec?.forMs ?? Infinity));
  const mostMs = shortestMs + recoveryMs;
  if (within > mostMs) {
    const message = `expected at most ${formatDuration(mostMs)}, the shortest \`for\` of a fault and the recovery window: nobody looks at the alert after that; got ${formatDuration(within)}`;
    report.add({path: [...path, 'within'], code: 'CONTRADICTION', message, hint});
  }
  if (resolvesWithin !== undefined && resolvesWithin > recoveryMs) {
    const message = `expected at most the recovery window (${formatDuration(recoveryMs)}): nobody looks at the alert after it; got ${formatDuration(resolvesWithin)}`;
    report.add({path: [...path, 'resolvesWithin'], code: 'CONTRADICTION', message, hint});
  }
}

/** `expect.forbid`: alerts that must not fire; what was wrong is reported and left out. */
function readForbidden(
  written: readonly AlertSelector[],
  {report, sources}: Known,
  expected: readonly AlertSelector[],
): readonly AlertSelector[] {
  const entries = written.flatMap(({alert, from, labels}, place) => {
    const path: Path = ['expect', 'forbid', place];
    const spec = {alert, from, labels};
    if (!checkFrom(report, path, from, sources)) return [];
    if (expected.some(other => isSameAlert(spec, other))) {
      const message = `expected an alert that is not in \`expect.alerts\`; \`${alert}\` must fire there`;
      report.add({path: [...path, 'alert'], code: 'CONTRADICTION', message});
    }
    return [{place, spec}];
  });
  return listed(report, 'forbid', entries);
}

/**
 * `expect.alerts`, `expect.forbid` and the entries of `guards` that are on alerts, each as the parts of the experiment
 * that they become: left out where there are none.
 */
export function readAlerts(
  {
    alerts = [],
    forbid = [],
  }: {readonly alerts?: readonly WrittenAlert[] | undefined; readonly forbid?: readonly AlertSelector[] | undefined},
  guards: readonly DocumentPart[],
  known: Known,
): {readonly guards: Pick<Experiment, 'alertGuards'>; readonly expect: Pick<ExpectSpec, 'alerts' | 'forbid'>} {
  const expected = readExpected(alerts, known);
  const forbidden = readForbidden(forbid, known, expected);
  const onAlerts = guards.filter(part => child(part, 'alert').value !== undefined);
  const alertGuards = onAlerts.flatMap(part => readGuard(part, known.sources) ?? []);
  return {
    guards: alertGuards.length === 0 ? {} : {alertGuards},
    expect: {
      ...(expected.length === 0 ? {} : {alerts: expected}),
      ...(forbidden.length === 0 ? {} : {forbid: forbidden}),
    },
  };
}

function readGuard(part: DocumentPart, sources: Sources): AlertSelector | undefined {
  if (mappingOf(part) === undefined) return undefined;
  const {report, path} = part;
  // The keys of a guard on a metric are told with it, so that none of them is taken for a misspelt one.
  const other = ['metric', 'above', 'below', 'for'];
  for (const key of other) {
    if (child(part, key).value === undefined) continue;
    const message = `expected \`${key}\` only beside \`metric\`: a guard on an alert stops the run as soon as it fires`;
    report.add({path: [...path, key], at: 'key', code: 'CONTRADICTION', message});
  }
  const {alert, from, labels = {}} = readFields(built(alertFields), part, other);
  if (alert === undefined || from === undefined || !checkFrom(report, path, from, sources)) return undefined;
  return {alert, from, labels};
}
