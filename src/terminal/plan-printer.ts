import type {ChalkInstance} from 'chalk';
import {describeTimeline} from '../experiment/timeline.js';
import {formatDuration} from '../quantities/duration.js';
import type {JsonObject} from '../quantities/json.js';
import {placeName} from '../notifiers/spec.js';
import {controlRefs} from '../plan/control.js';
import {mostHit, presentTargets, type Plan} from '../plan/plan.js';
import type {PlannedMeasure} from '../plan/measures.js';
import type {PlannedFault} from '../plan/planned-fault.js';
import type {ResolvedTarget} from '../plan/resolve.js';
import {isFree} from '../plan/selection.js';
import {errorJson, type ErrorJson} from './error-printer.js';
import {allowedOf, conditionWords} from './experiment-printer.js';
import {targetNames} from '../verdict/phrase.js';
import {blockLines} from './block-lines.js';
import {aroundJson, cleanupLines, preparationLines} from './planned-around.js';
import {changeJson, changeLines} from './planned-changes.js';
import {commandWords, expectationRows, expectationsJson} from './planned-expectations.js';
import {
  exampleLines,
  guardRows,
  guardsJson,
  logRows,
  plannedTraffic,
  trafficRows,
  type PlannedTraffic,
} from './planned-traffic.js';
import {foldRepeats, sayAgain} from './repeats.js';
import {cut, plural, table} from './text.js';

/** What a person approves: the digest and the seed of the draw, so that `run --approved` draws the same targets. */
export function approvalOf(plan: Pick<Plan, 'digest' | 'seed'>): string {
  return `${plan.digest}-${plan.seed.toString(36)}`;
}

/** The seed in an approval; undefined when it is none. */
export function seedOfApproval(approval: string): number | undefined {
  const seed = /^[0-9a-f]{16}-([0-9a-z]{1,7})$/.exec(approval)?.[1];
  return seed === undefined ? undefined : Number.parseInt(seed, 36);
}

/** How a target that Firedrill starts itself will be started. */
function launchOf({spec}: ResolvedTarget): string {
  const {start} = spec.selector;
  return Array.isArray(start) ? start.join(' ') : '';
}

/** More than this many are folded: `--json` names them all, and the digest covers them. */
const MOST_SHOWN = 10;

function folded<T>(all: readonly T[], tell: (one: T) => string[]): string[] {
  const more = all.length - MOST_SHOWN;
  const shown = all.slice(0, MOST_SHOWN).flatMap(tell);
  return more <= 0 ? shown : [...shown, `    … and ${more} more (--json names them all)`];
}

function targetLines([name, target]: readonly [string, ResolvedTarget], style: ChalkInstance): string[] {
  if (target.provision) return [`  ${name}: started and stopped by Firedrill: ${launchOf(target)}`];
  const {hit, among, candidates, seed, spec} = target;
  const free = candidates.filter(isFree).length;
  const drawn = free > hit.length ? `, drawn with seed ${seed}` : '';
  const head = `  ${name}: ${hit.length} of ${plural(free, 'candidate')}${drawn} (${spec.driver})`;
  return [
    head,
    ...folded(hit, ({ref, status, details}) => {
      const what = [`${ref.kind} ${whichOf(ref.object, details)}`, status].join(', ');
      return [`    ${style.bold(ref.name)} ${style.dim(what)}`];
    }),
    ...(among === undefined
      ? []
      : [`    decided at each injection, among ${targetNames(among.map(({ref}) => ref.name))}`]),
  ];
}

/** How a person finds the object again: the pid and the command line of a process, else the beginning of its id. */
function whichOf(object: string, {pid, command}: JsonObject): string {
  if (typeof pid !== 'number') return object.slice(0, 24);
  return typeof command === 'string' ? `pid ${pid} (${cut(command, 60)})` : `pid ${pid}`;
}

function faultLines(planned: PlannedFault, style: ChalkInstance): string[] {
  const {occurrence, startMs, endMs, byTarget, changes} = planned;
  const span = `+${formatDuration(startMs)} to +${formatDuration(endMs)}`;
  const now = presentTargets(planned);
  const open = byTarget.some(({target}) => target.among !== undefined) ? ' (as it is now)' : '';
  const on = now.length === 0 ? 'this machine' : `${targetNames(now.map(({name}) => name))}${open}`;
  const head = `  ${style.bold(occurrence.label)} (${occurrence.fault.fault}) on ${on}, ${span}${conditionWords(occurrence.fault)}`;
  return [head, ...folded(changes, ({change}) => changeLines(change, style))];
}

/** The repeats of a fault; where each draws its targets anew, all that any of them hits. */
function repeatsLine(again: readonly PlannedFault[]): string {
  const isDrawn = again[0]?.occurrence.fault.repeat?.targets === 'redraw';
  const names = new Set(again.flatMap(({hit}) => hit.map(({ref}) => ref.name)));
  const on = isDrawn ? `, on targets that are drawn anew: ${[...names].join(', ')}` : ' on the same targets';
  return `    … ${sayAgain(again)}${on} (--json names them all)`;
}

/** All injections; of a switchback the first on block, which stands for all, and the order of the blocks. */
function injectionLines({experiment, occurrences}: Plan, style: ChalkInstance): string[] {
  const {switchback} = experiment;
  if (switchback === undefined)
    return foldRepeats(occurrences).flatMap(shown =>
      'again' in shown ? [repeatsLine(shown.again)] : faultLines(shown.row, style),
    );
  const one = occurrences
    .slice(0, 1)
    .map(fault => ({...fault, occurrence: {...fault.occurrence, label: fault.occurrence.fault.name}}));
  return [...one.flatMap(fault => faultLines(fault, style)), ...blockLines(switchback)];
}

/** What is compared with and never hit. */
function controlLines({experiment, targets}: Plan): string[] {
  const names = controlRefs(experiment, targets).map(({name}) => name);
  return names.length === 0 ? [] : [`  compared with: ${targetNames(names)} (never hit)`];
}

function measureRow({metric, answers, says}: PlannedMeasure, plan: Plan): string[] {
  const spec = plan.experiment.steadyState.find(({name}) => name === metric);
  if (spec === undefined) return [`  ${metric}`, '', says];
  return [`  ${metric}`, allowedOf(spec), answers === false ? `no answer: ${says}` : says, commandWords(spec)];
}

function windowRows(plan: Plan): string[][] {
  const {warmupMs, baselineMs, lookBackMs, recoveryMs} = plan.experiment.windows;
  const {faultsMs} = describeTimeline(plan.experiment);
  const {goOnMs} = plan.experiment.windows;
  const limit = goOnMs === undefined ? '' : `, up to ${formatDuration(goOnMs)} while a metric is open`;
  return [
    ['  warm-up', formatDuration(warmupMs)],
    [
      '  baseline',
      lookBackMs === undefined
        ? `${formatDuration(baselineMs)}${limit}`
        : `the last ${formatDuration(lookBackMs)}, from Prometheus`,
    ],
    ['  faults', `${formatDuration(faultsMs)}${limit}`],
    ['  recovery', `up to ${formatDuration(recoveryMs)}`],
    ['  in all', `up to ${formatDuration(plan.totalMs)}`],
  ];
}

/**
 * The plan for people: exact targets, every change with its undo and who holds its deadline, the timeline, the digest.
 */
export function planLines(plan: Plan, style: ChalkInstance, measures: readonly PlannedMeasure[] = []): string[] {
  const {safety} = plan.experiment;
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [style.bold.underline(title), ...lines, ''];
  return [
    style.bold(plan.experiment.title),
    '',
    ...section('Targets', [...[...plan.targets].flatMap(entry => targetLines(entry, style)), ...controlLines(plan)]),
    ...section('Before', preparationLines(plan, style)),
    ...section('Faults', injectionLines(plan, style)),
    ...section('Afterwards', cleanupLines(plan, style)),
    ...section('Traffic', [...table(trafficRows(plan)), ...exampleLines(plan)]),
    ...section('Metrics', table(measures.map(measure => measureRow(measure, plan)))),
    ...section('Logs', table(logRows(plan))),
    ...section('Expected', table(expectationRows(plan))),
    ...section('Guards', table(guardRows(plan))),
    ...section(
      'Notified',
      plan.notify.map(place => `  ${placeName(place)}`),
    ),
    ...section('Time', table(windowRows(plan))),
    `${plural(mostHit(plan.occurrences), 'target')} hit, at most ${safety.maxTargets} allowed (safety.maxTargets)`,
    ...plan.warnings.map(warning => style.yellow(`! ${warning}`)),
    // What is refused cannot be approved.
    plan.refusals.length === 0 ? `Digest ${approvalOf(plan)}` : style.red('Refused: there is nothing to approve.'),
  ];
}

/** The `--json` face of a plan. */
export interface PlanJson {
  readonly title: string;
  readonly digest: string;
  readonly seed: number;
  readonly totalMs: number;
  readonly needsConsent: boolean;
  readonly targets: readonly JsonObject[];
  readonly faults: readonly JsonObject[];
  /** Commands before and after; only where there are any. */
  readonly prepare?: readonly JsonObject[];
  readonly cleanup?: readonly JsonObject[];
  /** Whether the fault is on, block by block; only for a switchback. */
  readonly blocks?: readonly boolean[];
  /** Names of what is compared with; only with a control group. */
  readonly control?: readonly string[];
  /** What the run sends by itself, and what stops it at once. */
  readonly traffic: readonly PlannedTraffic[];
  readonly guards: readonly JsonObject[];
  /** Checks and times with limits. */
  readonly expected: readonly JsonObject[];
  readonly metrics: readonly PlannedMeasure[];
  /** Who is told of the run; only where somebody is. */
  readonly notify?: readonly string[];
  readonly warnings: readonly string[];
  readonly refusals: readonly ErrorJson['error'][];
}

function faultJson(planned: PlannedFault): JsonObject {
  const {occurrence, nature, startMs, endMs, changes} = planned;
  return {
    id: occurrence.id,
    ...(occurrence.block === undefined ? {} : {block: occurrence.block}),
    fault: occurrence.fault.fault,
    label: occurrence.label,
    nature,
    startMs,
    endMs,
    targets: presentTargets(planned).map(({name}) => name),
    changes: changes.map(({change}) => changeJson(change)),
  };
}

/** The same plan as data. */
export function planJson(plan: Plan, measures: readonly PlannedMeasure[]): PlanJson {
  const order = plan.experiment.switchback?.order;
  const control = controlRefs(plan.experiment, plan.targets);
  return {
    title: plan.experiment.title,
    digest: approvalOf(plan),
    seed: plan.seed,
    totalMs: plan.totalMs,
    needsConsent: plan.needsConsent,
    targets: [...plan.targets].map(([name, target]) => ({
      name,
      driver: target.spec.driver,
      startedByFiredrill: target.provision,
      seed: target.seed,
      candidates: target.candidates.filter(isFree).length,
      hit: target.hit.map(({ref, status}) => ({name: ref.name, kind: ref.kind, object: ref.object, status})),
      ...(target.among === undefined ? {} : {decidedAtInjectionAmong: target.among.map(({ref}) => ref.name)}),
    })),
    ...aroundJson(plan),
    faults: plan.occurrences.map(planned => faultJson(planned)),
    ...(order === undefined ? {} : {blocks: order}),
    ...(control.length === 0 ? {} : {control: control.map(({name}) => name)}),
    traffic: plannedTraffic(plan),
    guards: guardsJson(plan),
    expected: expectationsJson(plan),
    metrics: measures,
    ...(plan.notify.length === 0 ? {} : {notify: plan.notify.map(placeName)}),
    warnings: plan.warnings,
    refusals: plan.refusals.map(refusal => errorJson(refusal).error),
  };
}
