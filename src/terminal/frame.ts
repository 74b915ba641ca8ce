import type {ChalkInstance} from 'chalk';
import {formatDuration} from '../quantities/duration.js';
import {formatQuantity} from '../quantities/format.js';
import {
  boundValues,
  describeBounds,
  describeChange,
  describeTolerance,
  isWithin,
} from '../verdict/judgement/tolerance.js';
import {isOutside, type LiveMetric, type LiveOccurrence, type LivePhase, type LiveState} from './live-state.js';
import {bar, clockText, cut, cutColoured, pad, sparkline, visibleLength} from './text.js';

/** What a frame is drawn for. `now` is the monotonic clock in µs. */
export interface Canvas {
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  readonly style: ChalkInstance;
}

const PHASES: Readonly<Record<string, string>> = {
  prepare: 'preparing',
  warmup: 'warming up',
  baseline: 'measuring the baseline',
  fault: 'fault interval',
  recovery: 'waiting for recovery',
  'leak-check': 'checking for left-overs',
};

function phaseLines(state: LiveState, {now, columns, style}: Canvas): string[] {
  const {phase} = state;
  if (phase === undefined) return [];
  const ran = (now - phase.since) / 1000;
  const name = style.bold(pad(PHASES[phase.phase] ?? phase.phase, Math.min(24, Math.floor(columns / 2))));
  const total = `run ${clockText((now - state.startedAt) / 1000)}`;
  if (phase.lastsMs === null || phase.lastsMs <= 0) return [`${name} ${clockText(ran)}  ${style.dim(total)}`];
  const left = `${clockText(Math.max(0, phase.lastsMs - ran) + 999)} left`;
  const width = Math.min(40, columns - visibleLength(name) - left.length - total.length - 5);
  const drawn = width >= 5 ? `${style.cyan(bar(ran / phase.lastsMs, width))} ` : '';
  return [`${name} ${drawn}${left}  ${style.dim(total)}`];
}

/** What the run is doing; undefined before its first phase. */
interface PhaseOfRun {
  readonly phase: LivePhase['phase'] | undefined;
}

/** Inside, outside, or without a value: how a metric's value is marked and coloured. */
function standing(
  metric: LiveMetric,
  value: number | null | undefined,
  phase: LivePhase['phase'] | undefined,
): 'inside' | 'outside' | 'unknown' {
  if (value === undefined || value === null) return 'unknown';
  return isOutside(metric, value, phase) ? 'outside' : 'inside';
}

const MARKS = {inside: ['✔', 'green'], outside: ['✖', 'red'], unknown: ['?', 'yellow']} as const;

function valueText({spec, values}: LiveMetric): string {
  const latest = values.at(-1);
  if (latest === undefined) return '…';
  return latest === null ? 'no value' : formatQuantity(latest, spec.unit);
}

function history(metric: LiveMetric, width: number, {style, phase}: Canvas & PhaseOfRun): string {
  const {tolerance} = metric.spec;
  const shown = metric.values.slice(-width);
  const blocks = sparkline(shown, width, boundValues(tolerance ?? {})[0] ?? 0);
  return blocks
    .map((block, i) => (standing(metric, shown[i], phase) === 'outside' ? style.red(block) : style.cyan(block)))
    .join('');
}

function boundsOf({tolerance, deviation, worse, unit, judge}: LiveMetric['spec']): string {
  if (tolerance !== undefined) return describeTolerance(tolerance, unit);
  if (deviation === undefined || judge.length === 0) return 'observed';
  const change = describeChange(deviation, {worse, unit});
  return deviation.absolute === true
    ? `${change} against the baseline`
    : `${change} of ${unit === 'ratio' ? 'requests' : 'baseline'}`;
}

function metricLine(metric: LiveMetric, names: number, canvas: Canvas & PhaseOfRun): string {
  const {columns, style, phase} = canvas;
  const {spec, values, why} = metric;
  const [mark, colour] = MARKS[standing(metric, values.at(-1), phase)];
  const bounds = boundsOf(spec);
  const value = style[colour](pad(cut(valueText(metric), 10), 10, 'left'));
  const start = `${style[colour](mark)} ${pad(cut(spec.name, names), names)} ${value}  ${style.dim(pad(cut(bounds, 22), 22))}`;
  const width = Math.min(60, columns - visibleLength(start) - 1);
  if (width < 8) return start;
  return `${start} ${history(metric, width, canvas)}${why === '' ? '' : style.dim(` ${why}`)}`;
}

const FAULT_COLOURS: Readonly<Record<LiveOccurrence['state'], 'dim' | 'yellow' | 'red' | 'green' | 'magenta'>> = {
  waiting: 'dim',
  injecting: 'yellow',
  'in force': 'magenta',
  lost: 'yellow',
  undoing: 'yellow',
  undone: 'green',
  failed: 'red',
};

function faultLine(live: LiveOccurrence, {now, style}: Canvas): string {
  const {planned, state, confirmedAt, note} = live;
  const targets = planned.targets.map(target => target.name).join(', ');
  const held = confirmedAt === null ? 0 : (now - confirmedAt) / 1000;
  const times =
    state === 'in force' && planned.nature === 'state'
      ? ` ${clockText(held)} of ${formatDuration(planned.forMs)}`
      : state === 'waiting'
        ? ` for ${formatDuration(planned.forMs)}`
        : '';
  const said = note === '' ? '' : `: ${note}`;
  return `${style[FAULT_COLOURS[state]](pad(state, 9))} ${planned.label} → ${targets}${times}${said}`;
}

function faultLines(state: LiveState, canvas: Canvas, room: number): string[] {
  const order: readonly LiveOccurrence['state'][] = [
    'failed',
    'lost',
    'in force',
    'injecting',
    'undoing',
    'waiting',
    'undone',
  ];
  const all = [...state.occurrences.values()].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const shown = all.length <= room ? all : all.slice(0, Math.max(1, room - 1));
  const rest = all.length - shown.length;
  return [...shown.map(live => faultLine(live, canvas)), ...(rest > 0 ? [canvas.style.dim(`… and ${rest} more`)] : [])];
}

function guardLines(state: LiveState, {style}: Canvas): string[] {
  return (state.experiment?.guards ?? []).map(guard => {
    const metric = state.metrics.get(guard.metric);
    const limits = {
      ...(guard.above === undefined ? {} : {above: guard.above}),
      ...(guard.below === undefined ? {} : {below: guard.below}),
    };
    const latest = metric?.values.at(-1);
    const over = latest !== undefined && latest !== null && isWithin(latest, limits);
    const mark = over ? style.red('✖') : latest === null ? style.yellow('?') : style.green('✔');
    const limit = describeBounds(limits, metric?.spec.unit ?? 'number');
    const held = guard.forMs > 0 ? ` for ${formatDuration(guard.forMs)}` : '';
    return `${mark} stop when ${guard.metric} is ${limit}${held}`;
  });
}

function section(title: string, lines: readonly string[], style: ChalkInstance): string[] {
  return lines.length === 0 ? [] : ['', style.bold.underline(title), ...lines];
}

/** The whole screen for one moment: lines that are never wider nor (given at least 8 rows) more than the terminal. */
export function drawFrame(state: LiveState, canvas: Canvas): string[] {
  const {columns, rows, style} = canvas;
  const metrics = [...state.metrics.values()];
  const longest = Math.max(8, ...metrics.map(metric => metric.spec.name.length));
  const names = Math.min(longest, Math.max(8, Math.floor(columns * 0.3)));
  const head = [style.bold(cut(state.experiment?.title ?? '', columns)), style.dim(cut(state.run, columns))];
  const warnings = state.notes
    .filter(note => note.level === 'warning')
    .slice(-3)
    .map(note => style.yellow(`! ${cut(note.text, columns - 2)}`));
  const guards = guardLines(state, canvas);
  const fixed = head.length + 1 + metrics.length + guards.length + warnings.length + 6;
  const lines = [
    ...head,
    ...phaseLines(state, canvas),
    ...section(
      'Metrics',
      metrics.map(metric => metricLine(metric, names, {...canvas, phase: state.phase?.phase})),
      style,
    ),
    ...section('Faults', faultLines(state, canvas, Math.max(2, rows - fixed)), style),
    ...section('Guards', guards, style),
    ...(warnings.length === 0 ? [] : ['', ...warnings]),
  ];
  const room = Math.max(5, rows - 1);
  const fitting = lines.length <= room ? lines : lines.filter(line => line !== '');
  return fitting.slice(0, room).map(line => cutColoured(line, columns));
}
