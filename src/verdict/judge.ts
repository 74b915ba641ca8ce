import {formulaOf} from '../experiment/derived.js';
import {isJudgedByChange} from '../experiment/deciding.js';
import type {Evidence} from '../record/evidence.js';
import {placeWords} from '../signals/logs/spec.js';
import {alertResults} from './alerts/alerts.js';
import {checkResults} from './checks.js';
import {brokenWords, conclude, deviatedDuring, notDecidedWords, type Conclusion, type Pieces} from './conclusion.js';
import {dependenciesOf} from './dependencies/dependencies.js';
import {detect} from './detection.js';
import {factsOf, eventsOf, type Facts} from './facts.js';
import {RULES} from './findings/registry.generated.js';
import type {FindingContext} from './findings/rule.js';
import {guardResults} from './guards.js';
import {bannerOf} from './headline.js';
import {impactSentences} from './impact.js';
import {intervalsOf} from './intervals.js';
import {lessonsOf} from './lessons.js';
import {describeLoad, loadResults} from './loads/loads.js';
import {logResults} from './logs/logs.js';
import {metricResults} from './metrics.js';
import {occurrenceResults} from './occurrence-results.js';
import {recoveryFacts} from './recovery-result.js';
import {aftermath, putBackSentence} from './put-back.js';
import type {ActionItem, Finding, MetricResult, Result} from './result.js';
import {tellingDeviation} from './shown.js';
import {timeLimitResults} from './time-limits.js';
import {timelineOf} from './timeline.js';
import {writesResults} from './writes/writes.js';
import {timesResult} from './times/times.js';
import {timesRows} from './times/timeline.js';

/**
 * Which rules made the verdict: `tolerance@1` compares each interval with the tolerances of the file; `deviation@1`
 * does, too, and compares metrics without a tolerance with their baseline, their control group, or block with block (in
 * `@1` by another noise, with "held" proven at 1 %).
 */
function judgeOf({experiment}: Facts): string {
  const byChange = experiment.steadyState.some(isJudgedByChange);
  return byChange ? 'deviation@2' : 'tolerance@1';
}

/**
 * Judges the record of a run: the only way to a result, for live, finished and killed runs alike. Pure and total: what
 * is missing from the evidence is named in `gaps` and never counts as a pass.
 */
export function judge(evidence: Evidence): Result {
  const facts = factsOf(evidence);
  const recovering = recoveryFacts(facts);
  const metrics = metricResults(facts, recovering);
  const pieces = {
    metrics,
    occurrences: occurrenceResults(facts, metrics),
    recovery: recovering.result,
    times: timesResult(facts),
    checks: checkResults(facts),
    timeLimits: timeLimitResults(facts),
    writes: writesResults(facts),
    logs: logResults(facts),
    alerts: alertResults(facts, metrics),
  };
  const {timeLimits, writes, logs, alerts, ...told} = pieces;
  const conclusion = conclude(facts, pieces);
  const context: FindingContext = {
    ...pieces,
    facts,
    recoveryFacts: recovering,
    guards: guardResults(facts),
    verdict: conclusion.verdict,
  };
  const findings = findAll(context);
  const dependencies = dependenciesOf(facts, metrics);
  const detection = detect(facts, pieces);
  const banner = bannerOf(facts, pieces, {conclusion, findings});
  return {
    ...header(facts, conclusion),
    headline: `${banner.label}: ${banner.text}`,
    banner,
    severity: findings[0]?.severity ?? null,
    reasons: reasonsOf(facts, conclusion, pieces),
    impact: impactSentences(facts, pieces.times, metrics.flatMap(changeSentence)),
    detection: detection.sentence,
    ...(detection.detected === undefined ? {} : {detected: detection.detected}),
    targets: targetsOf(facts),
    ...told,
    ...(dependencies === undefined ? {} : {dependencies}),
    ...whereAny({timeLimits, writes, logs, alerts}),
    intervals: intervalsOf(facts),
    loads: loadResults(facts),
    guards: context.guards,
    owed: facts.owed,
    putBack: putBackSentence(aftermath(facts)),
    findings,
    timeline: [...timelineOf(facts), ...timesRows(facts, pieces.times)].sort((a, b) => a.seconds - b.seconds),
    lessons: lessonsOf(context, findings),
    actionItems: actionsOf(findings),
    sources: sourcesOf(facts),
    reproduce: {
      command: facts.started?.command ?? '',
      seed: facts.started?.seed ?? 0,
      file: facts.started?.file.path ?? '',
      sha256: facts.started?.file.sha256 ?? '',
    },
    gaps: facts.gaps,
  };
}

/** What the file asks for; a result without it leaves the field out. */
function whereAny<T extends Readonly<Record<string, readonly unknown[]>>>(lists: T): Partial<T> {
  const some = Object.entries(lists).filter(([, list]) => list.length > 0);
  return Object.fromEntries(some) as Partial<T>;
}

/** All findings, the most severe first; those of the same severity in the order of their rules. */
function findAll(context: FindingContext): readonly Finding[] {
  return RULES.flatMap(rule => rule.find(context)).sort((a, b) => a.severity.localeCompare(b.severity));
}

/** What became of a metric that was proven to change by more than is allowed. */
function changeSentence(metric: MetricResult): readonly string[] {
  if (metric.tolerance !== null || !deviatedDuring(metric)) return [];
  const deviation = tellingDeviation(metric);
  return deviation === undefined ? [] : [deviation.text];
}

type Header = Pick<
  Result,
  | 'version'
  | 'judge'
  | 'run'
  | 'title'
  | 'hypothesis'
  | 'owner'
  | 'tags'
  | 'tool'
  | 'host'
  | 'startedAt'
  | 'endedAt'
  | 'durationSeconds'
  | 'end'
  | 'exit'
  | 'verdict'
  | 'expected'
>;

function header(facts: Facts, {verdict, exit}: Conclusion): Header {
  const {experiment, started, ended, time, startUs, endUs, evidence} = facts;
  return {
    version: 1,
    judge: judgeOf(facts),
    run: evidence.run,
    title: experiment.title,
    hypothesis: experiment.hypothesis ?? null,
    owner: experiment.owner ?? null,
    tags: experiment.tags,
    tool: started?.tool ?? 'unknown',
    host: started?.host ?? 'unknown',
    startedAt: time.iso(startUs),
    endedAt: ended === undefined ? null : time.iso(time.us(ended.at)),
    durationSeconds: time.seconds(endUs),
    end: facts.end,
    exit,
    verdict,
    expected: experiment.expect.verdict,
  };
}

function reasonsOf(facts: Facts, {verdict, deviations, doubts}: Conclusion, pieces: Pieces): readonly string[] {
  if (verdict === null) return [...brokenWords(facts), facts.end.detail];
  const why = verdict === 'held' ? brokenWords(facts) : [...deviations, ...doubts];
  return [...why, ...notDecidedWords(pieces)];
}

function targetsOf({evidence}: Facts): Result['targets'] {
  const resolved = eventsOf(evidence.events, 'targets.resolved').at(-1)?.hit ?? [];
  return resolved.map(({name, driver, kind, object}) => ({name, driver, kind, object}));
}

/** The proposed actions of all findings, each once, the most urgent first. */
function actionsOf(findings: readonly Finding[]): readonly ActionItem[] {
  const unique = new Map(findings.flatMap(finding => finding.actions).map(item => [item.what, item]));
  return [...unique.values()].sort((a, b) => a.priority.localeCompare(b.priority));
}

function sourcesOf({evidence, experiment}: Facts): Result['sources'] {
  const loads = Object.values(experiment.load).map(load => ({
    name: `load ${load.name}`,
    what: `${describeLoad(load)}, open loop, latency from the intended send time (load.ndjson)`,
  }));
  const probes = experiment.steadyState
    .filter(metric => metric.source !== 'load')
    .map(metric => ({
      name: metric.name,
      what: `${formulaOf(metric) ?? `${metric.source} probe`} every ${metric.everyMs / 1000} s (samples.ndjson)`,
    }));
  const logs = (experiment.logs ?? []).map(({name, place}) => ({name: `log ${name}`, what: placeWords(place)}));
  const record = {name: 'record', what: `${evidence.events.length} events in ${evidence.folder} (events.ndjson)`};
  return [record, ...loads, ...probes, ...logs];
}
