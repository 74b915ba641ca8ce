import {keyOf, type RawSeries} from '../../../quantities/prometheus/series.js';

/** How long a series is remembered that is not in the answers any more. */
const REMEMBERED_MS = 3_600_000;

/** A series with the last sample that was known before this read, where there was one. */
export interface Recalled extends RawSeries {
  readonly known: boolean;
}

/** Remembers the last sample of each series, so that a series that is silent or restarts is recognised. */
export class SeriesMemory {
  private last = new Map<string, RawSeries>();

  /** Whether any series has ever been seen. */
  seen = false;

  /** The series of an answer, each behind its remembered sample; those that are not in it with that alone. */
  recall(series: readonly RawSeries[]): readonly Recalled[] {
    const inAnswer = new Set(series.map(({labels}) => keyOf(labels)));
    const silent = [...this.last].filter(([key]) => !inAnswer.has(key)).map(([, one]) => ({...one, known: true}));
    const present = series.map(({labels, samples}) => {
      const before = this.last.get(keyOf(labels))?.samples ?? [];
      const firstMs = samples[0]?.atMs ?? Infinity;
      return {labels, samples: [...before.filter(({atMs}) => atMs < firstMs), ...samples], known: before.length > 0};
    });
    return [...present, ...silent];
  }

  /** Keeps what the next read has to know. `nowMs`: the time of the read. */
  keep(series: readonly RawSeries[], nowMs: number): void {
    this.seen ||= series.length > 0;
    const entries = series.flatMap(({labels, samples}) => {
      const last = samples.at(-1);
      const fresh = last !== undefined && nowMs - last.atMs < REMEMBERED_MS;
      return fresh ? [[keyOf(labels), {labels, samples: [last]}] as const] : [];
    });
    this.last = new Map(entries);
  }
}
