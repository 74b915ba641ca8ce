import type {LoadSecond, Sample} from '../../signals/contract.js';
import type {Disk} from '../ports.js';
import {FiredrillError} from '../../system/error.js';
import type {Evidence, Series} from './evidence.js';
import type {Event} from './events.js';
import {recordPaths} from './paths.js';
import type {SampleChunk} from './writer.js';

/** Reads the lines of an ndjson text that are whole; says how many were torn. */
export function parseLines<T>(text: string, accept: (value: unknown) => value is T): {values: T[]; torn: number} {
  const values: T[] = [];
  let torn = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    try {
      const value: unknown = JSON.parse(line);
      if (accept(value)) values.push(value);
      else torn++;
    } catch {
      torn++;
    }
  }
  return {values, torn};
}

function has(value: unknown, ...keys: readonly string[]): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && keys.every(key => key in value);
}

export const isEvent = (value: unknown): value is Event => has(value, 'v', 'seq', 'type', 'at', 'epoch');
const isChunk = (value: unknown): value is SampleChunk => has(value, 's', 'at', 't', 'v', 'd');
const isSecond = (value: unknown): value is LoadSecond => has(value, 'load', 'at', 'intended', 'outcomes');

/** The events of a text in the order they happened: by epoch, then number, each once. */
export function parseEvents(text: string): {events: Event[]; torn: number} {
  const {values, torn} = parseLines(text, isEvent);
  const seen = new Set<string>();
  const events = values.filter(event => {
    const key = `${event.epoch}:${event.seq}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  events.sort((a, b) => a.epoch - b.epoch || a.seq - b.seq);
  return {events, torn};
}

function samplesOf(chunk: SampleChunk): Sample[] {
  return chunk.t.map((t, i) => {
    const why = chunk.why?.[i];
    const lasts = chunk.lasts?.[i];
    const counted = chunk.counted?.[i];
    return {
      t: chunk.at + t,
      d: chunk.d[i] ?? 0,
      value: chunk.v[i] ?? null,
      ...(why === undefined ? {} : {why}),
      ...(lasts === undefined ? {} : {lasts}),
      ...(counted === undefined ? {} : {counted}),
    };
  });
}

function collectSeries(events: readonly Event[], chunks: readonly SampleChunk[]): Series[] {
  const samples = new Map<number, Sample[]>();
  for (const chunk of chunks) {
    const list = samples.get(chunk.s) ?? [];
    list.push(...samplesOf(chunk));
    samples.set(chunk.s, list);
  }
  return events.flatMap(event =>
    event.type === 'series.opened'
      ? [
          {
            id: event.id,
            metric: event.metric,
            ...(event.subject === undefined ? {} : {subject: event.subject}),
            samples: (samples.get(event.id) ?? []).sort((a, b) => a.t - b.t),
          },
        ]
      : [],
  );
}

/**
 * Reads a run folder back. Torn lines and missing files are listed in `gaps`, never thrown.
 * @throws FiredrillError RECORD_UNREADABLE when there is no event at all.
 */
export async function readEvidence(disk: Disk, folder: string): Promise<Evidence> {
  const paths = recordPaths(folder);
  const [eventText, sampleText, loadText] = await Promise.all([
    disk.read(paths.events),
    disk.read(paths.samples),
    disk.read(paths.loads),
  ]);
  const {events, torn} = parseEvents(eventText ?? '');
  const started = events.find(event => event.type === 'run.started');
  if (started?.type !== 'run.started') {
    throw new FiredrillError(
      'RECORD_UNREADABLE',
      `Expected the record of a run in \`${folder}\`; found no run.started event.`,
      {
        hint: 'Is this a run folder (.firedrill/runs/<id>)?',
      },
    );
  }
  const chunks = parseLines(sampleText ?? '', isChunk);
  const seconds = parseLines(loadText ?? '', isSecond);
  const gaps = [
    ...(torn > 0 ? [`${torn} torn line(s) in events.ndjson`] : []),
    ...(chunks.torn > 0 ? [`${chunks.torn} torn line(s) in samples.ndjson`] : []),
    ...(seconds.torn > 0 ? [`${seconds.torn} torn line(s) in load.ndjson`] : []),
  ];
  return {
    run: started.run,
    folder,
    events,
    series: collectSeries(events, chunks.values),
    loads: seconds.values.sort((a, b) => a.at - b.at),
    gaps,
    complete: events.some(event => event.type === 'run.ended'),
  };
}
