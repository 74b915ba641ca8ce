import {combinations} from '../../quantities/combinations.js';
import {FAULTS} from '../catalogue.generated.js';
import type {Read} from '../checking/entry.js';
import {decidesByDeviation} from '../deciding.js';
import type {MetricSpec, ObjectiveSpec, SwitchbackSpec, WindowsSpec} from '../experiment.js';
import type {Path} from '../problem.js';
import {checkName, type ProblemReport} from '../reading/tree.js';
import type {headFields} from '../schema/head.js';
import {traitsOf} from '../traits.js';
import type {ReadFault} from './faults.js';

export type ReadHead = Read<ReturnType<typeof headFields>>;

/** Level of the verdict over all metrics that decide (docs/calibration.md). */
const ALPHA = 0.01;

/** The blocks of the design; undefined: before and after. */
export function switchbackOf({design}: ReadHead): SwitchbackSpec | undefined {
  if (design === undefined || typeof design === 'string') return undefined;
  const {blocks, block, washout} = design.switchback;
  return {blocks, blockMs: block, washoutMs: washout};
}

/** In how many ways half of the blocks can be on. */
const ordersOf = (blocks: number) => combinations(blocks, Math.floor(blocks / 2));

/** What a switchback needs: one fault that can be put on and off, and enough blocks for the metrics that decide. */
export function checkDesign(
  report: ProblemReport,
  design: SwitchbackSpec | undefined,
  {metrics, faults}: {metrics: readonly MetricSpec[]; faults: readonly ReadFault[]},
): void {
  if (design === undefined) return;
  const at = ['design', 'switchback'];
  const add = (path: Path, message: string, hint: string) =>
    report.add({path, at: 'key', code: 'CONTRADICTION', message, hint});
  const [first, second] = faults;
  if (second !== undefined)
    add(
      second.part.path,
      'expected one fault beside `design: {switchback: …}`; got several',
      'write one experiment for each',
    );
  if (first?.kind !== undefined && FAULTS[first.kind]?.nature === 'event') {
    const message = `expected a fault that holds until it is undone beside \`design: {switchback: …}\`; \`${first.kind}\` happens once`;
    add([...first.part.path, first.kind], message, 'try `pause`');
  }
  for (const key of ['steps', 'repeat', 'after'] as const) {
    if (first?.fields[key] === undefined) continue;
    add(
      [...first.part.path, key],
      `expected no \`${key}\` beside \`design: {switchback: …}\`: the blocks say when it is on`,
      `remove \`${key}\``,
    );
  }
  if (design.washoutMs >= design.blockMs) {
    add([...at, 'washout'], 'expected `washout` to be shorter than a block', 'make `block` longer');
  }
  const deciding = metrics.filter(decidesByDeviation).length;
  if (deciding === 0) {
    report.add({
      path: at,
      at: 'key',
      code: 'NOTHING_JUDGED',
      message: 'expected a metric with a `deviation` and no `tolerance`: blocks are compared with each other',
      hint: 'give a metric of `steadyState` a `deviation`',
    });
  } else if (deciding / ordersOf(design.blocks) > ALPHA) {
    report.add({
      path: [...at, 'blocks'],
      code: 'WRONG_VALUE',
      message: `expected more blocks: ${design.blocks} can be ordered in ${ordersOf(design.blocks)} ways, which cannot show anything about ${deciding} metrics at 1 %`,
      hint: 'try 12',
    });
  }
}

/** The objective of the file, if there is one that makes sense. */
export function objectiveOf(
  report: ProblemReport,
  {objective}: ReadHead,
  metrics: readonly MetricSpec[],
): ObjectiveSpec | undefined {
  if (objective === undefined) return undefined;
  const path = ['objective', 'of'];
  const {of, target, window} = objective;
  if (!checkName(report, path, of, {what: 'a metric', known: metrics.map(({name}) => name), section: 'steadyState'}))
    return undefined;
  const metric = metrics.find(({name}) => name === of);
  if (metric?.unit !== 'ratio') {
    report.add({
      path,
      code: 'CONTRADICTION',
      message: `expected a metric that is a share of bad events; \`${of}\` is none`,
      hint: 'name an error ratio',
    });
    return undefined;
  }
  return {metric: of, target, windowMs: window};
}

interface KnownEntries {
  readonly metrics: readonly MetricSpec[];
  readonly faults: readonly ReadFault[];
  readonly targets: readonly string[];
}

/**
 * The metrics with what measures the same on the control group; a metric that names a hit target gets a twin that names
 * the control.
 */
export function controlled(report: ProblemReport, {control}: ReadHead, known: KnownEntries): readonly MetricSpec[] {
  const {metrics, faults, targets} = known;
  if (control === undefined) return metrics;
  const hit = new Set(faults.flatMap(({fields}) => fields.targets ?? []));
  control.targets.forEach((name, i) => {
    const path = ['control', 'targets', i];
    if (!checkName(report, path, name, {what: 'a target', known: targets, section: 'targets'}) || !hit.has(name))
      return;
    report.add({path, code: 'CONTRADICTION', message: `expected a target that no fault hits; \`${name}\` is hit`});
  });
  const names = metrics.map(({name}) => name);
  for (const [metric, same] of Object.entries(control.metrics)) {
    const path = ['control', 'metrics', metric];
    const fine = [
      checkName(report, path, metric, {what: 'a metric', known: names, section: 'steadyState'}),
      checkName(report, path, same, {what: 'another metric', known: names.filter(name => name !== metric)}),
    ];
    const [of, to] = [metrics.find(({name}) => name === metric), metrics.find(({name}) => name === same)];
    if (fine.every(Boolean) && of?.unit !== to?.unit) {
      report.add({
        path,
        code: 'CONTRADICTION',
        message: `expected a metric that measures the same; \`${metric}\` and \`${same}\` have other units`,
      });
    }
  }
  const [first] = control.targets;
  return metrics.flatMap(metric => withControl(metric, {same: control.metrics[metric.name], of: first, hit}));
}

function withControl(
  metric: MetricSpec,
  {same, of, hit}: {same: string | undefined; of: string | undefined; hit: ReadonlySet<string>},
): readonly MetricSpec[] {
  if (same !== undefined) return [{...metric, control: same}];
  const named = metric.parameters['of'];
  const twins = metric.source !== 'load' && typeof named === 'string' && hit.has(named) && of !== undefined;
  if (!twins) return [metric];
  const {tolerance: _tolerance, deviation: _deviation, ...measured} = metric;
  const name = `${metric.name} (control)`;
  return [
    {...metric, control: name},
    {...measured, name, parameters: {...metric.parameters, of}, judge: []},
  ];
}

/** A baseline from the past needs metrics that have one. */
export function checkPast(report: ProblemReport, {lookBackMs}: WindowsSpec, metrics: readonly MetricSpec[]): void {
  if (lookBackMs === undefined) return;
  const without = metrics.find(({judge, source}) => judge.length > 0 && traitsOf(source).hasPast !== true);
  if (without === undefined) return;
  const message = `expected judged metrics that come from Prometheus only; \`${without.name}\` has no past to look back on`;
  report.add({
    path: ['windows', 'baseline', 'lookBack'],
    at: 'key',
    code: 'CONTRADICTION',
    message,
    hint: 'let the baseline be measured: `baseline: 60s`',
  });
}
