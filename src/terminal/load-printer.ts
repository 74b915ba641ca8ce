import type {ChalkInstance} from 'chalk';
import type {LoadSpec} from '../experiment/experiment.js';
import {formatDuration} from '../quantities/duration.js';
import type {JsonObject} from '../quantities/json.js';
import {plainNumber, shortNumber} from '../quantities/number.js';
import {formatRate} from '../quantities/rate.js';
import {formatShare} from '../quantities/share.js';
import {outcomesText} from '../signals/load/measure.js';
import type {SearchResult, SearchStep} from '../statistics/index.js';
import type {LoadSummary} from '../verdict/loads/summary.js';
import {describeLoad, describeRequests} from '../verdict/loads/loads.js';
import {table, wrap} from './text.js';

export interface LoadPrinting {
  readonly style: ChalkInstance;
  readonly columns: number;
}

const ms = (value: number | null) => (value === null ? '–' : formatDuration(Number(value.toPrecision(3))));

function dispersionText({dispersion}: LoadSummary): string {
  if (dispersion === null) return '';
  return `; ${shortNumber(dispersion.sent)} of dispersion (${shortNumber(dispersion.planned)} was planned; even is 0, random is 1)`;
}

/** What one load measured. */
export function loadLines(spec: LoadSpec, summary: LoadSummary, {style, columns}: LoadPrinting): string[] {
  const {seconds, offered, achieved, inFlight, latency, errors, lag, limited, outcomes} = summary;
  const {p50, p90, p95, p99, max, mean} = latency;
  const failed = errors === null ? 'nothing was sent' : formatShare(errors);
  const lines = [
    ...table([
      ['Rate', `${formatRate(achieved)} answered of ${formatRate(offered)}, for ${seconds} s`],
      ['In flight', `${shortNumber(inFlight)} on average`],
      ['Latency', `p50 ${ms(p50)}  p90 ${ms(p90)}  p95 ${ms(p95)}  p99 ${ms(p99)}  max ${ms(max)}  mean ${ms(mean)}`],
      ['Failed', `${failed} (${outcomesText(Object.entries(outcomes))})`],
      ['Sent', `p50 ${ms(lag.p50)}, p99 ${ms(lag.p99)} after it was due${dispersionText(summary)}`],
    ]).map(line => `  ${line}`),
  ];
  if (limited !== null) {
    const said = `${limited}. What was measured is the generator, not the system.`;
    lines.push(...wrap(said, Math.min(columns, 110), '  ').map(line => style.yellow(line)));
  }
  return [style.bold(`Load ${spec.name}: ${describeLoad(spec)}`), ...lines];
}

const STEP_HEAD = ['', 'RATE', 'ANSWERED', 'IN FLIGHT', 'P99', 'FAILED', ''];

function stepCells({rate, throughput, concurrency, p99, errors}: SearchStep): string[] {
  return [formatRate(rate), formatRate(throughput), shortNumber(concurrency), ms(p99), formatShare(errors)];
}

/** One step of a search, while it runs. */
export function stepLine(step: SearchStep, number: number): string {
  const [rate = '', answered = '', inFlight = '', p99 = ''] = stepCells(step);
  const limited = step.limited ? ', the generator could not hold it' : '';
  return `step ${number}: ${rate}, ${answered} answered, ${inFlight} in flight, p99 ${p99}${limited}`;
}

function stepRow(step: SearchResult['steps'][number], style: ChalkInstance): string[] {
  if (step.state === 'unknown') return [style.yellow('?'), ...stepCells(step), 'the generator could not hold it'];
  if (step.state === 'too-much') return [style.red('✖'), ...stepCells(step), 'too much'];
  return [style.green('✔'), ...stepCells(step), ''];
}

/** A figure with its limits. */
function range({estimate, lower, upper}: {estimate: number; lower: number; upper: number}, unit: string): string {
  const say = (value: number) => (Number.isFinite(value) ? `${shortNumber(value)}${unit}` : 'no limit');
  return `${say(estimate)} (surely ${say(lower)} to ${say(upper)})`;
}

function kneeText({end, knee, measured}: SearchResult): string {
  const {below, above} = knee;
  if (below === undefined) {
    return end === 'never-fine'
      ? 'not found: even the lowest rate was not answered in time, so it is not the load that is too much'
      : 'not found: no rate was answered in time';
  }
  if (above !== undefined)
    return `between ${formatRate(below)}, answered in time, and ${formatRate(above)}, which is not`;
  if (end === 'limited') {
    return `generator-limited: the generator could not hold more; at least ${formatRate(measured)}, a lower bound`;
  }
  return `not reached: ${formatRate(below)} is answered in time; it is at least ${formatRate(measured)}`;
}

/** What a search for the saturation point found. */
export function saturationLines(spec: LoadSpec, result: SearchResult, {style, columns}: LoadPrinting): string[] {
  const {capacity, concurrency, advised, steps} = result;
  const facts: [string, string][] = [['Knee', kneeText(result)]];
  if (capacity !== undefined) facts.push(['Capacity', `${range(capacity, '/s')} by the law fitted to these steps`]);
  else facts.push(['Capacity', capacityMissing(result)]);
  if (concurrency !== undefined) facts.push(['N*', concurrencyText(concurrency, steps)]);
  if (advised !== undefined) {
    const [from, to] = advised;
    facts.push(['Advice', `run experiments at 50 to 70 % of the knee: ${formatRate(from)} to ${formatRate(to)}`]);
  }
  const width = Math.min(columns, 110);
  return [
    // The rate of the file is not the one that was sent.
    style.bold(`Load ${spec.name}: ${describeRequests(spec)}`),
    '',
    ...table([STEP_HEAD, ...steps.map(step => stepRow(step, style))], '  '),
    '',
    ...facts.flatMap(([name, text]) =>
      wrap(text, width - 12).map((line, i) => `  ${(i === 0 ? name : '').padEnd(10)}${line}`),
    ),
  ];
}

function capacityMissing({knee, measured}: SearchResult): string {
  if (knee.above === undefined) return `at least ${formatRate(measured)}: the system was not saturated`;
  return `not known: too few different rates to fit a law; ${formatRate(measured)} was answered`;
}

/** How far beyond what was measured a law says something about how many requests are best. */
const BELIEVED = 10;

function concurrencyText(found: NonNullable<SearchResult['concurrency']>, steps: SearchResult['steps']): string {
  const most = BELIEVED * Math.max(...steps.map(({concurrency}) => concurrency));
  const {estimate, lower, upper} = found;
  if (estimate > most) return 'none: more requests in flight hardly make it slower';
  const limits = {estimate, lower, upper: upper > most ? Infinity : upper};
  return `${range(limits, '')} requests in flight: beyond that it gets slower`;
}

/** JSON has no infinity. */
const finite = (value: number) => (Number.isFinite(value) ? value : null);

function rangeJson(range: {estimate: number; lower: number; upper: number} | undefined): JsonObject | null {
  if (range === undefined) return null;
  return {estimate: finite(range.estimate), lower: finite(range.lower), upper: finite(range.upper)};
}

/** The same as data. */
export function saturationJson(load: string, result: SearchResult): JsonObject {
  const {end, knee, measured, capacity, concurrency, advised, steps} = result;
  return {
    load,
    end,
    knee: {below: knee.below ?? null, above: knee.above ?? null},
    measured,
    capacity: rangeJson(capacity),
    concurrency: rangeJson(concurrency),
    advised: advised === undefined ? null : [...advised],
    generatorLimited: end === 'limited',
    steps: steps.map(({points: _points, ...step}) => ({...step})),
  };
}

/** A second of progress while a load runs. */
export function progressLine(name: string, seconds: number, {achieved, latency, errors}: LoadSummary): string {
  const failed = errors === null ? 'nothing sent' : `${formatShare(errors)} failed`;
  return `${plainNumber(seconds, 0)}s  ${name}  ${formatRate(achieved)}  p95 ${ms(latency.p95)}  ${failed}`;
}
