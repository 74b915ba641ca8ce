import {compilePattern} from '../../quantities/pattern.js';
import type {Clock} from '../../system/clock.js';
import type {ProbedTarget} from '../contract.js';
import {FileSource} from './file.js';
import {FollowedLog, type ReadEvent} from './followed.js';
import type {LogSink, LogSource} from './source.js';
import type {LogPlace, LogSpec} from './spec.js';
import {StreamSource} from './target.js';
import {noValue} from '../missing.js';

/** What it takes to follow a log. */
export interface LogOptions {
  readonly clock: Pick<Clock, 'sleep' | 'mono'>;
  readonly redact: (text: string) => string;
  readonly targets: Readonly<Record<string, ProbedTarget>>;
  readonly onEvent: (event: ReadEvent) => void;
}

/** A log, and what brings its lines. */
export interface OpenLog {
  readonly log: FollowedLog;
  readonly sources: readonly LogSource[];
}

/** Follows a log from now on. What cannot be followed is in trouble from the beginning. */
export function openLog({errors, place}: LogSpec, {clock, redact, targets, onEvent}: LogOptions): OpenLog {
  const pattern = errors === undefined ? undefined : compilePattern(errors, {lines: true});
  const log = new FollowedLog({mono: () => clock.mono(), redact, errors: pattern, onEvent});
  return {log, sources: sourcesOf(place, {sink: log, clock, targets})};
}

function sourcesOf(
  place: LogPlace,
  {sink, clock, targets}: Pick<LogOptions, 'clock' | 'targets'> & {readonly sink: LogSink},
): readonly LogSource[] {
  if ('file' in place) return [new FileSource(() => Promise.resolve(place.file), sink, clock)];
  const {reader, refs} = targets[place.target] ?? {refs: []};
  return refs.flatMap(ref => {
    const log = reader?.log?.(ref);
    if (log === undefined) {
      sink.trouble(noValue('between', `nobody can tell what ${ref.name} writes`));
      return [];
    }
    return 'file' in log ? new FileSource(() => log.file(), sink, clock) : new StreamSource(log, sink, clock);
  });
}
