import type {RawSeries} from '../../../quantities/prometheus/series.js';
import type {OpenProbe, Past, Reading} from '../../contract.js';
import {noValue} from '../../missing.js';
import {readingsOf} from './answer.js';
import {ServerClock} from './server-clock.js';
import type {PrometheusServer} from './server.js';

export interface QueryProbeOptions {
  readonly server: PrometheusServer;
  readonly query: string;
  readonly subject: string | undefined;
  readonly everyMs: number | undefined;
  /** The monotonic clock, µs. */
  readonly mono: () => number;
}

/** Prometheus answers no more than 11 000 steps at once. */
const MOST_STEPS = 10_000;

/** Asks one query: at the time of each read, or step by step in the past. */
export class QueryProbe implements OpenProbe {
  readonly perSubject: boolean;

  constructor(private readonly options: QueryProbeOptions) {
    this.perSubject = options.subject !== undefined;
  }

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    const {server, query, subject} = this.options;
    const answer = await server.ask('query', {query}, signal);
    if ('why' in answer) return [noValue('between', answer.why)];
    const now = Date.parse(answer.date ?? '');
    return readingsOf(answer.body, subject, (Number.isNaN(now) ? Date.now() : now) / 1000);
  }

  async history({fromUs, toUs}: Past, signal: AbortSignal): Promise<readonly Reading[]> {
    const {server, query, everyMs = 1000, mono} = this.options;
    const clock = new ServerClock();
    const sentUs = mono();
    const now = await server.now(signal);
    if ('why' in now) throw new Error(now.why);
    const why = clock.look({serverMs: now.nowMs, sentUs, receivedUs: mono()});
    if (why !== undefined) throw new Error(`Prometheus: ${why}`);
    const readings: Reading[] = [];
    const [fromMs, endMs] = [clock.serverMs(fromUs), clock.serverMs(toUs)];
    const steps = Math.max(0, Math.ceil((endMs - fromMs) / everyMs));
    for (let step = 0; step < steps; step += MOST_STEPS) {
      const times = Array.from({length: Math.min(MOST_STEPS, steps - step)}, (_, i) =>
        Math.round(fromMs + (step + i) * everyMs),
      );
      const span = {fromMs: times[0] ?? 0, toMs: times.at(-1) ?? 0, stepMs: everyMs};
      const answer = await server.range(query, span, signal);
      if ('why' in answer) throw new Error(answer.why);
      readings.push(...this.stepped(answer, times, clock));
    }
    return readings;
  }

  close(): Promise<void> {
    return this.options.server.close();
  }

  private stepped(series: readonly RawSeries[], times: readonly number[], clock: ServerClock): readonly Reading[] {
    const {subject} = this.options;
    if (subject === undefined && series.length > 1)
      throw new Error(`expected one series; got ${series.length}: aggregate them or name their label as \`subject\``);
    return series.flatMap(({labels, samples}) => {
      const byTime = new Map(samples.map(({atMs, value}) => [atMs, value]));
      const name = subject === undefined ? {} : {subject: labels[subject] ?? ''};
      return times.map(atMs => {
        const value = byTime.get(atMs);
        const at = clock.monoUs(atMs);
        return value === undefined
          ? {...name, at, ...noValue('silent', 'the query had no answer then')}
          : {...name, at, value};
      });
    });
  }
}
