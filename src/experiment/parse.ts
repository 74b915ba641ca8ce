import {built} from './schema/built.js';
import {listAt, readFields} from './checking/entry.js';
import {experimentKeysAt, SECTIONS, whatElse} from './checking/keys-at.js';
import {decidesByDeviation} from './deciding.js';
import type {Experiment, LoadSpec, MetricSpec, TargetSpec, WindowsSpec} from './experiment.js';
import {namedRequests} from '../signals/load/spec.js';
import type {Path, Problem} from './problem.js';
import {checkCertificates, type CheckPem} from './sections/certificates.js';
import type {ReadCsvFile} from './sections/csv.js';
import {checkCapacity} from './sections/capacity.js';
import {checkFaults, checkLoadReferences, checkSettling, checkSource, type DeclaredNames} from './references.js';
import {withIncludes, type ReadInclude} from './reading/include.js';
import {decode, position} from './reading/source.js';
import {isMapping, nearestPlace, reportOn, type ProblemReport, type Tree} from './reading/tree.js';
import {readYaml} from './reading/yaml.js';
import {headFields} from './schema/head.js';
import {expectOf, readExpect, readGuard, type ReadChecks} from './sections/expectations.js';
import {readAlerts} from './sections/alerts.js';
import {readAround} from './sections/around.js';
import {readTimeLimits} from './sections/time-limits.js';
import {readWrites} from './sections/writes.js';
import {checkInjections, readFault, type ReadFault} from './sections/faults.js';
import {checkDesign, checkPast, controlled, switchbackOf, objectiveOf, type ReadHead} from './sections/design.js';
import {checkGuardTimes, checkLimits, type WrittenLimits} from './sections/limits.js';
import {readLoad} from './sections/load.js';
import {readLogs} from './sections/logs.js';
import {readMetrics, type ReadMetric} from './sections/metrics.js';
import {child, given, namedEntries} from './sections/section.js';
import {readTarget} from './sections/targets.js';
import {withTraffic} from './sections/traffic.js';
import {checkWindows, type WrittenTimes} from './sections/windows.js';
import {substitute} from './substitute.js';
import {suggestion} from './suggest.js';

export interface ParseInput {
  /** As it is to be named in problems. */
  readonly file: string;
  /** The file's bytes, or text that is known to be text. */
  readonly content: string | Uint8Array;
  /** Reads a file that `include` names. */
  readonly readInclude?: ReadInclude;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Looks at files of certificates that the file names; without it they are not looked at. */
  readonly checkPem?: CheckPem;
  /** Looks into files of rows that loads name; without it they are not looked at. */
  readonly readCsv?: ReadCsvFile;
  /** Wins over `windows.goOn` of the file, ms. */
  readonly goOnMs?: number | undefined;
  /** From `--var name=value`. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type ParsedExperiment =
  | {
      readonly experiment: Experiment;
      readonly problems: readonly [];
      /** Where a part of the document stands (or the nearest that exists), for messages and annotations later on. */
      readonly locate: (path: Path) => Location;
    }
  | {readonly experiment?: undefined; readonly problems: readonly Problem[]};

/**
 * Reads an experiment file: every problem at once with its place, or the experiment with defaults filled in. Pure: what
 * it needs from outside is given. Never throws for what is in the file.
 */
export function parseExperiment(input: ParseInput): ParsedExperiment {
  const problems: Problem[] = [];
  const source = decode(input.file, input.content);
  if ('code' in source) return {problems: [source]};
  const own = readYaml(source, problems);
  if (own === undefined) return {problems: inOrder(problems)};
  const tree = withIncludes(own, input.readInclude, {report: reportOn(own, problems), problems});
  const report = reportOn(tree, problems, experimentKeysAt);
  const other = whatElse(tree.value);
  if (other !== undefined) {
    report.add({path: [], code: 'WRONG_TYPE', ...other});
    return {problems};
  }
  const value = substituted(tree, input, report);
  const draft = readDocument(report, value, input);
  if (draft !== undefined && input.checkPem !== undefined) checkCertificates(report, draft, input.checkPem);
  if (problems.length > 0 || draft === undefined) return {problems: inOrder(problems)};
  return {experiment: draft, problems: [], locate: path => locate(tree, path)};
}

function locate(tree: Tree, path: Path): Location {
  const {place} = nearestPlace(tree, path);
  if (place === undefined) return {file: '', line: 1, column: 1};
  return {file: place.source.file, ...position(place.source, (place.key ?? place.value)[0])};
}

/** Main file first, then by line: problems of included files come after. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const files = [...new Set(problems.map(problem => problem.file))];
  return [...problems].sort(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}

function substituted(tree: Tree, input: ParseInput, report: ProblemReport): unknown {
  const declared = isMapping(tree.value) && isMapping(tree.value['variables']) ? tree.value['variables'] : {};
  const overrides = input.variables ?? {};
  for (const name of Object.keys(overrides)) {
    if (Object.hasOwn(declared, name)) continue;
    const hint = suggestion(name, Object.keys(declared)) ?? 'declare it under `variables`';
    const message = `expected \`--var\` with a variable that the file declares; got \`${name}\``;
    report.add({path: ['variables'], at: 'key', code: 'UNKNOWN_REFERENCE', message, hint});
  }
  return substitute(tree, {environment: input.environment, declared, overrides}, report);
}

/** With the limit of the command line, where there is one. */
function goingOn(head: ReadHead, goOnMs: number | undefined): ReadHead {
  if (goOnMs === undefined || head.windows === undefined) return head;
  return {...head, windows: {...head.windows, goOn: goOnMs}};
}

/** Reads all sections, whatever is wrong with the others; undefined when something was. */
function readDocument(report: ProblemReport, value: unknown, input: ParseInput): Experiment | undefined {
  const root = {report, path: [], value};
  const head = goingOn(readFields(built(headFields), root, SECTIONS), input.goOnMs);
  const entries = (section: string) => namedEntries(report, [section], child(root, section).value);
  const items = (...path: string[]) => {
    const list = child(root, ...path);
    return listAt(list).map((_, i) => child(list, i));
  };
  const targets = entries('targets').flatMap(part => readTarget(part.name, part) ?? []);
  const load = entries('load').flatMap(part => readLoad(part.name, part, input.readCsv) ?? []);
  const metrics = readMetrics(entries('steadyState'), load);
  const switchback = switchbackOf(head);
  const faults = items('faults').map(part => readFault(part, targets, switchback));
  const readGuards = items('guards').map(part => ({path: part.path, spec: readGuard(part, metrics)}));
  const expect = readExpect(report, child(root, 'expect').value, items('expect', 'checks'));
  const names = namesOf(value, head, load);
  checkReferences(report, value, {targets, metrics, faults, checks: expect.checks, names, load, guards: readGuards});
  const own = withTraffic(report, head, {metrics: specsOf(metrics), hasLoad: names.loads.length > 0});
  const objective = objectiveOf(report, head, own);
  const timed = {metrics: own, load, faults, switchback, guards: readGuards};
  const windows = readWindows(report, head, {expect, times: timed});
  const around = {...readAround(report, head), ...notified(head)};
  const times = readTimeLimits(report, expect.read.times ?? [], {metrics, faults, windows});
  const writes = readWrites(report, expect.read.writes ?? [], {names: names.loads, load});
  const alerts = readAlerts(expect.read, items('guards'), {report, sources: names.sources, faults, windows});
  const logs = readLogs(report, head.logs ?? {}, {names: names.targets, targets});
  const steadyState = controlled(report, head, {metrics: own, faults, targets: names.targets});
  checkLimits(report, {metrics: own, load, guards: readGuards, checks: expect.checks});
  const {version, title, tags, safety} = head;
  if (
    version === undefined ||
    title === undefined ||
    tags === undefined ||
    safety === undefined ||
    windows === undefined
  ) {
    return undefined;
  }
  return {
    version,
    title,
    ...given({hypothesis: head.hypothesis, owner: head.owner}),
    tags,
    sources: names.sources,
    targets: Object.fromEntries(targets.map(target => [target.name, target])),
    load: Object.fromEntries(load.map(spec => [spec.name, spec])),
    steadyState,
    ...(logs.length === 0 ? {} : {logs}),
    ...given({minimumTraffic: head.minimumTraffic, objective, switchback}),
    ...(head.control === undefined ? {} : {control: {targets: head.control.targets}}),
    ...around,
    windows,
    faults: faults.flatMap(fault => fault.spec ?? []),
    guards: readGuards.flatMap(({spec}) => spec ?? []),
    ...alerts.guards,
    expect: {...expectOf(expect, windows, {times, writes}), ...alerts.expect},
    safety,
  };
}

function notified({notify = []}: ReadHead): Pick<Experiment, 'notify'> {
  return notify.length === 0 ? {} : {notify};
}

function namesOf(value: unknown, {sources}: ReadHead, load: readonly LoadSpec[]): DeclaredNames {
  return {
    targets: Object.keys(mappingAt(value, 'targets')),
    loads: Object.keys(mappingAt(value, 'load')),
    logs: Object.keys(mappingAt(value, 'logs')),
    requests: Object.fromEntries(load.map(spec => [spec.name, namedRequests(spec)])),
    sources: sources === undefined ? {} : sourcesOf(sources),
  };
}

/** The windows, and whether the times of the file can answer what it asks. */
function readWindows(
  report: ProblemReport,
  head: ReadHead,
  known: {
    expect: ReturnType<typeof readExpect>;
    times: Omit<WrittenTimes & Pick<WrittenLimits, 'guards'>, 'windows' | 'withinMs'>;
  },
): WindowsSpec | undefined {
  const {expect, times} = known;
  checkDesign(report, times.switchback, times);
  const windows = windowsOf(head, {expect, deciding: times.metrics.some(decidesByDeviation)}, report);
  if (windows === undefined) return undefined;
  checkPast(report, windows, times.metrics);
  checkGuardTimes(report, times.guards, {...times, windows});
  checkWindows(report, {...times, windows, withinMs: expect.read.recovery?.within ?? windows.recoveryMs});
  return windows;
}

function specsOf(metrics: readonly ReadMetric[]): readonly MetricSpec[] {
  return metrics.flatMap(({spec}) => spec ?? []);
}

function mappingAt(value: unknown, key: string): Readonly<Record<string, unknown>> {
  const section = isMapping(value) ? value[key] : undefined;
  return isMapping(section) ? section : {};
}

function sourcesOf(sources: NonNullable<ReadHead['sources']>): Experiment['sources'] {
  return Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, given(source)]));
}

/** Where nothing is said. A change against the baseline needs more values than a tolerance to be proven. */
const BASELINE_MS = 30_000;
const DEVIATION_BASELINE_MS = 120_000;

function windowsOf(
  {windows}: ReadHead,
  {expect, deciding}: {expect: ReturnType<typeof readExpect>; deciding: boolean},
  report: ProblemReport,
): WindowsSpec | undefined {
  if (windows === undefined) return undefined;
  const {warmup: warmupMs, recovery: recoveryMs, baseline = deciding ? DEVIATION_BASELINE_MS : BASELINE_MS} = windows;
  const {recovery} = expect.read;
  if (recovery !== undefined && recovery.within > recoveryMs) {
    const message = 'expected at most the recovery window: nothing is measured after it';
    report.add({
      path: ['expect', 'recovery', 'within'],
      code: 'CONTRADICTION',
      message,
      hint: 'make `windows.recovery` longer',
    });
  }
  const rest = {recoveryMs, ...given({goOnMs: windows.goOn})};
  return typeof baseline === 'number'
    ? {warmupMs, baselineMs: baseline, ...rest}
    : {warmupMs, baselineMs: 0, lookBackMs: baseline.lookBack, ...rest};
}

interface Sections {
  readonly targets: readonly TargetSpec[];
  readonly metrics: readonly ReadMetric[];
  readonly faults: readonly ReadFault[];
  readonly checks: ReadChecks;
  readonly names: DeclaredNames;
  readonly load: readonly LoadSpec[];
  readonly guards: WrittenLimits['guards'];
}

function checkReferences(report: ProblemReport, value: unknown, sections: Sections): void {
  const {targets, metrics, faults, checks, names, load, guards} = sections;
  checkCapacity(report, {metrics: specsOf(metrics), load, guards});
  for (const {name, spec} of metrics) if (spec !== undefined) checkSource(report, ['steadyState', name], spec, names);
  for (const {path, spec} of checks) if (spec !== undefined) checkSource(report, path, spec, names);
  checkLoadReferences(report, value, [], names.loads);
  checkInjections(report, faults);
  checkFaults(report, faults, targets, names);
  checkSettling(report, metrics, faults);
  if (faults.length === 0 && !report.has(['faults'])) {
    report.add({
      path: ['faults'],
      at: 'key',
      code: 'MISSING',
      message: 'expected `faults`: at least one fault; there is none',
    });
  }
  const judged = metrics.some(({spec}) => spec === undefined || spec.judge.length > 0);
  if (judged || report.has(['steadyState'])) return;
  const hint = 'give a metric of `steadyState` a `tolerance`';
  report.add({
    path: ['steadyState'],
    at: 'key',
    code: 'NOTHING_JUDGED',
    message: 'expected a metric that is judged; nothing would be judged',
    hint,
  });
}
