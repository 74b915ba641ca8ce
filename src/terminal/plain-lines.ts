import {formatQuantity} from '../quantities/format.js';
import type {Event} from '../record/events.js';
import type {Observer} from '../record/observer.js';
import type {LoadSecond, Sample} from '../signals/contract.js';
import {tell} from '../verdict/timeline.js';
import {outsideValues} from '../verdict/judgement/outside.js';
import {isOutside, LiveState, type LiveMetric} from './live-state.js';
import type {Output} from './output.js';

const METRICS_EVERY_US = 5_000_000;

/** Progress where there is no terminal: one timestamped line an event, and the metrics every five seconds. */
export class PlainLines implements Observer {
  private readonly state = new LiveState();
  private metricsAt = 0;
  /** How many values of each metric the lines so far have told. */
  private readonly told = new Map<string, number>();

  constructor(private readonly output: Output) {}

  event(event: Event): void {
    this.state.event(event);
    const told = tell(event, this.state.planned);
    if (told !== undefined) this.line(event.at.wall, told.what);
    if (event.type !== 'phase.entered') return;
    this.metricsAt = event.at.mono + METRICS_EVERY_US;
    this.saw();
  }

  sample(series: number, sample: Sample): void {
    this.state.sample(series, sample);
    this.metrics(sample.t);
  }

  second(second: LoadSecond): void {
    this.state.second(second);
    this.metrics(second.at + 1_000_000);
  }

  private metrics(at: number): void {
    if (at < this.metricsAt) return;
    this.metricsAt = at + METRICS_EVERY_US;
    const parts = [...this.state.metrics.values()].flatMap(metric => {
      const {spec, values} = metric;
      const value = values.at(-1);
      if (value === undefined) return [];
      if (value === null) return [`${spec.name} no value`];
      return [`${spec.name} ${formatQuantity(value, spec.unit)}${this.remark(metric, value)}`];
    });
    this.saw();
    if (parts.length > 0) this.line(this.wallOf(at), parts.join(' | '));
  }

  /** Lines, and phases with tolerances of their own, begin to count anew. */
  private saw(): void {
    for (const {spec, count} of this.state.metrics.values()) this.told.set(spec.name, count);
  }

  /** Whether the newest value is outside, or what the line would not show: that others since the last line were. */
  private remark(metric: LiveMetric, newest: number): string {
    const {spec, values, count} = metric;
    const isOut = (value: number) => isOutside(metric, value, this.state.phase?.phase);
    if (isOut(newest)) return ' (outside)';
    const since = values.slice(-Math.max(1, count - (this.told.get(spec.name) ?? 0)));
    const numbers = since.filter(value => value !== null);
    const out = outsideValues(numbers.filter(isOut), spec.tolerance ?? {});
    const outside =
      out === undefined
        ? ''
        : `${out.count} of ${since.length} outside, ${formatQuantity(out.worst, spec.unit)} at worst`;
    const lost = since.length - numbers.length;
    const said = [outside, lost === 0 ? '' : `${lost} of ${since.length} without a value`].filter(part => part !== '');
    return said.length === 0 ? '' : ` (since the last line ${said.join(', ')})`;
  }

  /** Wall time of a monotonic time, by the last event that carried both. */
  private wallOf(mono: number): string {
    const {clock} = this.state;
    return clock === undefined ? '' : new Date(Date.parse(clock.wall) + (mono - clock.mono) / 1000).toISOString();
  }

  private line(wall: string, text: string): void {
    this.output.lines([`${wall.slice(0, 19)}Z ${text}`]);
  }
}
