import type {LoadSecond, Sample} from '../signals/contract.js';
import type {Disk} from '../system/files.js';
import {FiredrillError} from '../system/error.js';
import type {Evidence, Series} from './evidence.js';
import {has, isEvent, type Event} from './events.js';
import {recordPaths} from './paths.js';
import type {SampleChunk} from './writer.js';

interface Lines<T> {
  readonly values: T[];
  /** How many lines were no JSON: a write that did not end, or damage. */
  readonly torn: number;
  /** How many say something else, in a version of their own. */
  readonly strange: number;
}

/** Reads the lines of an ndjson text that are whole and as expected; says how many were not. */
export function parseLines<T>(text: string, accept: (value: unknown) => value is T): Lines<T> {
  const values: T[] = [];
  let torn = 0;
  let strange = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    try {
      const value: unknown = JSON.parse(line);
      if (accept(value)) values.push(value);
      else strange++;
    } catch {
      torn++;
    }
  }
  return {values, torn, strange};
}

const isChunk = (value: unknown): value is SampleChunk => has(value, 's', 'at', 't', 'v', 'd');
const isSecond = (value: unknown): value is LoadSecond => has(value, 'load', 'at', 'intended', 'outcomes');

/** The events of a text, and what is known beside it, in the order they happened: by epoch, then number, each once. */
export function parseEvents(
  text: string,
  known: readonly Event[] = [],
): {events: Event[]; torn: number; strange: number} {
  const {values: read, torn, strange} = parseLines(text, isEvent);
  const values = [...read, ...known];
  const seen = new Set<string>();
  const events = values.filter(event => {
    const key = `${event.epoch}:${event.seq}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  events.sort((a, b) => a.epoch - b.epoch || a.seq - b.seq);
  return {events, torn, strange};
}

function samplesOf(chunk: SampleChunk): Sample[] {
  return chunk.t.map((t, i) => {
    const why = chunk.why?.[i];
    const missing = chunk.missing?.[i];
    const lasts = chunk.lasts?.[i];
    const counted = chunk.counted?.[i];
    return {
      t: chunk.at + t,
      d: chunk.d[i] ?? 0,
      value: chunk.v[i] ?? null,
      ...(why === undefined ? {} : {why}),
      ...(missing === undefined ? {} : {missing}),
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

/** Lines that are lost, for whatever reason. */
function gone({torn, strange}: {readonly torn: number; readonly strange: number}): number {
  return torn + strange;
}

/** What a runner knows of a record that it could not write to its end. */
export interface Unwritten {
  readonly events: readonly Event[];
  readonly why: string;
}

/**
 * Reads a run folder back, together with what could not be written into it where its runner still lives. Torn lines and
 * missing files are listed in `gaps`, never thrown.
 * @throws FiredrillError RECORD_UNREADABLE when there is no event at all.
 */
export async function readEvidence(disk: Disk, folder: string, unwritten?: Unwritten): Promise<Evidence> {
  const paths = recordPaths(folder);
  const [eventText, sampleText, loadText] = await Promise.all([
    disk.read(paths.events),
    disk.read(paths.samples),
    disk.read(paths.loads),
  ]);
  const {events, torn, strange} = parseEvents(eventText ?? '', unwritten?.events);
  const started = events.find(event => event.type === 'run.started');
  if (started?.type !== 'run.started') {
    throw new FiredrillError(
      'RECORD_UNREADABLE',
      `Expected the record of a run in \`${folder}\`; found no run.started event.`,
      {
        hint:
          strange > 0
            ? `It holds ${strange} line(s) that this version does not know: read it with the version that wrote it.`
            : 'Is this a run folder (.firedrill/runs/<id>)?',
      },
    );
  }
  const chunks = parseLines(sampleText ?? '', isChunk);
  const seconds = parseLines(loadText ?? '', isSecond);
  const gaps = [
    ...(unwritten === undefined ? [] : [`the record could not be written to its end: ${unwritten.why}`]),
    ...(torn > 0 ? [`${torn} torn line(s) in events.ndjson`] : []),
    ...(strange > 0 ? [`${strange} line(s) in events.ndjson that this version of Firedrill does not know`] : []),
    ...(gone(chunks) > 0 ? [`${gone(chunks)} torn line(s) in samples.ndjson`] : []),
    ...(gone(seconds) > 0 ? [`${gone(seconds)} torn line(s) in load.ndjson`] : []),
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
