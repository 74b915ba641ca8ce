import {createHash} from 'node:crypto';
import type {Experiment} from '../experiment/experiment.js';
import type {AlertResult, ChangeResult, MetricResult, Result} from '../verdict/result.js';
import {shownValues, tellingDeviation} from '../verdict/shown.js';
import type {AlertSummary, MetricSummary, RunSummary} from './summary.js';

/** What a summary is made from; results of earlier versions have it, too. */
export type SummarySource = Omit<Result, 'banner' | 'owed'>;

/** So that a selector that matched a whole cluster keeps the summary small. */
const MOST_TARGETS = 200;

/** The summary of a result; `eventsBytes` is the size of the record that it was judged from. */
export function summaryOf(result: SummarySource, experiment: Experiment, eventsBytes: number): RunSummary {
  const {run, title, startedAt, endedAt, durationSeconds, verdict, exit, headline, severity, recovery} = result;
  return {
    version: 1,
    eventsBytes,
    run,
    title,
    file: result.reproduce.file,
    startedAt,
    endedAt,
    durationSeconds,
    verdict,
    exit,
    end: result.end.kind,
    headline,
    severity,
    targets: [...new Set(result.targets.map(({name}) => name))].slice(0, MOST_TARGETS),
    conditions: conditionsOf(experiment),
    detectedSeconds: result.detected?.seconds ?? null,
    recovery: recovery.state,
    recoverySeconds: recovery.tookSeconds,
    metrics: result.metrics.map(metricSummary),
    findings: result.findings.map(({code, subject, title, severity, metric}) => ({
      code,
      subject: subject ?? metric ?? '',
      title,
      severity,
      metric,
    })),
    alerts: (result.alerts ?? []).filter(({role}) => role === 'expected').map(alertSummary),
  };
}

function alertSummary(alert: AlertResult): AlertSummary {
  const {outcome, verdict, firedSeconds, resolvedSeconds, receiver = null} = alert;
  return {
    alert: alert.alert,
    outcome,
    verdict,
    firedSeconds: firedSeconds?.atMost ?? null,
    resolvedSeconds: resolvedSeconds?.atMost ?? null,
    receiver,
  };
}

/** How a metric changed while the faults were in force; undefined where nothing was compared. */
export function changeOf(metric: MetricResult): ChangeResult | undefined {
  return tellingDeviation(metric)?.change ?? metric.intervals.find(({change}) => change !== undefined)?.change;
}

function metricSummary(metric: MetricResult): MetricSummary {
  const {name, unit, verdict} = metric;
  const change = changeOf(metric);
  const told = change && {of: change.of, estimate: change.estimate, lower: change.lower, upper: change.upper};
  return {name, unit, verdict, during: shownValues(metric).during, change: told ?? null};
}

function conditionsOf({faults, load}: Experiment): string {
  return createHash('sha256').update(JSON.stringify({faults, load})).digest('hex').slice(0, 16);
}
